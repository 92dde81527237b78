// Can a person see a field? It must be what is found at its own middle: nothing lies over it, and it is not cut away. What
// a program cannot tell is whether the field, or what lies over it, is transparent: an invisible field over which nothing
// lies passes for a visible one.
import type { Trouble } from '../port.ts';
import { State, hasState, sameElement } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { troubled } from './sight.ts';
import { pause } from './waiting.ts';
import type { Rectangle } from './x11.ts';

/** A Chromium answers at once from what it remembers, asks the page meanwhile, and answers the next question by that. */
const ANSWERED_WITHIN_MS = 5;
/** An answer that something lies over the field counts if it stands for so many questions: a page that has just opened is late. */
const ASKED_TIMES = 16;
const OUT_OF_VIEW = troubled('element-hidden', 'the field is not in view, though it has the focus');
const COVERED = troubled('element-hidden', 'something lies over the field');
const INSIDE_DEPTH = 3;
const AROUND_DEPTH = 4;

/** Has a Chromium ask its page ahead what is at the middle of a field: what is looked at later is then known at once. */
export async function lookAhead(a11y: Accessibility, frame: Element, field: Element): Promise<void> {
  await a11y.elementAt(frame, middleOf(await a11y.extents(field)));
}

export interface Need {
  /** False: a field that has to be scrolled to may be out of view. */
  readonly focused: boolean;
  /** The page has shown something that was sent to it since it was last asked: what it is asked now, it answers right. */
  readonly answered?: boolean;
}

/** Trouble if something else is on top at the middle of a field. */
export async function covered(a11y: Accessibility, frame: Element, field: Element, need: Need): Promise<Trouble | null> {
  const [place, window, states] = await Promise.all([a11y.extents(field), a11y.extents(frame), a11y.states(field)]);
  const middle = middleOf(place);
  if (!hasState(states, State.showing) || !contains(window, middle)) return need.focused ? OUT_OF_VIEW : null;
  for (let asked = 0; asked < ASKED_TIMES; asked++) {
    const top = await a11y.elementAt(frame, middle);
    const counts = asked > 0 || need.answered === true;
    if (counts && top !== null && (await shows(a11y, top, field))) return null;
    await pause(ANSWERED_WITHIN_MS);
  }
  return COVERED;
}

/** The field itself, what is inside of it, or a label that lies over it. */
async function shows(a11y: Accessibility, top: Element, field: Element): Promise<boolean> {
  if (sameElement(top, field)) return true;
  const [around, labels] = await Promise.all([ancestry(a11y, top, INSIDE_DEPTH), a11y.labelsOf(field)]);
  if (has(around, field)) return true;
  const label = labels.find((one) => has([top, ...around], one));
  // A label that holds the field is found where the field itself is not painted.
  return label !== undefined && !has(await ancestry(a11y, field, AROUND_DEPTH), label);
}

async function ancestry(a11y: Accessibility, element: Element, depth: number): Promise<Element[]> {
  const found: Element[] = [];
  for (let at = await a11y.parent(element); at !== null && found.length < depth; at = await a11y.parent(at)) found.push(at);
  return found;
}

export const middleOf = ({ x, y, width, height }: Rectangle): { x: number; y: number } => ({ x: x + Math.floor(width / 2), y: y + Math.floor(height / 2) });
const has = (list: readonly Element[], element: Element): boolean => list.some((one) => sameElement(one, element));
const contains = ({ x, y, width, height }: Rectangle, at: { x: number; y: number }): boolean =>
  at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;
