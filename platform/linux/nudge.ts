// A Chromium tells of a character or a new focus when it draws its next picture, 60 times a second, or as soon as its page is
// asked something: to be asked costs it 3 ms, to wait 17. Other programs answer for the moment, and are not nudged.
import { Toolkit } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { middleOf } from './visible.ts';
import { pause, turn } from './waiting.ts';

/** A page that is asked before the key has reached it answers in vain; one that is asked all the time gets to nothing else. */
const REACHED_MS = 1;
const AGAIN_MS = 3;
/** Nothing is told sooner; a question meanwhile would only keep the program from it. Timers know whole milliseconds alone. */
const TELLS_AFTER_MS = 0.6;
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Has the program of an element tell what it has to tell; nothing comes of it where the program is gone. */
export interface Nudge {
  /** Called right after a key: nudges when the key has reached its page. */
  afterKey(): Promise<void>;
  /** Called between two looks; never waits. */
  again(): void;
}

/** The nudge for one element: its page is asked what lies at the middle of it, which changes nothing there. */
export function nudgeFor(a11y: Accessibility, { element, toolkit }: { readonly element: Element; readonly toolkit: string }): Nudge {
  if (toolkit !== Toolkit.chromium) return NO_NUDGE;
  const middle = a11y.extents(element).then(middleOf).catch(() => null);
  let lastMs = Number.NEGATIVE_INFINITY;
  const nudge = (): void => {
    lastMs = performance.now();
    void middle.then((at) => at && a11y.elementAt(element, at)).catch(() => undefined);
  };
  return {
    afterKey: async () => {
      await pause(REACHED_MS);
      nudge();
      await turn();
      Atomics.wait(never, 0, 0, TELLS_AFTER_MS);
    },
    again: () => (performance.now() - lastMs < AGAIN_MS ? undefined : nudge()),
  };
}

export const NO_NUDGE: Nudge = { afterKey: async () => undefined, again: () => undefined };
