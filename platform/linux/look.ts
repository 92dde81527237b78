// Looking at an X11 desktop: the context of this moment, kept warm by focus and window events.
import type { Context, Look, Sighting, Trouble, WindowFacts } from '../port.ts';
import type { Accessibility } from './atspi.ts';
import type { BusSignal } from './bus.ts';
import { ContextResolver } from './context.ts';
import { troubled } from './sight.ts';
import { allWindows, frontWindow } from './windows.ts';
import type { X11 } from './x11.ts';

/** Whoever asked writes next; the programs then have better to do than to be looked at, and nobody asks again so soon. */
const RESTS_MS = 500;

/** Opens a look over connections that it then owns. Throws `BusError`. */
export async function openLook(x11: X11, a11y: Accessibility): Promise<Look> {
  const look = new LinuxLook(x11, a11y);
  await a11y.watch((signal) => look.hear(signal));
  look.warm();
  return look;
}

// What is costly at a tap is climbing from an element to its document and asking for names. Each focus event does it
// ahead, so that `context()` only asks what may have changed since: focus, states, places, counts of characters.
class LinuxLook implements Look {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #resolver: ContextResolver;
  #warming: Promise<unknown> | null = null;
  #again = false;
  #rests: NodeJS.Timeout | null = null;

  constructor(x11: X11, a11y: Accessibility) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#resolver = new ContextResolver(x11, a11y);
  }

  async context(): Promise<Context | Trouble> {
    this.#rest();
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
    this.#again = false;
    if (this.#rests !== null) clearTimeout(this.#rests);
    await this.#warming;
    this.#a11y.close();
    this.#x11.close();
  }

  hear(signal: BusSignal): void {
    this.#resolver.hear(signal);
    this.warm();
  }

  /** Resolves ahead; one run at a time, and one more for whatever came meanwhile. */
  warm(): void {
    if (this.#warming !== null || this.#rests !== null) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#warming = this.#resolve().finally(() => {
      this.#warming = null;
      this.#warmAgain();
    });
  }

  #warmAgain(): void {
    if (this.#again) this.warm();
  }

  #rest(): void {
    if (this.#rests !== null) clearTimeout(this.#rests);
    this.#rests = setTimeout(() => {
      this.#rests = null;
      this.#warmAgain();
    }, RESTS_MS);
    this.#rests.unref();
  }

  async #resolve(): Promise<Context | Trouble> {
    if (this.#a11y.closed) return troubled('no-desktop', 'the accessibility bus is gone');
    return this.#resolver.resolve();
  }
}
