// Finds one's way from the X window in front to the focused element and its document; looking and acting share it.
import { isTrouble } from '../port.ts';
import type { Trouble, WindowFacts } from '../port.ts';
import type { Reason } from '../../contracts/reasons.ts';
import { BusError } from './bus.ts';
import { Role, State, hasState, refOf, sameElement } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import type { BusSignal } from './bus.ts';
import { isUnsupported, walk } from './fields.ts';
import type { Rectangle, X11 } from './x11.ts';

/** What encloses an element; null where there is none. */
export interface Ancestry {
  readonly document: Element | null;
  /** The top level window as the program tells it. */
  readonly top: Element | null;
}

const DOCUMENT_ROLES: readonly number[] = [Role.documentWeb, Role.documentFrame];
const ANCESTORS_MAX = 120;
const ANCESTRIES_MAX = 512;
const EXTENTS_TOLERANCE = 8;
const FOCUS_DEPTH = 3;
const FocusRank = { outside: 0, inside: 1, document: 2 } as const;

export class Sight {
  readonly #a11y: Accessibility;
  readonly #x11: X11;
  readonly #applications = new Map<number, Element>();
  readonly #ancestries = new Map<string, Ancestry>();
  #lastFocused: Element | null = null;

  constructor(x11: X11, a11y: Accessibility) {
    this.#x11 = x11;
    this.#a11y = a11y;
  }

  /** The program's own element of an X window. Throws `BusError`. */
  async frameOf(window: WindowFacts): Promise<Element | Trouble> {
    const known = this.#applications.get(window.pid);
    const tops = known && (await this.#a11y.children(known).catch(() => null));
    if (tops) return this.#frameAmong(tops, window);
    const application = await this.#applicationOf(window.pid);
    if (application === null) return troubled('no-accessibility', 'the application is not on the accessibility bus');
    if (this.#applications.size >= ANCESTRIES_MAX) this.#applications.clear();
    this.#applications.set(window.pid, application);
    return this.#frameAmong(await this.#a11y.children(application), window);
  }

  /** Takes note of a focus event. */
  hear(signal: BusSignal): void {
    if (signal.member !== 'StateChanged' || signal.body[0] !== 'focused' || signal.body[1] !== 1) return;
    this.#lastFocused = { sender: signal.sender, path: signal.path };
  }

  /** Remembered: an element keeps its document. Throws `BusError`. */
  async ancestryOf(element: Element): Promise<Ancestry> {
    const ref = refOf(element);
    const known = this.#ancestries.get(ref);
    if (known !== undefined) return known;
    const ancestry = await this.#climb(element);
    if (this.#ancestries.size >= ANCESTRIES_MAX) this.#ancestries.clear();
    this.#ancestries.set(ref, ancestry);
    return ancestry;
  }

  /** All documents in a window, inner ones too. Throws `BusError`. */
  async documents(frame: Element): Promise<{ readonly element: Element; readonly url: string | null }[]> {
    const documents = await this.#a11y.matches(frame, { roles: DOCUMENT_ROLES });
    const urls = await Promise.all(documents.map((document) => this.#a11y.documentUrl(document).catch(() => null)));
    return documents.map((element, index) => ({ element, url: urls[index] ?? null }));
  }

  /**
   * The focused element of a window and what lies around it, up to `FOCUS_DEPTH` levels: in GTK a drop-down's inner
   * button has the focus, not the field. Empty if nothing has the focus. Throws `BusError`.
   */
  async focusPath(frame: Element): Promise<Element[] | Trouble> {
    const focused = await this.#focusedIn(frame);
    if (focused !== null && isTrouble(focused)) return focused;
    const path: Element[] = [];
    for (let at: Element | null = focused; at !== null && path.length < FOCUS_DEPTH; ) {
      path.push(at);
      at = (await this.#a11y.role(at)) === Role.comboBox ? null : await this.#a11y.parent(at);
    }
    return path;
  }

  /** True if a field has the focus, and nothing else. Throws `BusError`. */
  async holdsFocus(frame: Element, field: Element): Promise<boolean> {
    const path = await this.focusPath(frame);
    if (isTrouble(path)) return false;
    const depth = path.findIndex((element) => sameElement(element, field));
    return depth === 0 || (depth > 0 && (await this.#a11y.role(field)) === Role.comboBox);
  }

  // A page's field still says that it has the focus while the keys go to the address bar, and a document may say so
  // of itself: what lies outside of documents comes first, documents last, and two alike leave it open.
  async #focusedIn(frame: Element): Promise<Element | Trouble | null> {
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
      return await this.#a11y.matches(frame, { states: [State.focused] });
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      return walk(this.#a11y, frame, (_, states) => hasState(states, State.focused));
    }
  }

  // The button inside of a GTK drop-down is nobody's child, though it has a parent: only its focus event tells of it.
  async #focusedAside(frame: Element): Promise<Element | null> {
    const last = this.#lastFocused;
    if (last === null || last.sender !== frame.sender) return null;
    const states = await this.#a11y.states(last).catch(() => []);
    if (!hasState(states, State.focused)) return null;
    const { top } = await this.ancestryOf(last);
    return top !== null && sameElement(top, frame) ? last : null;
  }

  async #climb(element: Element): Promise<Ancestry> {
    let document: Element | null = null;
    let below: Element = element;
    for (let depth = 0; depth < ANCESTORS_MAX; depth++) {
      const role = await this.#a11y.role(below);
      if (document === null && DOCUMENT_ROLES.includes(role)) document = below;
      const above = await this.#a11y.parent(below);
      if (above === null || (await this.#isApplication(above))) return { document, top: below };
      below = above;
    }
    return { document, top: null };
  }

  async #isApplication(element: Element): Promise<boolean> {
    return element.path.endsWith('/root') || (await this.#a11y.role(element)) === Role.application;
  }

  async #applicationOf(pid: number): Promise<Element | null> {
    for (const application of await this.#a11y.applications()) {
      if ((await this.#a11y.pidOf(application.sender).catch(() => 0)) === pid) return application;
    }
    return null;
  }

  // Two windows of one process may bear the same title, and a program marks its window active only after the first
  // change; where neither name, mark nor place decides, nothing does.
  async #frameAmong(tops: readonly Element[], window: WindowFacts): Promise<Element | Trouble> {
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
    const active = placed.filter(({ active }) => active);
    const left = active.length > 0 ? active : placed;
    const [chosen, ...others] = left;
    if (chosen === undefined || others.length > 0) return troubled('ambiguous-window', 'several windows of the application look alike');
    return this.#exposed(chosen.top);
  }

  async #exposed(frame: Element): Promise<Element | Trouble> {
    if ((await this.#a11y.toolkitOf(frame.sender)) !== 'Chromium' || (await this.#a11y.children(frame)).length > 0) return frame;
    return troubled('no-accessibility', 'Chromium exposes no fields: start it with --force-renderer-accessibility');
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

function isAt(extents: Rectangle | null, place: Rectangle | null): boolean {
  if (extents === null || place === null) return false;
  const apart = Math.abs(extents.x - place.x) + Math.abs(extents.y - place.y) + Math.abs(extents.width - place.width) + Math.abs(extents.height - place.height);
  return apart < EXTENTS_TOLERANCE;
}
