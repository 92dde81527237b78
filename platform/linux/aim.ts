// Compares a target with the desktop of this moment: window, process, document, element, focus.
import { isTrouble } from '../port.ts';
import type { FieldRef, FieldRole, Target, Trouble, WindowFacts } from '../port.ts';
import { Assuming } from './assuming.ts';
import { State, Toolkit, hasState, sameElement } from './atspi.ts';
import type { Accessibility, Element, StateSet } from './atspi.ts';
import { fieldRoleOf, isEditable } from './fields.ts';
import type { PaintedAt } from './painted.ts';
import type { Remade } from './remade.ts';
import { Sight, troubleOf, troubled } from './sight.ts';
import { Visibility } from './visible.ts';
import type { Need } from './visible.ts';
import { frontWindow } from './windows.ts';
import type { X11 } from './x11.ts';

/** An element that was just found to be the one of the target. */
export interface Aimed {
  readonly element: Element;
  /** Its window, as the program tells it. */
  readonly frame: Element;
  readonly role: FieldRole;
  readonly states: StateSet;
  readonly toolkit: string;
}

/** Browsers tell what is on top at a place of a page. */
const BROWSERS: readonly string[] = [Toolkit.chromium, Toolkit.firefox];
const isPaged = ({ url }: Target, toolkit: string): boolean => url !== null && BROWSERS.includes(toolkit);

export class Aim {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #sight: Sight;
  readonly #visibility: Visibility;
  readonly #remade: Remade;
  readonly #frames = new Assuming<Element | Trouble>((a, b) => !isTrouble(a) && !isTrouble(b) && sameElement(a, b));

