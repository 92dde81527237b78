// How long to wait before another try, so that a thousand terminals do not come back to a restarted server at once.

export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Milliseconds before try number `attempt` (from 0): doubles from `minMs` to `maxMs`, half of it left to `random` in [0, 1). */
export function backoffMs(attempt: number, { minMs, maxMs }: Backoff, random: () => number): number {
  const fullMs = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(fullMs / 2 + (random() * fullMs) / 2);
}
