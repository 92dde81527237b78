// Timers as an argument, so that what waits can be run in another time.
import { nowUs } from './clock.ts';

export interface TimerClock {
  /** Monotonic microseconds. */
  nowUs(): number;
  /** Calls `fire` once after `ms`; the returned function takes it back. */
  after(ms: number, fire: () => void): () => void;
}

export const systemTimer: TimerClock = {
  nowUs,
  after(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