  constructor(x11: X11, a11y: Accessibility, remade: Remade) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#remade = remade;
    this.#sight = new Sight(x11, a11y);
    this.#visibility = new Visibility(x11, a11y);
  }

  /** Takes note of what a program told. */
  hearFocus(element: Element): void {
    this.#sight.hearFocus(element);
  }

  /** Compares everything, the focus too where `focused`; a first difference is the trouble. */
  async at(target: Target, field: FieldRef, need: { focused: boolean }): Promise<Aimed | Trouble> {
    if (this.#a11y.closed) return troubled('no-desktop', 'the accessibility bus is gone');
    const front = this.#front(target);
    if (isTrouble(front)) return front;
    try {
      return await this.#inWindow(front, target, field, need);
    } catch (error) {
      return troubleOf(error, 'element-gone');
    }
  }

  /** Compares the window in front alone. */
  window(target: Target): Trouble | null {
    const front = this.#front(target);
    return isTrouble(front) ? front : null;
  }

  /** The document that an element is in; null if it is in none. Throws `BusError`. */
  async documentOf(element: Element): Promise<Element | null> {
    return (await this.#sight.ancestryOf(element)).document;
  }

  /** True if the element, or what is inside of that drop-down, has the focus. Throws `BusError`. */
  async holdsFocus(target: Target, element: Element): Promise<boolean> {
    const frame = await this.#frame(target);
    return !isTrouble(frame) && this.#sight.holdsFocus(frame, element);
  }

  /** The element in the window of the target that has the focus; null if none has. Throws `BusError`. */
  async focused(target: Target): Promise<Element | Trouble | null> {
    const frame = await this.#frame(target);
    return isTrouble(frame) ? frame : this.#sight.focusedIn(frame);
  }

  /** Trouble if a person cannot see an element of a page, as far as the program can tell. */
  async visible(target: Target, { element, frame, toolkit }: Aimed, need: Need): Promise<Trouble | null> {
    if (!isPaged(target, toolkit)) return null;
    try {
      return await this.#visibility.covered({ window: Number(target.window.id), frame, field: element }, need);
    } catch (error) {
      return troubleOf(error, 'element-gone');
    }
  }

  /** Where a field of a page is painted; null of other programs. Throws `BusError`. */
  async paintedAt(target: Target, { element, frame, toolkit }: Aimed): Promise<PaintedAt | null> {
    if (!isPaged(target, toolkit)) return null;
    const window = Number(target.window.id);
    const field = await this.#visibility.placeOf({ window, frame, field: element });
    return { window, around: this.#visibility.shownOf(window), field };
  }

  /** Looks at both fields in the order of a fill, so that its own looks find their questions answered. Throws `BusError`. */
  async prepare(target: Target): Promise<void> {
    const [user, password, frame] = [this.#remade.elementOf(target.user.ref), this.#remade.elementOf(target.password.ref), await this.#frame(target)];
    if (user === null || password === null || isTrouble(frame)) return;
    const toolkit = await this.#a11y.toolkitOf(frame.sender);
    if (!isPaged(target, toolkit)) return;
    await this.#visibility.covered({ window: Number(target.window.id), frame, field: password }, { focused: false });
    await this.lookAhead(target, { element: user, frame, toolkit });
  }

  /** Prepares `visible`, which a busy program would otherwise answer too early. Throws `BusError`. */
  async lookAhead(target: Target, { element, frame, toolkit }: Pick<Aimed, 'element' | 'frame' | 'toolkit'>): Promise<void> {
    if (target.url !== null && toolkit === Toolkit.chromium) await this.#visibility.lookAhead(frame, element);
  }

  async #frame(target: Target): Promise<Element | Trouble> {
    const front = this.#front(target);
    return isTrouble(front) ? front : this.#sight.frameOf(front);
  }

  #front(target: Target): WindowFacts | Trouble {
    const front = frontWindow(this.#x11);
    if (isTrouble(front)) return front.trouble === 'no-desktop' ? front : troubled('window-changed', front.detail);
    if (front.id !== target.window.id) return troubled('window-changed', 'another window is in front');
    return front.pid === target.window.pid ? front : troubled('window-changed', 'the window is of another process');
  }

  async #inWindow(front: WindowFacts, target: Target, field: FieldRef, need: { focused: boolean }): Promise<Aimed | Trouble> {
    const element = this.#remade.elementOf(field);
    if (element === null) return troubled('element-gone', 'the reference is not of this desktop');
    const inFrame = async (frame: Element | Trouble): Promise<Aimed | Trouble> =>
      isTrouble(frame) ? frame : this.#inFrame(frame, target, field, element, need);
    return this.#frames.use(front.id, () => this.#sight.frameOf(front), inFrame);
  }

  async #inFrame(frame: Element, target: Target, field: FieldRef, element: Element, need: { focused: boolean }): Promise<Aimed | Trouble> {
    if (element.sender !== frame.sender) return troubled('element-gone', 'the field is of another process');
    const [aimed, documents, focused] = await Promise.all([
      this.#facts(target, field, element, frame),
      this.#documentsIn(target, frame),
      need.focused ? this.#sight.holdsFocus(frame, element) : true,
    ]);
    if (target.url !== null && documents.length === 0) return troubled('document-changed', 'the document is no longer shown');
    if (isTrouble(aimed)) return aimed;
    const misplaced = await this.#misplaced(target, element, frame, documents);
    if (misplaced !== null) return misplaced;
    return focused ? aimed : troubled('focus-lost', 'another element has the focus');
  }

  async #facts(target: Target, field: FieldRef, element: Element, frame: Element): Promise<Aimed | Trouble> {
    try {
      const [roleNumber, states, toolkit] = await Promise.all([
        this.#a11y.role(element), this.#a11y.states(element), this.#a11y.toolkitOf(element.sender),
      ]);
      const role = fieldRoleOf(roleNumber, states);
      const due = field === target.password.ref ? 'password' : target.user.role;
      if (hasState(states, State.defunct) || role === null) return troubled('element-gone', 'the element is no longer there');
      return role === due ? { element, frame, role, states, toolkit } : troubled('element-gone', 'the element became another kind of field');
    } catch (error) {
      return troubleOf(error, 'element-gone');
    }
  }

  /** Documents of the window that have the URL of the target. */
  async #documentsIn(target: Target, frame: Element): Promise<Element[]> {
    if (target.url === null) return [];
    const documents = await this.#sight.documents(frame);
    return documents.filter(({ url }) => url === target.url).map(({ element }) => element);
  }

  async #misplaced(target: Target, element: Element, frame: Element, documents: readonly Element[]): Promise<Trouble | null> {
    const { document, top } = await this.#sight.ancestryOf(element);
    if (target.url === null) {
      if (document !== null) return troubled('document-changed', 'the element is in a document now');
      if (top !== null && sameElement(top, frame)) return null;
      return top !== null && sameElement(top, element) ? troubled('element-gone', 'the element is in no window') : troubled('window-changed', 'the element is in another window');
    }
    const shown = document !== null && documents.some((candidate) => sameElement(candidate, document));
    return shown ? null : troubled('document-changed', 'the document is no longer shown');
  }
}

/** Trouble if an element found by `Aim` cannot have the focus. */
export function unfocusable({ states }: Aimed): Trouble | null {
  const enabled = hasState(states, State.enabled) || hasState(states, State.sensitive) || hasState(states, State.readOnly);
  return enabled && hasState(states, State.visible) ? null : HIDDEN;
}

/** Trouble if an element found by `Aim` cannot be written. */
export function unwritable({ role, states }: Aimed): Trouble | null {
  return hasState(states, State.visible) && isEditable(role, states) ? null : HIDDEN;
}

const HIDDEN = troubled('element-hidden', 'the element is hidden, disabled or read-only');
