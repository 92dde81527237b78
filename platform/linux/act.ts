// Acting on an X11 desktop: each call looks again right before it writes, and looks how it arrived.
import type { Reason } from '../../contracts/reasons.ts';
import type { Secret } from '../../contracts/secret.ts';
import { FieldRole, isTrouble } from '../port.ts';
import type { Act, Change, FieldRef, Target, Trace, Trouble, Written } from '../port.ts';
import { Aim, unfocusable, unwritable } from './aim.ts';
import type { Aimed } from './aim.ts';
import { awaitArrival } from './arrival.ts';
import type { Expected } from './arrival.ts';
import { State, hasState, sameElement } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import type { BusSignal } from './bus.ts';
import { countsOf } from './counts.ts';
import { isUnsupported } from './fields.ts';
import { codePointsOf, hasControl } from './keyboard.ts';
import { chosenOf, optionNamed, optionsOf, uniqueBeginning } from './options.ts';
import type { Option } from './options.ts';
import { repairKeyboard } from './quiet.ts';
import { troubleOf, troubled } from './sight.ts';
import { Typist, pause } from './typing.ts';
import type { X11 } from './x11.ts';

const FOCUS_MS = 1000;
const CHOOSE_MS = 400;
const CLEAR_MS = 1000;
const LOOK_AGAIN_MS = 3;
const NOTHING = new Uint32Array(0);

/** Opens an act over connections that it then owns. Throws `BusError`. */
export async function openAct(x11: X11, a11y: Accessibility, trace: Trace): Promise<Act> {
  const act = new LinuxAct(x11, a11y, trace);
  await a11y.watch((signal) => act.hear(signal));
  return act;
}

class LinuxAct implements Act {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #aim: Aim;
  readonly #typist: Typist;
  /** The element that is being typed into, and whether an event told that the focus left it. */
  #held: { readonly element: Element; lost: boolean } | null = null;

