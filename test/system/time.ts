// Time and chance of a simulated world: both come from the seed alone.
import { VirtualAction, VirtualTimeScheduler } from 'rxjs';
import type { TimerClock } from '../../runtime/timer.ts';

/** RxJS' virtual time, stepped one action at a time, so that promises settle in between. */
export class VirtualTime extends VirtualTimeScheduler implements TimerClock {
  constructor() {
    super(VirtualAction, Number.POSITIVE_INFINITY);
  }

  /** Frames are milliseconds. */
  readonly nowUs = (): number => Math.round(this.frame * 1000);

  after(ms: number, fire: () => void): () => void {
    const action = this.schedule(() => fire(), Math.max(0, ms));
    return () => action.unsubscribe();
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Runs the next action, and what follows from it at once; false if there is none. */
  async step(): Promise<boolean> {
    const action = this.actions.shift();
    if (action === undefined) return false;
    this.frame = action.delay;
    const error: unknown = action.execute(action.state, action.delay);
    if (error !== undefined) throw error;
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
}

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 0x9e3779b1) >>> 0;
  }

  /** From 0 to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T;
  }
}
