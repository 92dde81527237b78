// To whom one listens. A program that anybody listens to tells the registry of each key that is pressed in it, passwords as well,
// and waits for its answer: so few are listened to, and no longer than it takes (docs/decisions/0024).
import { isTrouble } from '../port.ts';
import type { Trouble, WindowFacts } from '../port.ts';
import { Toolkit } from './atspi.ts';
import type { Accessibility } from './atspi.ts';
import type { Bus } from './bus.ts';
import type { X11 } from './x11.ts';

/** Ten seconds: who types has a key down at one glance of three. */
const QUIET_GLANCES = 40;

interface Listener {
  readonly bus: Bus;
  /** Glances in a row at which no key can have been on its way to the program; null where it is listened to as long as it lives. */
  quiet: number | null;
}

export class Listening {
  readonly #a11y: Accessibility;
  readonly #x11: X11;
  readonly #listeners = new Map<string, Promise<Listener | null>>();

  constructor(a11y: Accessibility, x11: X11) {
    this.#a11y = a11y;
    this.#x11 = x11;
  }

  /**
   * Called before a program is first looked into: a Chromium does not tell which of its windows is active before it was listened to
   * once. One that has a socket was listened to, by a look before this one. Throws `BusError`.
   */
  async meet(program: string): Promise<void> {
    if ((await this.#a11y.toolkitOf(program)) !== Toolkit.chromium || (await this.#a11y.lineOf(program)) !== null) return;
    await this.#listenTo(program, 0);
  }

  /** Called where a program has several drop-downs: GTK 3 tells by events alone which of them has the focus. */
  async follow(program: string): Promise<void> {
    if ((await this.#a11y.toolkitOf(program)) === Toolkit.gtk3) await this.#listenTo(program, null);
  }

  /**
   * Called again and again with the window in front. A Chromium whose last listener leaves while it waits for the registry breaks
   * down: so it is left only after a while in which nobody pressed a key there.
   */
  async glance(front: WindowFacts | Trouble): Promise<void> {
    for (const [program, listening] of this.#listeners) {
      const listener = await listening;
      if (listener === null || listener.quiet === null) continue;
      const away = !isTrouble(front) && front.pid !== (await this.#a11y.pidOf(program).catch(() => 0));
      listener.quiet = away || this.#x11.pressedKeys().length === 0 ? listener.quiet + 1 : 0;
      if (listener.quiet >= QUIET_GLANCES) this.#leave(program, listener);
    }
  }

  async close(): Promise<void> {
    for (const listening of this.#listeners.values()) (await listening)?.bus.close();
  }

  #leave(program: string, { bus }: Listener): void {
    bus.close();
    this.#listeners.set(program, Promise.resolve(null));
  }

  async #listenTo(program: string, quiet: number | null): Promise<void> {
    if (this.#listeners.has(program)) return;
    const listening = this.#a11y.haveFocusTold(program).then((bus) => ({ bus, quiet }), () => null);
    this.#listeners.set(program, listening);
    const listener = await listening;
    if (listener !== null) await this.#a11y.openLine(listener.bus, program).catch(() => undefined);
  }
}