  constructor(x11: X11, a11y: Accessibility, trace: Trace) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#aim = new Aim(x11, a11y);
    this.#typist = new Typist(x11, trace);
  }

  async check(target: Target, field: FieldRef, need: { focused: boolean }): Promise<Trouble | null> {
    const aimed = await this.#aim.at(target, field, need);
    return isTrouble(aimed) ? aimed : null;
  }

  async read(target: Target, field: FieldRef): Promise<string | Trouble> {
    const aimed = await this.#aim.at(target, field, { focused: false });
    if (isTrouble(aimed)) return aimed;
    if (aimed.role === FieldRole.password) return troubled('desktop-error', 'a password field is never read');
    return this.#guard(async () => {
      if (aimed.role === FieldRole.text) return this.#a11y.text(aimed.element);
      const options = await optionsOf(this.#a11y, aimed.element);
      return (await chosenOf(this.#a11y, aimed.element, options))?.name ?? '';
    });
  }

  async focus(target: Target, field: FieldRef, signal: AbortSignal): Promise<Trouble | null> {
    const aimed = await this.#aim.at(target, field, { focused: false });
    if (isTrouble(aimed)) return aimed;
    const unfit = unfocusable(aimed);
    if (unfit !== null) return unfit;
    if (signal.aborted) return ended(signal);
    const { element } = aimed;
    return this.#guard(async () => {
      if (!hasState(await this.#a11y.states(element), State.focused)) await this.#a11y.grabFocus(element);
      const has = async (): Promise<boolean> => hasState(await this.#a11y.states(element), State.focused);
      if (await until(has, FOCUS_MS, signal)) return this.#aim.window(target);
      return signal.aborted ? ended(signal) : troubled('focus-lost', 'the field did not take the focus');
    });
  }

  async write(target: Target, field: FieldRef, value: Secret, signal: AbortSignal): Promise<Written | Trouble> {
    const codePoints = value.reveal(codePointsOf);
    try {
      if (signal.aborted) return ended(signal);
      const aimed = await this.#ready(target, field);
      if (isTrouble(aimed)) return aimed;
      if (aimed.role === FieldRole.select) return troubled('desktop-error', 'a drop-down is chosen from, not written');
      if (codePoints === null || hasControl(codePoints)) return troubled('untypable', 'the value has a control character');
      const text = aimed.role === FieldRole.password ? null : String.fromCodePoint(...codePoints);
      const expected = { counts: countsOf({ toolkit: aimed.toolkit, password: text === null }, codePoints), text };
      const placed = text === null ? null : await this.#place(aimed, text, expected, signal);
      return placed ?? (await this.#type(target, aimed, codePoints, signal, () => awaitArrival(this.#a11y, aimed.element, expected, signal)));
    } finally {
      codePoints?.fill(0);
    }
  }

  async choose(target: Target, field: FieldRef, option: string, signal: AbortSignal): Promise<Written | Trouble> {
    if (signal.aborted) return ended(signal);
    const aimed = await this.#ready(target, field);
    if (isTrouble(aimed)) return aimed;
    if (aimed.role !== FieldRole.select) return troubled('desktop-error', 'the field is not a drop-down');
    return this.#guard(async () => {
      const options = await optionsOf(this.#a11y, aimed.element);
      const wanted = optionNamed(options, option);
      if (isTrouble(wanted)) return wanted;
      return this.#pick(target, aimed, options, wanted, signal);
    });
  }

  async clear(target: Target, field: FieldRef): Promise<Trouble | null> {
    const aimed = await this.#aim.at(target, field, { focused: false });
    if (isTrouble(aimed)) return aimed;
    const unfit = unwritable(aimed);
    if (unfit !== null) return unfit;
    const signal = endingIn(CLEAR_MS);
    const empty = { counts: [0], text: null };
    const placed = await this.#place(aimed, '', empty, signal);
    if (placed !== null) return isTrouble(placed) ? placed : null;
    const unfocused = await this.focus(target, field, signal);
    if (unfocused !== null) return unfocused;
    const typed = await this.#type(target, aimed, NOTHING, signal, this.#empty(aimed.element, signal));
    return isTrouble(typed) ? typed : null;
  }

  async repair(changes: readonly Change[]): Promise<void> {
    repairKeyboard(this.#x11, changes);
  }

  async close(): Promise<void> {
    this.#a11y.close();
    this.#x11.close();
  }

  /** Takes note of a focus event. */
  hear(signal: BusSignal): void {
    this.#aim.hear(signal);
    if (this.#held === null || signal.member !== 'StateChanged' || signal.body[0] !== 'focused') return;
    const ours = sameElement(signal, this.#held.element);
    if (ours ? signal.body[1] === 0 : signal.body[1] === 1 && signal.sender === this.#held.element.sender) this.#held.lost = true;
  }

  async #ready(target: Target, field: FieldRef): Promise<Aimed | Trouble> {
    const aimed = await this.#aim.at(target, field, { focused: true });
    return isTrouble(aimed) ? aimed : (unwritable(aimed) ?? aimed);
  }

  // GTK and Qt take a text as a whole, without keys; null where it has to be typed. Browsers say that they did, and did not.
  async #place(aimed: Aimed, text: string, expected: Expected, signal: AbortSignal): Promise<Written | Trouble | null> {
    if (!/^(gtk|qt)/i.test(aimed.toolkit)) return null;
    try {
      if (!(await this.#a11y.setText(aimed.element, text))) return null;
    } catch (error) {
      return isUnsupported(error) ? null : troubleOf(error, 'element-gone');
    }
    return awaitArrival(this.#a11y, aimed.element, expected, signal);
  }

  async #type(
    target: Target, { element }: Aimed, codePoints: Uint32Array, signal: AbortSignal, arrive: () => Promise<Written | Trouble>,
  ): Promise<Written | Trouble> {
    const inputFocus = this.#x11.inputFocus();
    if (!this.#x11.within(inputFocus, Number(target.window.id))) return troubled('window-changed', 'the keyboard belongs to another window');
    const held = (this.#held = { element, lost: false });
    try {
      const ask = (): Promise<number> => this.#a11y.characterCount(element).catch(() => 1);
      const typing = { inputFocus, focused: () => !held.lost, ask, signal };
      // Emptied first and seen to be empty: an old text of the same length would pass for the new one on its way.
      const before = await ask();
      const empty = { ...typing, codePoints: NOTHING, arrive: this.#empty(element, signal) };
      const emptied = before === 0 ? null : (this.#typist.untypable(codePoints) ?? (await this.#typist.type(empty)));
      if (isTrouble(emptied) || codePoints.length === 0) return emptied ?? { verified: true };
      return await this.#typist.type({ ...typing, codePoints, arrive });
    } finally {
      this.#held = null;
    }
  }

  #empty(element: Element, signal: AbortSignal): () => Promise<Written | Trouble> {
    return () => awaitArrival(this.#a11y, element, { counts: [0], text: null }, signal);
  }

  async #pick(target: Target, aimed: Aimed, options: readonly Option[], wanted: Option, signal: AbortSignal): Promise<Written | Trouble> {
    const chosen = async (): Promise<boolean> => (await chosenOf(this.#a11y, aimed.element, options)) === wanted;
    if (await chosen()) return { verified: true };
    if (aimed.toolkit === 'Chromium') await this.#a11y.doAction(wanted.element, 0).catch(() => false);
    else if (/^gtk/i.test(aimed.toolkit)) await this.#a11y.selectChild(aimed.element, wanted.index).catch(() => false);
    else {
      const codePoints = Uint32Array.from([...uniqueBeginning(options, wanted)], (character) => character.codePointAt(0) ?? 0);
      const typed = await this.#type(target, aimed, codePoints, signal, async () => ({ verified: false }));
      if (isTrouble(typed)) return typed;
    }
    if (await until(chosen, CHOOSE_MS, signal)) return { verified: true };
    return signal.aborted ? ended(signal) : troubled('not-applied', 'the drop-down does not show the option');
  }

  async #guard<T>(run: () => Promise<T>): Promise<T | Trouble> {
    try {
      return await run();
    } catch (error) {
      return troubleOf(error, 'element-gone');
    }
  }
}

const ended = (signal: AbortSignal): Trouble => troubled(signal.reason as Reason, 'the call was ended');

function endingIn(ms: number): AbortSignal {
  const ending = new AbortController();
  setTimeout(() => ending.abort('not-applied' satisfies Reason), ms).unref();
  return ending.signal;
}

async function until(holds: () => Promise<boolean>, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (signal.aborted || performance.now() > endMs) return false;
    await pause(LOOK_AGAIN_MS);
  }
  return true;
}
