// Waits for something to become true, for a bounded time.
import type { Reason } from '../../contracts/reasons.ts';
import type { Trouble } from '../port.ts';
import { NO_NUDGE } from './nudge.ts';
import type { Nudge } from './nudge.ts';
import { troubled } from './sight.ts';

/** A program that has nothing else to do shows a change within so many questions: these follow each other at once. */
const LOOKS_AT_ONCE = 24;
const LOOK_AGAIN_MS = 2;

/** What is done between two looks at the same thing, after so many of them. */
export async function beforeNextLook(looks: number, nudge: Nudge): Promise<void> {
  nudge.again();
  if (looks >= LOOKS_AT_ONCE) await pause(LOOK_AGAIN_MS);
}

/** True as soon as `holds`; false after `withinMs`, or when `signal` ends. */
export async function until(holds: () => Promise<boolean>, withinMs: number, signal: AbortSignal, nudge: Nudge = NO_NUDGE): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  for (let looks = 1; !(await holds()); looks++) {
    if (signal.aborted || performance.now() > endMs) return false;
    await beforeNextLook(looks, nudge);
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

/** One turn of the event loop, in which an event of the desktop can be heard. */
export const turn = (): Promise<null> => new Promise((resolve) => setImmediate(() => resolve(null)));

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
