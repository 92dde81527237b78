// Looking at an X11 desktop: the context of this moment, looked at ahead whenever another window or page is in front.
import { isTrouble } from '../port.ts';
import type { Context, Look, Sighting, Trouble, WindowFacts } from '../port.ts';
import type { Accessibility, Element } from './atspi.ts';
import { ContextResolver } from './context.ts';
import { Listening } from './listening.ts';
import { troubled } from './sight.ts';
import { allWindows, frontWindow } from './windows.ts';
import type { X11 } from './x11.ts';

/** How often the window in front is compared; a tenth of a millisecond of the X server's time. */
const GLANCE_MS = 250;
/** Whoever asked writes next, for as long as a tap may take: programs have better to do then than to be looked at ahead. */
const RESTS_MS = 2500;

/** Opens a look over connections that it then owns. Throws `BusError`. */
export async function openLook(x11: X11, a11y: Accessibility): Promise<Look> {
  const look = new LinuxLook(x11, a11y);
  await a11y.hearFocus((element) => look.hearFocus(element));
  return look;
}

// What is costly at a tap is climbing from an element to its document and asking for names. It is done ahead when another
// window is in front, or the same one has another title, as it has with each page; `context()` then asks what may have changed since:
// focus, states, places, counts of characters. Hardly any program is listened to: docs/decisions/0024.
class LinuxLook implements Look {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #listening: Listening;
  readonly #resolver: ContextResolver;
  readonly #glances: NodeJS.Timeout;
  #front = '';
  #looking: Promise<unknown> | null = null;
  #restsUntilMs = 0;

  constructor(x11: X11, a11y: Accessibility) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#listening = new Listening(x11, a11y);
    this.#resolver = new ContextResolver(x11, a11y, this.#listening);
    this.#glances = setInterval(() => this.#glance(), GLANCE_MS).unref();
  }

  async context(): Promise<Context | Trouble> {
    this.#restsUntilMs = performance.now() + RESTS_MS;
    return this.#resolve();
  }

  async foreground(): Promise<WindowFacts | Trouble> {
    return frontWindow(this.#x11);
  }

  async windows(): Promise<readonly WindowFacts[] | Trouble> {
    return allWindows(this.#x11);
  }

  async contextOf(window: string): Promise<Sighting | Trouble> {
    if (this.#a11y.closed) return troubled('no-desktop', 'the accessibility bus is gone');
    return this.#resolver.resolveOf(window);
  }

  async close(): Promise<void> {
    clearInterval(this.#glances);
    await this.#looking;
    await this.#listening.close();
    this.#a11y.close();
    this.#x11.close();
  }

  /** Takes note of what a program told. */
  hearFocus(element: Element): void {
    this.#resolver.hearFocus(element);
  }

  #glance(): void {
    if (this.#looking !== null || performance.now() < this.#restsUntilMs) return;
    const front = frontWindow(this.#x11);
    const now = isTrouble(front) ? '' : `${front.id} ${front.pid} ${front.title}`;
    const looking = now === this.#front ? this.#listening.takeLeave(isTrouble(front) ? 0 : front.pid) : this.#resolve();
    this.#front = now;
    this.#looking = looking.catch(() => undefined).finally(() => (this.#looking = null));
  }

  async #resolve(): Promise<Context | Trouble> {
    if (this.#a11y.closed) return troubled('no-desktop', 'the accessibility bus is gone');
    return this.#resolver.resolve();
  }
}
