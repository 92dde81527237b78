// Resolves what has the focus, and the fields beside it, from the window in front.
import { FieldRole, isTrouble } from '../port.ts';
import type { Context, Field, Trouble, WindowFacts } from '../port.ts';
import { refOf } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import type { BusSignal } from './bus.ts';
import { Fields } from './fields.ts';
import { Sight, troubleOf, troubled } from './sight.ts';
import { frontWindow } from './windows.ts';
import type { X11 } from './x11.ts';

/** An element can vanish, and the front window change, while one is looking. */
const ATTEMPTS = 2;

export class ContextResolver {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #sight: Sight;
  readonly #fields: Fields;

  constructor(x11: X11, a11y: Accessibility) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#sight = new Sight(x11, a11y);
    this.#fields = new Fields(a11y);
  }

  /** Takes note of a focus event. */
  hear(signal: BusSignal): void {
    this.#sight.hear(signal);
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

  async #resolveIn(window: WindowFacts): Promise<Context | Trouble> {
    const frame = await this.#sight.frameOf(window);
    if (isTrouble(frame)) return frame;
    const focused = await this.#sight.focusedIn(frame);
    if (focused === null) return { window, url: null, fields: [], focused: null };
    if (isTrouble(focused)) return focused;
    const { document } = await this.#sight.ancestryOf(focused);
    const [url, fields] = document === null
      ? [null, await this.#fields.ofWindow(frame)]
      : await Promise.all([this.#a11y.documentUrl(document), this.#fields.ofDocument(document)]);
    return { window, url, fields, focused: await this.#indexOf(focused, fields) };
  }

  async #indexOf(focused: Element, fields: readonly Field[]): Promise<number | null> {
    const at = (element: Element | null): number => (element === null ? -1 : fields.findIndex(({ ref }) => ref === refOf(element)));
    const index = at(focused);
    if (index >= 0) return index;
    const around = fields.some(({ role }) => role === FieldRole.select) ? at(await this.#sight.dropDownAround(focused)) : -1;
    return around < 0 ? null : around;
  }
}
