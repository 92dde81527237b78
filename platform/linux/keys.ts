// Keys for one element of the window in front: a text, a beginning to look an option up by, or a single key that moves
// something. Each is sent only while the window has the keyboard, a text only while the element has the focus.
import { isTrouble } from '../port.ts';
import type { Change, Target, Trace, Trouble, Written } from '../port.ts';
import { awaitArrival } from './arrival.ts';
import type { Expected } from './arrival.ts';
import type { Accessibility, Element } from './atspi.ts';
import type { InputMethods } from './input-method.ts';
import { keyByKey } from './pace.ts';
import { partsOf, typeParts } from './parts.ts';
import { AWAY, Kind, disturbance, onQuietKeyboard } from './quiet.ts';
import { LOST, lostFocus, troubled } from './sight.ts';
import { Typist, UNTYPABLE } from './typing.ts';
import type { Typing } from './typing.ts';
import type { X11 } from './x11.ts';

/** Single keys that write nothing: to the next field and back, to the next option and back, out of a list. */
export const Step = { next: 'next', back: 'back', down: 'down', up: 'up', close: 'close' } as const;
export type Step = (typeof Step)[keyof typeof Step];

const STEPS: Readonly<Record<Step, { readonly keysym: number; readonly shift: boolean }>> = {
  next: { keysym: 0xff09, shift: false }, back: { keysym: 0xff09, shift: true }, down: { keysym: 0xff54, shift: false }, up: { keysym: 0xff52, shift: false },
  close: { keysym: 0xff1b, shift: false },
};
const SHIFT = 0xffe1;
const NOTHING = new Uint32Array(0);

export interface Awaited extends Expected {
  /** Characters that the element was found to hold before; null where its program does not tell. */
  readonly before: number | null;
  /** Trouble if a person cannot see the element, once it shows the character of a key, the first of which is 1. */
  readonly seen?: (keys: number) => Promise<Trouble | null>;
}

export class Keys {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #trace: Trace;
  readonly #typist: Typist;
  readonly #inputMethods: InputMethods;

  constructor(x11: X11, a11y: Accessibility, inputMethods: InputMethods, trace: Trace) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#trace = trace;
    this.#typist = new Typist(x11, trace);
    this.#inputMethods = inputMethods;
  }

  /** Replaces the text of the element by `codePoints` and waits for its arrival; empties it if there are none. */
  replace(target: Target, element: Element, codePoints: Uint32Array, expected: Awaited, signal: AbortSignal): Promise<Written | Trouble> {
    return this.#inFront(target, element, signal, async (typing) => {
      const { nudge, before } = expected;
      // Emptied first and seen to be empty: an old text of the same length would pass for the new one on its way.
      const empty = (): Promise<Written | Trouble> => awaitArrival(this.#a11y, element, { counts: [0], text: null, nudge }, signal);
      const remove = (): Promise<Written | Trouble> => this.#typist.type({ ...typing, codePoints: NOTHING, arrive: empty });
      // Programs keep input methods away from passwords.
      const mayTake = expected.text !== null && (await this.#inputMethods.mayTake());
      // To clear is to delete whatever the field shows: keys may be on their way to it, and these come after them.
      const isEmpty = codePoints.length > 0 && before === 0;
      const ends = partsOf(this.#x11, codePoints, { lentOnly: mayTake });
      if (ends === null || (ends.length > 1 && before === null)) return UNTYPABLE;
      const emptied = isEmpty ? null : await remove();
      if (isTrouble(emptied) || codePoints.length === 0) return emptied ?? { verified: true };
      const watching = { seen: expected.seen, mayComplete: expected.text !== null, nudge, signal };
      const arrive = (): Promise<Written | Trouble> => awaitArrival(this.#a11y, element, { ...expected, typed: true }, signal);
      const due = before === null ? undefined : expected.countsAfter;
      const next = due === undefined ? typing.next : keyByKey(this.#a11y, element, due, watching);
      return typeParts(this.#typist, ends, { ...typing, codePoints, lentOnly: mayTake, next, arrive });
    });
  }

  /** Trouble where an input method may take keys, for a text that nobody can read back. */
  async taken(): Promise<Trouble | null> {
    return (await this.#inputMethods.mayTake()) ? troubled('input-method', 'an input method may take the keys') : null;
  }

  /** Types into a drop-down, which looks an option up by it, as long as it, or an option of it, has the focus. */
  lookUp(target: Target, element: Element, codePoints: Uint32Array, holds: () => Promise<boolean>, signal: AbortSignal): Promise<Written | Trouble> {
    const next = async (): Promise<Trouble | null> => ((await holds()) ? null : LOST);
    const arrive = async (): Promise<Written> => ({ verified: false });
    return this.#inFront(target, element, signal, (typing) => this.#typist.type({ ...typing, codePoints, next, arrive }));
  }

  /** Presses one key while the window of the target has the keyboard. */
  async step(target: Target, step: Step): Promise<Trouble | null> {
    const inputFocus = this.#inputFocus(target);
    if (typeof inputFocus !== 'number') return inputFocus;
    const { keysym, shift } = STEPS[step];
    const keycodes = [...(shift ? [SHIFT] : []), keysym].map((wanted) => this.#keycodeOf(wanted));
    if (keycodes.includes(0)) return troubled('untypable', 'the layout lacks a key that moves the focus');
    const keys: Change = { what: Kind.keys };
    this.#trace(keys, false);
    const { group } = this.#x11.keyboardState();
    const trouble = await onQuietKeyboard(this.#x11, this.#trace, group, async () => this.#x11.grabbed(() => this.#press(keycodes, inputFocus, group)));
    this.#trace(keys, true);
    return trouble;
  }

  // Runs inside of a server grab: nobody can move the focus or press a key between the look and the keys.
  #press(keycodes: readonly number[], inputFocus: number, group: number): Trouble | null {
    const disturbed = disturbance(this.#x11, [inputFocus], group);
    if (disturbed !== null) return disturbed;
    for (const keycode of keycodes) this.#x11.key(keycode, true);
    for (const keycode of [...keycodes].reverse()) this.#x11.key(keycode, false);
    return null;
  }

  async #inFront(
    target: Target, element: Element, signal: AbortSignal, use: (typing: Omit<Typing, 'codePoints' | 'arrive'>) => Promise<Written | Trouble>,
  ): Promise<Written | Trouble> {
    const inputFocus = this.#inputFocus(target);
    if (typeof inputFocus !== 'number') return inputFocus;
    const ask = (): Promise<number> => this.#a11y.characterCount(element).catch(() => 1);
    const keyboard = [inputFocus, Number(target.window.id)];
    return use({ keyboard, ask, lentOnly: false, continues: false, goesOn: false, next: () => lostFocus(this.#a11y, element), signal });
  }

  /** The X window that gets the keys, which must lie in the window of the target. */
  #inputFocus(target: Target): number | Trouble {
    const inputFocus = this.#x11.inputFocus();
    return this.#x11.within(inputFocus, Number(target.window.id)) ? inputFocus : AWAY;
  }

  #keycodeOf(keysym: number): number {
    const at = this.#x11.keyboardMapping().findIndex((row) => row.includes(keysym));
    return at < 0 ? 0 : this.#x11.minKeycode + at;
  }
}
