// Time as the actors know it: one monotonic clock of the host, and wall time for people.

/** Microseconds of the monotonic clock; the same clock in every process of a host. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

export interface Clock {
  nowUs(): number;
  /** Milliseconds since 1970. */
  wallMs(): number;
}

export const systemClock: Clock = { nowUs, wallMs: () => Date.now() };

export const US_PER_MS = 1000;
export const msToUs = (ms: number): number => Math.round(ms * US_PER_MS);
