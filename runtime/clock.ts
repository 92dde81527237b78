// Time as the actors know it: one monotonic clock of the host, and wall time for people.
import { readFileSync } from 'node:fs';

/** Microseconds of the monotonic clock; the same clock in every process of a host. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

export interface Clock {
  nowUs(): number;
  /** Milliseconds since 1970. */
  wallMs(): number;
}

export const systemClock: Clock = { nowUs, wallMs: () => Date.now() };

/** Names the boot of the host: stamps of another boot are of another clock. `unknown` where the system does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
