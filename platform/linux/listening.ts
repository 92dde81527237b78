// To whom one listens. A program that anybody listens to tells the registry of each key that is pressed in it, passwords as well,
// and waits for its answer: so few are listened to (docs/decisions/0024).
import { Toolkit } from './atspi.ts';
import type { Accessibility } from './atspi.ts';
import type { Bus } from './bus.ts';

export class Listening {
  readonly #a11y: Accessibility;
  readonly #listeners = new Map<string, Promise<Bus | null>>();

  constructor(a11y: Accessibility) {
    this.#a11y = a11y;
  }

  /**
   * A Chromium does not tell which of its windows is active before it was listened to once, and breaks down if its last listener leaves
   * while a key is being told: whoever looks into one, or writes there, listens until it ends. Throws `BusError`.
   */
  async meet(program: string): Promise<void> {
    if (this.#listeners.has(program) || (await this.#a11y.toolkitOf(program)) !== Toolkit.chromium) return;
    const bus = await this.#listenTo(program);
    if (bus !== null) await this.#a11y.openLine(bus, program).catch(() => undefined);
  }

  /** Called where a program has several drop-downs: GTK 3 tells by events alone which of them has the focus. */
  async follow(program: string): Promise<void> {
    if ((await this.#a11y.toolkitOf(program)) === Toolkit.gtk3) await this.#listenTo(program);
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners.values()) (await listener)?.close();
  }

  #listenTo(program: string): Promise<Bus | null> {
    const listening = this.#listeners.get(program) ?? this.#a11y.haveFocusTold(program).catch(() => null);
    this.#listeners.set(program, listening);
    return listening;
  }
}
