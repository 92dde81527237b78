// Waiting for what shall become true, with a bound: nobody here sleeps for a time that seems long enough.
import { setTimeout as after } from 'node:timers/promises';

const LOOK_AGAIN_MS = 10;

export class TooLate extends Error {
  override readonly name = 'TooLate';

  constructor(what: string, withinMs: number) {
    super(`${what}: not within ${withinMs} ms`);
  }
}

/** Resolves with how long it took, in ms. Rejects with `TooLate`. */
export async function until(what: string, withinMs: number, isSo: () => boolean | Promise<boolean>): Promise<number> {
  const begin = performance.now();
  while (!(await isSo())) {
    if (performance.now() - begin > withinMs) throw new TooLate(what, withinMs);
    await after(LOOK_AGAIN_MS);
  }
  return performance.now() - begin;
}
