// What goes wrong with the lab's NES, when, and how often: chosen by a test, drawn from a seed.
import type { NesRouteName } from '../../../contracts/external/nes.ts';

export type Fault =
  /** Answers, but late. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Answers with this status and no JSON. */
  | { readonly kind: 'status'; readonly status: number }
  /** Announces the whole body, sends half of it and closes. */
  | { readonly kind: 'truncated' }
  /** 200 with this body, said to be JSON. */
  | { readonly kind: 'body'; readonly text: string }
  /** 200 with a body of this size. */
  | { readonly kind: 'flood'; readonly bytes: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Takes the request and closes the connection. */
  | { readonly kind: 'drop' };

export interface FaultRule {
  readonly fault: Fault;
  /** Default: all routes. */
  readonly route?: NesRouteName;
  /** How often it strikes before it is gone. Default: for ever. */
  readonly times?: number;
  /** 0 to 1, drawn anew for each request. Default: 1. */
  readonly chance?: number;
}

/** The faults in force. The same seed and the same requests give the same faults. */
export class Faults {
  #rules: { readonly rule: FaultRule; left: number }[] = [];
  #random: number;

  constructor(seed: number) {
    this.#random = seed >>> 0;
  }

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? Infinity });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault that strikes this request: of the rules that fit, the first one drawn. */
  strike(route: NesRouteName): Fault | null {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (entry.left < 1 || (rule.route !== undefined && rule.route !== route)) continue;
      if (rule.chance !== undefined && this.#draw() >= rule.chance) continue;
      entry.left -= 1;
      return rule.fault;
    }
    return null;
  }

  /** Mulberry32: 0 to 1. */
  #draw(): number {
    this.#random = (this.#random + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), this.#random | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
