// Can a person see a field? It must be what is found at its own middle: nothing lies over it, and it is not cut away. What
// a program cannot tell, that the field is transparent, say, is looked for on the screen (`painted.ts`).
import type { Trouble } from '../port.ts';
import { Assuming } from './assuming.ts';
import { State, Toolkit, hasState, refOf, sameElement } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { troubled } from './sight.ts';
import { pause } from './waiting.ts';
import type { Rectangle, X11 } from './x11.ts';

/** A Chromium answers at once from what it remembers, asks the page meanwhile, and answers the next question there by that. */
const ANSWERED_WITHIN_MS = 5;
/** An answer of the page tells of the moment for so long. */
const FRESH_MS = 30;
/** A field without the focus is looked at again when it has it: that it was seen so lately will do until then. */
const LATELY_MS = 250;
/** An answer that something lies over the field counts if it stands for so many questions: a page that has just opened is late. */
const ASKED_TIMES = 16;
const OUT_OF_VIEW = troubled('element-hidden', 'the field is not in view, though it has the focus');
const COVERED = troubled('element-hidden', 'something lies over the field');
const INSIDE_DEPTH = 3;
const AROUND_DEPTH = 4;

export interface Need {
  /** False: a field that has to be scrolled to may be out of view. */
  readonly focused: boolean;
  /** The page has shown something that was sent to it since it was last asked: what it is asked now, it answers right. */
  readonly answered?: boolean;
}

/** A field, in which window: as the X server numbers it, and as its program tells it. */
export interface Spot {
  readonly window: number;
  readonly frame: Element;
  readonly field: Element;
}

type Place = { readonly x: number; readonly y: number };

/** The place that was asked about last: a Chromium remembers one answer. */
interface Asked extends Place {
  readonly field: Element;
  /** When the page was asked what it may not have answered yet, and what it has answered by now. */
  openMs: number;
  answeredMs: number;
}

interface Top {
  readonly top: Element | null;
  /** The page itself said so lately. */
  readonly answered: boolean;
  /** When it will have answered this question. */
  readonly againMs: number;
}

export class Visibility {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #middles = new Assuming<Place>((a, b) => a.x === b.x && a.y === b.y);
  #asked: Asked | null = null;
  #seen: (Place & { readonly field: Element; readonly atMs: number }) | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(x11: X11, a11y: Accessibility) {
    this.#x11 = x11;
    this.#a11y = a11y;
  }

  /** Where a field is on the screen, in pixels; Firefox tells it in units of GTK, of which one may be several. Throws `BusError`. */
  async placeOf({ window, frame, field }: Spot): Promise<Rectangle> {
    const isFirefox = (await this.#a11y.toolkitOf(frame.sender)) === Toolkit.firefox;
    const [place, told] = await Promise.all([this.#a11y.extents(field), isFirefox ? this.#a11y.extents(frame) : null]);
    const shown = told && this.#x11.rectangleOf(window);
    return told && shown && told.width > 0 ? scaled(place, shown.width / told.width) : place;
  }

  /** What of a window is on the screen. By the X server: a Chromium tells of its fields in pixels, and of its windows in units. */
  shownOf(window: number): Rectangle {
    const place = this.#x11.rectangleOf(window);
    return (place && this.#x11.onScreen(place)) ?? NOWHERE;
  }

  /** Has a Chromium ask its page ahead what is at the middle of a field: what is looked at soon is then known at once. */
  async lookAhead(frame: Element, field: Element): Promise<void> {
    await this.#middles.use(refOf(field), async () => middleOf(await this.#a11y.extents(field)), (middle) => this.#topAt(frame, field, middle));
  }

  /** Trouble if something else is on top at the middle of a field, or if that is not on the screen. One field at a time. Throws `BusError`. */
  covered(spot: Spot, need: Need): Promise<Trouble | null> {
    const looked = this.#last.then(() => this.#covered(spot, need));
    this.#last = looked.catch(() => undefined);
    return looked;
  }

  async #covered(spot: Spot, need: Need): Promise<Trouble | null> {
    const { window, frame, field } = spot;
    const lookAt = async (middle: Place): Promise<{ readonly middle: Place; readonly first: Top | null }> =>
      ({ middle, first: !need.focused && this.#wasSeenLately(field, middle) ? null : await this.#topAt(frame, field, middle) });
    const find = async (): Promise<Place> => middleOf(await this.placeOf(spot));
    const [{ middle, first }, states] = await Promise.all([this.#middles.use(refOf(field), find, lookAt), this.#a11y.states(field)]);
    if (!hasState(states, State.showing) || !contains(this.shownOf(window), middle)) return need.focused ? OUT_OF_VIEW : null;
    if (first === null) return null;
    for (let asked = 0; asked < ASKED_TIMES; asked++) {
      const { top, answered, againMs } = asked === 0 ? first : await this.#topAt(frame, field, middle);
      if ((answered || need.answered === true) && top !== null && (await shows(this.#a11y, top, field))) {
        this.#seen = { field, ...middle, atMs: performance.now() };
        return null;
      }
      await pause(againMs);
    }
    this.#seen = null;
    return COVERED;
  }

  #wasSeenLately(field: Element, at: Place): boolean {
    return isAt(this.#seen, field, at) && performance.now() - this.#seen.atMs <= LATELY_MS;
  }

  async #topAt(frame: Element, field: Element, { x, y }: Place): Promise<Top> {
    const nowMs = performance.now();
    let asked = this.#asked;
    if (!isAt(asked, field, { x, y })) {
      this.#asked = asked = { field, x, y, openMs: nowMs, answeredMs: Number.NEGATIVE_INFINITY };
    } else if (nowMs - asked.openMs >= ANSWERED_WITHIN_MS) {
      [asked.answeredMs, asked.openMs] = [asked.openMs, nowMs];
    }
    const answered = nowMs - asked.answeredMs <= FRESH_MS;
    return { top: await this.#a11y.elementAt(frame, { x, y }), answered, againMs: asked.openMs + ANSWERED_WITHIN_MS - nowMs };
  }
}

function isAt<T extends Place & { readonly field: Element }>(known: T | null, field: Element, { x, y }: Place): known is T {
  return known !== null && known.x === x && known.y === y && sameElement(known.field, field);
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

const NOWHERE: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
const scaled = ({ x, y, width, height }: Rectangle, by: number): Rectangle =>
  ({ x: Math.round(x * by), y: Math.round(y * by), width: Math.round(width * by), height: Math.round(height * by) });
export const middleOf = ({ x, y, width, height }: Rectangle): Place => ({ x: Math.floor(x + width / 2), y: Math.floor(y + height / 2) });
const has = (list: readonly Element[], element: Element): boolean => list.some((one) => sameElement(one, element));
const contains = ({ x, y, width, height }: Rectangle, at: Place): boolean =>
  at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;
