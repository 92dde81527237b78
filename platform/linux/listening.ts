// To whom one listens, and for how long. A program that anybody listens to tells the registry of each key that is pressed in it,
// passwords as well, and waits for its answer: so few are listened to (docs/decisions/0024).
import { REGISTRY, Toolkit, rootOf } from './atspi.ts';
import type { Accessibility } from './atspi.ts';
import type { Bus } from './bus.ts';
import { lineOf } from './line.ts';
import { isSilent, troubleOf } from './sight.ts';
import { endingIn, pause, until } from './waiting.ts';
import type { XKeyboard } from './x-keyboard.ts';

/** Never `object:text-changed`: Qt answers its registration by sending the characters of passwords over the bus. */
const FOCUS_EVENT = 'object:state-changed:focused';
/** Much longer than a key is told for, and shorter than the pauses in which people read. */
const IDLE_MS = 2000;
/** A key that was pressed right before is told, and answered, within so long. */
const KEY_TOLD_MS = 50;
const HEARD_WITHIN_MS = 200;

/**
 * Has a program, or every one for `''`, tell everybody of its focus, and the registry of each key as well, until the connection is
 * closed. Throws `BusError`.
 */
export async function listenTo(a11y: Accessibility, program: string): Promise<Bus> {
  const listener = await a11y.connect();
  try {
    await listener.call(REGISTRY.sender, '/org/a11y/atspi/registry', 'org.a11y.atspi.Registry', 'RegisterEvent', 'sass', [FOCUS_EVENT, [], program]);
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

export class Listening {
  readonly #x11: XKeyboard;
  readonly #a11y: Accessibility;
  readonly #listeners = new Map<string, Promise<Bus | null>>();
  /** Programs that were met and are still listened to. */
  readonly #met = new Map<string, Bus>();

  constructor(x11: XKeyboard, a11y: Accessibility) {
    this.#x11 = x11;
    this.#a11y = a11y;
  }

  /**
   * Called before a program is first looked into. A Chromium does not tell which of its windows is active before it was listened to
   * once: it is, until `takeLeave`. One that has a socket for calls was met before, maybe by a look that is gone. Throws `BusError`.
   */
  async meet(program: string): Promise<void> {
    if (this.#listeners.has(program) || (await this.#a11y.toolkitOf(program)) !== Toolkit.chromium) return;
    if ((await lineOf(await this.#a11y.pidOf(program))) !== null) return;
    const listener = await this.#listenTo(program);
    if (listener === null) return;
    // Whoever asks for the address has the socket opened, and is taken for one more listener.
    await listener.call(program, rootOf(program).path, 'org.a11y.atspi.Application', 'GetApplicationBusAddress').catch(() => undefined);
    this.#met.set(program, listener);
  }

  /** Called where a program has several drop-downs: GTK 3 tells by events alone which of them has the focus. */
  async follow(program: string): Promise<void> {
    if ((await this.#a11y.toolkitOf(program)) === Toolkit.gtk3) await this.#listenTo(program);
  }

  /**
   * Called again and again with the process in front: if it was met, it is left once nobody has touched anything for a while. One that is
   * not in front is not: another may take the loss of the keyboard for one of the focus, which a Chromium does not.
   */
  async takeLeave(front: number): Promise<void> {
    for (const [program, listener] of this.#met) {
      const isFront = this.#isUntouched() && (await this.#a11y.pidOf(program).catch(() => front)) === front;
      if (isFront && !(await this.#isBusy(program))) await this.#leave(program, listener, () => this.#isUntouched());
    }
  }

  async close(): Promise<void> {
    if (!this.#x11.lost) for (const [program, listener] of this.#met) await this.#leave(program, listener, () => true);
    for (const listener of this.#listeners.values()) (await listener)?.close();
  }

  // A Chromium breaks down if its last listener leaves while a key is being told. So it is left while the X server keeps keys back,
  // which are handed out when the program has heard that nobody listens.
  async #leave(program: string, listener: Bus, may: () => boolean): Promise<void> {
    await this.#x11.heldBack(async () => {
      await pause(KEY_TOLD_MS);
      if (!may()) return;
      this.#met.delete(program);
      listener.close();
      const isLeft = async (): Promise<boolean> => !(await this.#a11y.isConnected(listener.name));
      const heard = until(isLeft, HEARD_WITHIN_MS, endingIn(HEARD_WITHIN_MS)).then(() => this.#isBusy(program));
      await Promise.race([heard, pause(HEARD_WITHIN_MS)]);
    });
  }

  /** True if nobody has touched anything for a while, nor holds a key that repeats itself. */
  #isUntouched(): boolean {
    return this.#x11.idleMs() >= IDLE_MS && this.#x11.pressedKeys().length === 0;
  }

  /** True if the program does not answer: it may have keys to take in. One that is gone has none. */
  #isBusy(program: string): Promise<boolean> {
    return this.#a11y.role(rootOf(program)).then(() => false, (error: unknown) => isSilent(troubleOf(error, 'desktop-error')));
  }

  #listenTo(program: string): Promise<Bus | null> {
    const known = this.#listeners.get(program);
    if (known !== undefined) return known;
    void this.#forgetGone();
    const listening = listenTo(this.#a11y, program).catch(() => null);
    this.#listeners.set(program, listening);
    return listening;
  }

  async #forgetGone(): Promise<void> {
    for (const [program, listening] of this.#listeners) {
      if (await this.#a11y.isConnected(program).catch(() => true)) continue;
      (await listening)?.close();
      this.#listeners.delete(program);
      this.#met.delete(program);
    }
  }
}
