// Finds one's way from the X window in front to the focused element and its document; looking and acting share it.
import { isTrouble } from '../port.ts';
import type { Trouble, WindowFacts } from '../port.ts';
import type { Reason } from '../../contracts/reasons.ts';
import { Assuming } from './assuming.ts';
import { BusError } from './bus.ts';
import { Role, State, Toolkit, hasState, refOf, sameElement } from './atspi.ts';
import type { Accessibility, Element, StateSet } from './atspi.ts';
import { isUnsupported, walk } from './fields.ts';
import type { Listening } from './listening.ts';
import type { Rectangle, X11 } from './x11.ts';

/** What encloses an element; null where there is none. */
export interface Ancestry {
  readonly document: Element | null;
  /** The top level window as the program tells it. */
  readonly top: Element | null;
}

const UNKNOWN: Ancestry = { document: null, top: null };
const DOCUMENT_ROLES: readonly number[] = [Role.documentWeb, Role.documentFrame];
const ANCESTORS_MAX = 120;
const ANCESTRIES_MAX = 1024;
const EXTENTS_TOLERANCE = 8;
const DROP_DOWN_DEPTH = 3;
/** They answer no search: asking them first takes a moment of each look. */
const SEARCHLESS: readonly string[] = [Toolkit.qt, Toolkit.gtk4];
const FocusRank = { outside: 0, inside: 1, document: 2 } as const;

export class Sight {
  readonly #a11y: Accessibility;
  readonly #x11: X11;
  readonly #applications = new Map<number, Element>();
  readonly #ancestries = new Map<string, Ancestry>();
  readonly #exposing = new Set<string>();
  readonly #documents = new Assuming<readonly Element[]>((a, b) => a.length === b.length && a.every((one, at) => sameElement(one, b[at]!)));
  readonly #listening: Listening | undefined;
  #lastFocused: Element | null = null;

