// Waits for something to become true, for a bounded time.
import type { Reason } from '../../contracts/reasons.ts';
import type { Trouble } from '../port.ts';
import { troubled } from './sight.ts';

const LOOK_AGAIN_MS = 3;

/** True as soon as `holds`; false after `withinMs`, or when `signal` ends. */
export async function until(holds: () => Promise<boolean>, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (signal.aborted || performance.now() > endMs) return false;
    await pause(LOOK_AGAIN_MS);
  }
  return true;
}

/** A signal that ends by itself, as something that was not applied. */
export function endingIn(ms: number): AbortSignal {
  const ending = new AbortController();
  setTimeout(() => ending.abort('not-applied' satisfies Reason), ms).unref();
  return ending.signal;
}

export const ended = (signal: AbortSignal): Trouble => troubled(signal.reason as Reason, 'the call was ended');

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
