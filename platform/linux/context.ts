// Resolves what has the focus, and the fields beside it, from the window in front or from one behind it.
import { FieldRole, isTrouble } from '../port.ts';
import type { Context, Field, Sighting, Trouble, WindowFacts } from '../port.ts';
import { refOf } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { Fields, isUnsupported } from './fields.ts';
import type { Listening } from './listening.ts';
import { Sight, troubleOf, troubled } from './sight.ts';
import { Visibility } from './visible.ts';
import { UNNAMED, allWindows, frontWindow } from './windows.ts';
import type { X11 } from './x11.ts';

/** An element can vanish, and the front window change, while one is looking. */
const ATTEMPTS = 2;

export class ContextResolver {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #sight: Sight;
  readonly #fields: Fields;
  readonly #visibility: Visibility;
  readonly #listening: Listening;

  constructor(x11: X11, a11y: Accessibility, listening: Listening) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#listening = listening;
    this.#sight = new Sight(x11, a11y, listening);
    this.#fields = new Fields(a11y);
    this.#visibility = new Visibility(x11, a11y);
  }

  /** Takes note of what a program told. */
  hearFocus(element: Element): void {
    this.#sight.hearFocus(element);
  }

  async resolve(): Promise<Context | Trouble> {
    let trouble = troubled('ambiguous-window', 'the window in front kept changing');
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const window = frontWindow(this.#x11);
      if (isTrouble(window)) return window;
      try {
        const context = await this.#resolveIn(window);
        if (this.#x11.activeWindow() === Number(window.id)) return context;
      } catch (error) {
        trouble = troubleOf(error, 'ambiguous-window');
      }
    }
    return trouble;
  }

  /** The same of any window. */
  async resolveOf(id: string): Promise<Sighting | Trouble> {
    const windows = allWindows(this.#x11);
    if (isTrouble(windows)) return windows;
    const window = windows.find((one) => one.id === id);
    if (window === undefined) return troubled('window-changed', 'there is no such window');
    if (window.pid === 0) return UNNAMED;
    try {
      if (this.#x11.activeWindow() !== Number(id)) return await this.#resolveBehind(window);
      const context = await this.#resolveIn(window);
      return isTrouble(context) ? context : { ...context, inFront: true, focusKnown: true };
    } catch (error) {
      return troubleOf(error, 'ambiguous-window');
    }
  }

  async #resolveIn(window: WindowFacts): Promise<Context | Trouble> {
    const frame = await this.#sight.frameOf(window);
    if (isTrouble(frame)) return frame;
    const focused = await this.#sight.focusedIn(frame);
    if (focused === null) return { window, url: null, pageUrl: null, fields: [], focused: null };
    if (isTrouble(focused)) return focused;
    return this.#around(focused, frame, window);
  }

  async #around(focused: Element, frame: Element, window: WindowFacts): Promise<Context | Trouble> {
    const { document } = await this.#sight.ancestryOf(focused);
    if (document !== null) void this.#visibility.lookAhead(frame, focused).catch(() => undefined);
    const [{ url, fields }, pageUrl] = await Promise.all([this.#fieldsOf(document, frame), document && this.#sight.pageUrlOf(document, frame)]);
    if (typeof pageUrl === 'object' && pageUrl !== null) return pageUrl;
    return { window, url, pageUrl, fields, focused: await this.#indexOf(focused, fields) };
  }

  async #fieldsOf(document: Element | null, frame: Element): Promise<Pick<Context, 'url' | 'fields'>> {
    if (document === null) {
      const fields = await this.#fields.ofWindow(frame);
      if (fields.filter(({ role }) => role === FieldRole.select).length > 1) await this.#listening.follow(frame.sender);
      return { url: null, fields };
    }
    const [url, fields] = await Promise.all([this.#a11y.documentUrl(document), this.#fields.ofDocument(document)]);
    return { url, fields };
  }

  async #resolveBehind(window: WindowFacts): Promise<Sighting | Trouble> {
    const frame = await this.#sight.frameOf(window, false);
    if (isTrouble(frame)) return frame;
    const focused = await this.#sight.focusedIn(frame);
    if (focused !== null && !isTrouble(focused)) {
      const context = await this.#around(focused, frame, window);
      return isTrouble(context) ? context : { ...context, inFront: false, focusKnown: true };
    }
    const { url, fields } = await this.#fieldsOf(await this.#mainDocument(frame), frame);
    return { window, url, pageUrl: url, fields, focused: null, inFront: false, focusKnown: false };
  }

  /** The outermost document of a window; null where it has none. */
  async #mainDocument(frame: Element): Promise<Element | null> {
    try {
      const documents = await this.#sight.documents(frame);
      return documents.find(({ url }) => url !== null)?.element ?? null;
    } catch (error) {
      if (isUnsupported(error)) return null;
      throw error;
    }
  }

  async #indexOf(focused: Element, fields: readonly Field[]): Promise<number | null> {
    const at = (element: Element | null): number => (element === null ? -1 : fields.findIndex(({ ref }) => ref === refOf(element)));
    const index = at(focused);
    if (index >= 0) return index;
    const around = fields.some(({ role }) => role === FieldRole.select) ? at(await this.#sight.dropDownAround(focused)) : -1;
    return around < 0 ? null : around;
  }
}