  /** Without `listening`, no program is listened to from here. */
  constructor(x11: X11, a11y: Accessibility, listening?: Listening) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#listening = listening;
  }

  /** The program's own element of an X window, which is the one in front unless told otherwise. Throws `BusError`. */
  async frameOf(window: WindowFacts, inFront = true): Promise<Element | Trouble> {
    const known = this.#applications.get(window.pid);
    const tops = known && (await this.#a11y.children(known).catch(() => null));
    if (tops) return this.#frameAmong(tops, window, inFront);
    const application = await this.#applicationOf(window.pid);
    if (application === null) return troubled('no-accessibility', 'the application is not on the accessibility bus');
    if (this.#applications.size >= ANCESTRIES_MAX) this.#applications.clear();
    this.#applications.set(window.pid, application);
    await this.#listening?.meet(application.sender);
    return this.#frameAmong(await this.#a11y.children(application), window, inFront);
  }

  /** Takes note of what a program told. */
  hearFocus(element: Element): void {
    this.#lastFocused = element;
  }

  /** Remembered: an element keeps its document. Throws `BusError`. */
  async ancestryOf(element: Element): Promise<Ancestry> {
    return this.#ancestries.get(refOf(element)) ?? this.#climb(element);
  }

  /** All documents in a window, inner ones too. Throws `BusError`. */
  async documents(frame: Element): Promise<{ readonly element: Element; readonly url: string | null }[]> {
    const urlOf = (element: Element): Promise<string | null> => this.#a11y.documentUrl(element).catch(() => null);
    const find = (): Promise<readonly Element[]> => this.#a11y.matches(frame, { roles: DOCUMENT_ROLES });
    return this.#documents.use(refOf(frame), find, (found) => Promise.all(found.map(async (element) => ({ element, url: await urlOf(element) }))));
  }

  /**
   * URL of the outermost document around one of a window; trouble where it is not in there. Never remembered: while a page
   * is built, a frame of it hangs beside the page for a moment, as if it were one itself. Throws `BusError`.
   */
  async pageUrlOf(document: Element, frame: Element): Promise<string | null | Trouble> {
    const documents = await this.#a11y.matches(frame, { roles: DOCUMENT_ROLES });
    if (!documents.some((one) => sameElement(one, document))) return troubled('ambiguous-window', 'the document is not in its window yet');
    const others = documents.filter((one) => !sameElement(one, document));
    const inside = await Promise.all(others.map((one) => this.#a11y.matches(one, { roles: DOCUMENT_ROLES })));
    const around = others.find((_, at) => inside[at]?.some((one) => sameElement(one, document)));
    return this.#a11y.documentUrl(around ?? document);
  }

  /** The drop-down around a focused element: in GTK its inner button has the focus, not the field. Throws `BusError`. */
  async dropDownAround(focused: Element): Promise<Element | null> {
    let at: Element | null = focused;
    for (let depth = 0; at !== null && depth < DROP_DOWN_DEPTH; depth++) {
      if ((await this.#a11y.role(at)) === Role.comboBox) return at;
      at = await this.#a11y.parent(at);
    }
    return null;
  }

  /** True if a field has the focus, and nothing else. Throws `BusError`. */
  async holdsFocus(frame: Element, field: Element): Promise<boolean> {
    if (SEARCHLESS.includes(await this.#a11y.toolkitOf(frame.sender)) && (await this.#hasFocus(field, frame))) return true;
    const focused = await this.focusedIn(frame);
    if (focused === null || isTrouble(focused)) return false;
    if (sameElement(focused, field)) return true;
    const dropDown = await this.dropDownAround(focused);
    return dropDown !== null && sameElement(dropDown, field);
  }

  /**
   * The one element of a window that has the focus; null if none has. A page's field still says that it has it while
   * the keys go to the address bar, and a document may say so of itself: what lies outside of documents comes first,
   * documents last, and two alike leave it open. Throws `BusError`.
   */
  async focusedIn(frame: Element): Promise<Element | Trouble | null> {
    const found = await this.#searchFocused(frame);
    const [only, ...others] = found;
    if (only === undefined) return this.#focusedAside(frame);
    if (others.length === 0) return only;
    const ranks = await Promise.all(found.map((element) => this.#focusRank(element)));
    const best = Math.min(...ranks);
    const left = found.filter((_, index) => ranks[index] === best);
    if (left.length === 1 || best === FocusRank.document) return left.at(-1) ?? null;
    return troubled('ambiguous-window', 'several elements say that they have the focus');
  }

  async #focusRank(element: Element): Promise<number> {
    if (DOCUMENT_ROLES.includes(await this.#a11y.role(element))) return FocusRank.document;
    return (await this.ancestryOf(element)).document === null ? FocusRank.outside : FocusRank.inside;
  }

  async #searchFocused(frame: Element): Promise<Element[]> {
    try {
      if (!SEARCHLESS.includes(await this.#a11y.toolkitOf(frame.sender))) return await this.#a11y.matches(frame, { states: [State.focused] });
    } catch (error) {
      if (!isUnsupported(error)) throw error;
    }
    const still = await this.#stillFocused(frame);
    if (still !== null) return [still];
    const found = await walk(this.#a11y, frame, async (role, element) => isFocused(role, await this.#statesOf(element)));
    if (found.length === 1) this.#lastFocused = found[0]!;
    return found;
  }

  // Walking a large window takes long, and what was last found, or told, to have the focus has it most often.
  async #stillFocused(frame: Element): Promise<Element | null> {
    const last = this.#lastFocused;
    return last !== null && last.sender === frame.sender && (await this.#hasFocus(last, frame)) ? last : null;
  }

  async #hasFocus(element: Element, frame: Element): Promise<boolean> {
    const [role, states, { top }] = await Promise.all([
      this.#a11y.role(element).catch(() => 0), this.#statesOf(element), this.ancestryOf(element).catch(() => UNKNOWN),
    ]);
    return isFocused(role, states) && top !== null && sameElement(top, frame);
  }

  #statesOf(element: Element): Promise<StateSet> {
    return this.#a11y.states(element).catch(() => []);
  }

  // The button inside of a GTK 3 drop-down is nobody's child, though it has a parent: only its focus event tells of it.
  async #focusedAside(frame: Element): Promise<Element | null> {
    const last = this.#lastFocused;
    if (last === null || last.sender !== frame.sender) return this.#onlyDropDown(frame);
    return this.#stillFocused(frame);
  }

  // A drop-down that has had the focus since before anybody listened told nobody. While nothing else in an active window
  // has the focus and the program has told of no focus yet, it is where the keys go; of several nobody knows which.
  async #onlyDropDown(frame: Element): Promise<Element | null> {
    if ((await this.#a11y.toolkitOf(frame.sender)) !== Toolkit.gtk3 || !hasState(await this.#a11y.states(frame), State.active)) return null;
    const [only, ...others] = await this.#a11y.matches(frame, { roles: [Role.comboBox], states: [State.showing] });
    if (others.length > 0) await this.#listening?.follow(frame.sender);
    return only === undefined || others.length > 0 ? null : only;
  }

  // Up to the first element whose ancestry is known: two fields of a form share all but the last step.
  async #climb(element: Element): Promise<Ancestry> {
    const path: { readonly element: Element; readonly isDocument: boolean }[] = [];
    let [known, whole]: [Ancestry | undefined, boolean] = [undefined, false];
    for (let at: Element | null = element; at !== null && known === undefined && path.length < ANCESTORS_MAX; ) {
      const [role, above]: [number, Element | null] = await Promise.all([this.#a11y.role(at), this.#a11y.parent(at)]);
      whole = role === Role.application;
      if (whole) break;
      path.push({ element: at, isDocument: DOCUMENT_ROLES.includes(role) });
      at = above;
      known = at === null ? undefined : this.#ancestries.get(refOf(at));
    }
    let ancestry: Ancestry = known ?? { document: null, top: path.at(-1)?.element ?? null };
    if (this.#ancestries.size + path.length > ANCESTRIES_MAX) this.#ancestries.clear();
    for (const { element: at, isDocument } of path.reverse()) {
      if (isDocument) ancestry = { ...ancestry, document: at };
      // A page that is being built is not attached to its window yet: that is not worth remembering.
      if (whole || known !== undefined) this.#ancestries.set(refOf(at), ancestry);
    }
    return ancestry;
  }

  async #applicationOf(pid: number): Promise<Element | null> {
    for (const application of await this.#a11y.applications()) {
      if ((await this.#a11y.pidOf(application.sender).catch(() => 0)) === pid) return application;
    }
    return null;
  }

  // Two windows of one process may bear the same title, and a program marks its window active only after the first
  // change; where neither name, mark nor place decides, nothing does.
  async #frameAmong(tops: readonly Element[], window: WindowFacts, inFront: boolean): Promise<Element | Trouble> {
    const only = tops[0];
    if (only === undefined) return troubled('no-accessibility', 'the application exposes no window');
    if (tops.length === 1) return this.#exposed(only);
    const place = this.#x11.rectangleOf(Number(window.id));
    const facts = await Promise.all(tops.map(async (top) => {
      const [name, states, extents] = await Promise.all([this.#a11y.name(top), this.#a11y.states(top), this.#a11y.extents(top).catch(() => null)]);
      return { top, named: name === window.title, active: hasState(states, State.active), placed: isAt(extents, place) };
    }));
    const named = facts.some(({ named }) => named) ? facts.filter(({ named }) => named) : facts;
    const placed = named.some(({ placed }) => placed) ? named.filter(({ placed }) => placed) : named;
    const alike = placed.filter(({ active }) => active === inFront);
    const left = alike.length > 0 ? alike : placed;
    const [chosen, ...others] = left;
    if (chosen === undefined || others.length > 0) return troubled('ambiguous-window', 'several windows of the application look alike');
    return this.#exposed(chosen.top);
  }

  async #exposed(frame: Element): Promise<Element | Trouble> {
    if (this.#exposing.has(refOf(frame))) return frame;
    if ((await this.#a11y.toolkitOf(frame.sender)) !== 'Chromium' || (await this.#a11y.children(frame)).length > 0) {
      if (this.#exposing.size >= ANCESTRIES_MAX) this.#exposing.clear();
      this.#exposing.add(refOf(frame));
      return frame;
    }
    return { ...troubled('no-accessibility', 'Chromium exposes no fields: start it with --force-renderer-accessibility=basic'), remedy: 'accessibility-flag' };
  }
}

/** What an error of the accessibility bus means for the person. Throws what is not one. */
export function troubleOf(error: unknown, gone: Reason): Trouble {
  if (!(error instanceof BusError)) throw error;
  if (error.error === 'closed') return troubled('no-desktop', 'the accessibility bus is gone');
  if (error.error === 'timeout') return troubled('no-accessibility', `the application does not answer: ${error.message}`);
  return troubled(gone, error.message);
}

export const troubled = (trouble: Reason, detail: string): Trouble => ({ trouble, detail });

export const LOST = troubled('focus-lost', 'the focus left the field while typing');

/** Trouble if the element no longer has the focus. A busy program that does not answer has not said so. */
export async function lostFocus(a11y: Accessibility, element: Element): Promise<Trouble | null> {
  const states = await a11y.states(element).catch((error: unknown) => troubleOf(error, 'element-gone'));
  if ('trouble' in states) return isSilent(states) ? null : states;
  return hasState(states, State.focused) ? null : LOST;
}

/** True of the trouble that `troubleOf` makes of a call that was not answered in time: the next one may be. */
export const isSilent = ({ trouble }: Trouble): boolean => trouble === 'no-accessibility';

// An option of a Qt drop-down says that it has the focus long after the drop-down lost it.
const isFocused = (role: number, states: StateSet): boolean => role !== Role.listItem && hasState(states, State.focused);

function isAt(extents: Rectangle | null, place: Rectangle | null): boolean {
  if (extents === null || place === null) return false;
  const apart = Math.abs(extents.x - place.x) + Math.abs(extents.y - place.y) + Math.abs(extents.width - place.width) + Math.abs(extents.height - place.height);
  return apart < EXTENTS_TOLERANCE;
}
