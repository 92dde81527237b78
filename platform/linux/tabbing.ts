// Moves the focus by Tab, one press at a time, in a program that has no other way: GTK 4 before 4.10.
import { isTrouble } from '../port.ts';
import type { Target, Trouble } from '../port.ts';
import type { Aim } from './aim.ts';
import { State, hasState, sameElement } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { comparePlaces } from './fields.ts';
import { Step } from './keys.ts';
import type { Keys } from './keys.ts';
import { troubled } from './sight.ts';
import { ended, until } from './waiting.ts';

/** What may lie between two fields of a pair, and some more. */
const PRESSES_MAX = 8;
const MOVE_MS = 300;

export interface Tabbing {
  readonly a11y: Accessibility;
  readonly aim: Aim;
  readonly keys: Keys;
}

/** Presses Tab, or Shift-Tab where the element lies before the focused one, until the element has the focus. Throws `BusError`. */
export async function tabTo({ a11y, aim, keys }: Tabbing, target: Target, element: Element, signal: AbortSignal): Promise<Trouble | null> {
  let step: Step | undefined;
  for (let presses = 0; presses <= PRESSES_MAX; presses++) {
    const focused = await aim.focused(target);
    if (focused === null || isTrouble(focused)) return focused ?? troubled('focus-lost', 'nothing in the window has the focus');
    if (sameElement(focused, element) || (await aim.holdsFocus(target, element))) return null;
    const states = await a11y.states(focused);
    if (hasState(states, State.multiLine)) return troubled('focus-lost', 'a Tab would be written where the focus is');
    if (signal.aborted) return ended(signal);
    step ??= (await isBefore(a11y, element, focused)) ? Step.back : Step.next;
    const trouble = await keys.step(target, step);
    if (trouble !== null) return trouble;
    const left = async (): Promise<boolean> => !hasState(await a11y.states(focused).catch(() => []), State.focused);
    if (!(await until(left, MOVE_MS, signal))) break;
  }
  return troubled('focus-lost', 'Tab did not lead to the field');
}

async function isBefore(a11y: Accessibility, element: Element, other: Element): Promise<boolean> {
  const [at, otherAt] = await Promise.all([a11y.extents(element), a11y.extents(other)]);
  return comparePlaces(at, otherAt) < 0;
}
