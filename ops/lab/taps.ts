// Taps as the tap-listener's logs tell of them: how each one ended, or that it did not count.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Reason } from '../../contracts/reasons.ts';

export const STAGES = ['accept', 'resolve', 'credential', 'inject', 'total'] as const;
export type Stage = (typeof STAGES)[number];

/** Milliseconds from t0 to the end of a stage (of `inject`: to its begin); null where it was not reached. */
export type StageMs = Readonly<Record<Stage, number | null>>;

export interface TapLine {
  readonly outcome: Outcome | 'dropped' | 'unanswered';
  /** Of a dropped tap: why it did not count. */
  readonly reason: Reason | (string & {});
  readonly ms: StageMs;
}

const LOOK_EVERY_MS = 15;
const CHUNK_BYTES = 65_536;
const LOGS = { Profile: 'tap.profile', App: 'tap.dropped' } as const;
type LogName = keyof typeof LOGS;

export const NOTHING_MEASURED: StageMs = { accept: null, resolve: null, credential: null, inject: null, total: null };

/** Calls `ended` for each tap that ends from now on, in order. Close it with what it returns. */
export function followTaps(sessionDirectory: string, ended: (line: TapLine) => void): () => void {
  const tails = (Object.keys(LOGS) as LogName[]).map((name) => new Tail(join(sessionDirectory, 'logs', name), LOGS[name]));
  const look = (): void => {
    for (const tail of tails) for (const line of tail.fresh()) ended(lineOf(line));
  };
  for (const tail of tails) tail.fresh();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

interface Logged {
  readonly msg?: string;
  readonly outcome?: Outcome;
  readonly reason?: Reason;
  readonly why?: string;
  readonly stages?: Partial<Record<Stage, number>>;
}

function lineOf({ outcome, reason, why, stages = {} }: Logged): TapLine {
  if (outcome === undefined) return { outcome: 'dropped', reason: why ?? 'unreadable', ms: NOTHING_MEASURED };
  const ms = Object.fromEntries(STAGES.map((stage) => [stage, stages[stage] ?? null])) as StageMs;
  return { outcome, reason: reason ?? '', ms };
}

/** The end of the day's file of a log folder: lines of one event that were not given yet. */
class Tail {
  readonly #folder: string;
  readonly #event: string;
  #file = '';
  #offset = 0;
  #rest = '';

  constructor(folder: string, event: string) {
    this.#folder = folder;
    this.#event = event;
  }

  fresh(): Logged[] {
    const file = join(this.#folder, `tapline_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}.log`);
    if (file !== this.#file) [this.#file, this.#offset, this.#rest] = [file, 0, ''];
    if (!existsSync(file)) return [];
    const lines = (this.#rest + this.#read(file)).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => JSON.parse(line) as Logged).filter(({ msg }) => msg === this.#event);
  }

  #read(file: string): string {
    const descriptor = openSync(file, 'r');
    try {
      const parts: Buffer[] = [];
      while (this.#offset < fstatSync(descriptor).size) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const bytes = readSync(descriptor, chunk, 0, CHUNK_BYTES, this.#offset);
        this.#offset += bytes;
        parts.push(chunk.subarray(0, bytes));
      }
      return Buffer.concat(parts).toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  }
}
