// A Chromium tells of a character or a new focus when it draws its next picture, 60 times a second, or as soon as its page is
// asked something: to be asked costs it 3 ms, to wait 17. Other programs tell at once, and are not asked.
import { Toolkit } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { middleOf } from './visible.ts';

/** Has the program of an element tell what it has to tell; never waits, and nothing comes of it where the program is gone. */
export type Nudge = () => void;

/** The nudge for one element: its page is asked what lies at the middle of it, which changes nothing there. */
export function nudgeFor(a11y: Accessibility, { element, toolkit }: { readonly element: Element; readonly toolkit: string }): Nudge {
  if (toolkit !== Toolkit.chromium) return NO_NUDGE;
  const middle = a11y.extents(element).then(middleOf).catch(() => null);
  return () => void middle.then((at) => at && a11y.elementAt(element, at)).catch(() => undefined);
}

export const NO_NUDGE: Nudge = () => undefined;
