// Acting on an X11 desktop: each call looks again right before it writes, and looks how it arrived.
import type { Secret } from '../../contracts/secret.ts';
import { FieldRole, isTrouble } from '../port.ts';
import type { Act, Change, FieldRef, Target, Trace, Trouble, Values, Written } from '../port.ts';
import { Aim, unfocusable, unwritable } from './aim.ts';
import type { Aimed } from './aim.ts';
import { awaitArrival } from './arrival.ts';
import type { Expected } from './arrival.ts';
import { State, Toolkit, elementOf, hasState } from './atspi.ts';
import type { Accessibility, Element, StateSet } from './atspi.ts';
import { choose } from './choosing.ts';
import { countsOf } from './counts.ts';
import { isUnsupported } from './fields.ts';
import type { InputMethods } from './input-method.ts';
import { codePointsOf, hasControl } from './keyboard.ts';
import { Keys } from './keys.ts';
import type { Awaited } from './keys.ts';
import { readLayout } from './layout.ts';
import { tooLong, unfit } from './limits.ts';
import { nudgeFor } from './nudge.ts';
import { shownIn } from './options.ts';
import { Painted } from './painted.ts';
import type { PaintedAt } from './painted.ts';
import { Remade } from './remade.ts';
import { lostFocus, troubleOf, troubled } from './sight.ts';
import { repairKeyboard } from './quiet.ts';
import { tabTo } from './tabbing.ts';
import { Unseen } from './unseen.ts';
import { ended, endingIn, pause, until } from './waiting.ts';
import type { X11 } from './x11.ts';

const FOCUS_MS = 1000;
const CLEAR_MS = 1000;
/** Much less than a tap's lease leaves. */
const BACK_MS = 100;
/** A target that is prepared is looked at so often, and so long, or until the fill begins: what is asked then has just been answered. */
const PREPARED_EVERY_MS = 20;
const PREPARED_MS = 300;
const NOTHING = new Uint32Array(0);

/** Opens an act over connections that it then owns. Throws `BusError`. */
export async function openAct(x11: X11, a11y: Accessibility, inputMethods: InputMethods, trace: Trace): Promise<Act> {
  const act = new LinuxAct(x11, a11y, inputMethods, trace);
  await a11y.hearFocus((element) => act.hearFocus(element));
  return act;
}

class LinuxAct implements Act {
  readonly #x11: X11;
  readonly #a11y: Accessibility;
  readonly #aim: Aim;
  readonly #inputMethods: InputMethods;
  readonly #keys: Keys;
  readonly #remade: Remade;
  readonly #unseen: Unseen;
  #prepared: { readonly target: Target; readonly untilMs: number } | null = null;

  constructor(x11: X11, a11y: Accessibility, inputMethods: InputMethods, trace: Trace) {
    this.#x11 = x11;
    this.#a11y = a11y;
    this.#remade = new Remade(a11y);
    this.#aim = new Aim(x11, a11y, this.#remade);
    this.#inputMethods = inputMethods;
    this.#keys = new Keys(x11, a11y, inputMethods, trace);
    this.#unseen = new Unseen(x11, a11y, trace, this.#keys);
  }

  prepare(target: Target): void {
    readLayout(this.#x11);
    const { target: last, untilMs = 0 } = this.#prepared ?? {};
    if (last === target && performance.now() < untilMs) return;
    const prepared = (this.#prepared = { target, untilMs: performance.now() + PREPARED_MS });
    void this.#prepare(target, () => this.#prepared === prepared && performance.now() < prepared.untilMs).catch(() => undefined);
  }

  async check(target: Target, field: FieldRef, need: { focused: boolean }): Promise<Trouble | null> {
    this.#prepared = null;
    const aimed = await this.#aim.at(target, field, need);
    return isTrouble(aimed) ? aimed : this.#aim.visible(target, aimed, need);
  }

  async read(target: Target, field: FieldRef): Promise<string | Trouble> {
    const aimed = await this.#aim.at(target, field, { focused: false });
    if (isTrouble(aimed)) return aimed;
    if (aimed.role === FieldRole.password) return troubled('desktop-error', 'a password field is never read');
    return this.#guard(() => (aimed.role === FieldRole.text ? this.#a11y.text(aimed.element) : shownIn(this.#a11y, aimed)));
  }

  fits(target: Target, field: FieldRef, value: Secret): Promise<Trouble | null> {
    return unfit({ x11: this.#x11, a11y: this.#a11y }, target, field, value);
  }

  async focus(target: Target, field: FieldRef, signal: AbortSignal): Promise<Trouble | null> {
    const aimed = await this.#aim.at(target, field, { focused: false });
    if (isTrouble(aimed)) return aimed;
    const unfit = unfocusable(aimed);
    if (unfit !== null) return unfit;
    if (signal.aborted) return ended(signal);
    return this.#guard(async () => {
      if (await this.#holds(target, aimed, aimed.states)) return this.#aim.window(target);
      // Asked before the focus moves, it is answered before that is told.
      const [, moving] = await Promise.all([this.#aim.lookAhead(target, aimed), this.#move(target, aimed, signal)]);
      if (moving !== null) return moving;
      const holds = async (): Promise<boolean> => this.#holds(target, aimed, await this.#a11y.states(aimed.element));
      if (await until(holds, FOCUS_MS, signal, nudgeFor(this.#a11y, aimed))) return this.#aim.window(target);
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
      const { toolkit } = aimed;
      const nudge = nudgeFor(this.#a11y, aimed);
      const [unseen, long, lost, before, paintedAt] = await Promise.all([
        // Whether it can be seen is known only now that it has the focus, and with it came into view.
        this.#aim.visible(target, aimed, { focused: true }),
        tooLong(this.#a11y, aimed.element, codePoints),
        lostFocus(this.#a11y, aimed.element),
        this.#a11y.characterCount(aimed.element).catch(() => null),
        this.#aim.paintedAt(target, aimed).catch(() => null),
      ]);
      const unfit = unseen ?? long ?? lost;
      if (unfit !== null) return unfit;
      const text = aimed.role === FieldRole.password ? null : String.fromCodePoint(...codePoints);
      const countsAfter = (characters: number): readonly number[] => countsOf({ toolkit, password: text === null }, codePoints.subarray(0, characters));
      const expected = { counts: countsAfter(codePoints.length), countsAfter, text, nudge };
      const placed = text === null ? null : await this.#place(aimed, text, expected, signal);
      return placed ?? (await this.#type(target, aimed, codePoints, { ...expected, before, paintedAt }, signal));
    } finally {
      codePoints?.fill(0);
    }
  }

  async choose(target: Target, field: FieldRef, option: string, signal: AbortSignal): Promise<Written | Trouble> {
    if (signal.aborted) return ended(signal);
    const aimed = await this.#ready(target, field);
    if (isTrouble(aimed)) return aimed;
    if (aimed.role !== FieldRole.select) return troubled('desktop-error', 'the field is not a drop-down');
    const holds = async (): Promise<boolean> => this.#holds(target, aimed, await this.#a11y.states(aimed.element));
    const means = { a11y: this.#a11y, keys: this.#keys, remade: this.#remade, holds, documentOf: () => this.#aim.documentOf(aimed.element) };
    return this.#guard(() => choose(means, target, aimed, option, signal));
  }

  writeUnseen(target: Target, values: Values, signal: AbortSignal, begun: () => void): Promise<Written | Trouble> {
    return this.#unseen.write(target, values, signal, begun);
  }

  async clear(target: Target, field: FieldRef): Promise<Trouble | null> {
    const aimed = await this.#aimAtLast(target, field);
    if (isTrouble(aimed)) return aimed;
    const unfit = unwritable(aimed);
    if (unfit !== null) return unfit;
    const signal = endingIn(CLEAR_MS);
    const empty = { counts: [0], text: null, nudge: nudgeFor(this.#a11y, aimed), before: null };
    const placed = await this.#place(aimed, '', empty, signal);
    if (placed !== null) return isTrouble(placed) ? placed : null;
    const unfocused = await this.focus(target, field, signal);
    if (unfocused !== null) return unfocused;
    const typed = await this.#keys.replace(target, aimed.element, NOTHING, empty, signal);
    return isTrouble(typed) ? typed : null;
  }

  async repair(changes: readonly Change[]): Promise<void> {
    repairKeyboard(this.#x11, changes);
  }

  async close(): Promise<void> {
    this.#prepared = null;
    this.#inputMethods.close();
    this.#a11y.close();
    this.#x11.close();
  }

  /** Takes note of what a program told, as looks have some tell. */
  hearFocus(element: Element): void {
    this.#aim.hearFocus(element);
  }

  async #prepare(target: Target, isWanted: () => boolean): Promise<void> {
    const program = elementOf(target.password.ref)?.sender;
    if (program !== undefined && (await this.#a11y.toolkitOf(program)) === Toolkit.chromium) await this.#a11y.callDirectly(program);
    for (; isWanted(); await pause(PREPARED_EVERY_MS)) await this.#aim.prepare(target);
  }

  // What is inside of a drop-down has the focus in its place.
  async #holds(target: Target, { element, role }: Aimed, states: StateSet): Promise<boolean> {
    return hasState(states, State.focused) || (role === FieldRole.select && (await this.#aim.holdsFocus(target, element)));
  }

  async #move(target: Target, { element }: Aimed, signal: AbortSignal): Promise<Trouble | null> {
    try {
      await this.#a11y.grabFocus(element);
      return null;
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      return tabTo({ a11y: this.#a11y, aim: this.#aim, keys: this.#keys }, target, element, signal);
    }
  }

  /** A window that loses the keyboard for a moment only is waited for: half a password is not to stay in it. */
  async #aimAtLast(target: Target, field: FieldRef): Promise<Aimed | Trouble> {
    const look = (): Promise<Aimed | Trouble> => this.#aim.at(target, field, { focused: false });
    let aimed = await look();
    const settled = (): boolean => !isTrouble(aimed) || aimed.trouble !== 'window-changed';
    await until(async () => settled() || ((aimed = await look()), settled()), BACK_MS, endingIn(BACK_MS));
    return aimed;
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
    target: Target, aimed: Aimed, codePoints: Uint32Array, { paintedAt, ...expected }: Awaited & { readonly paintedAt: PaintedAt | null }, signal: AbortSignal,
  ): Promise<Written | Trouble> {
    // Where there was a text before, another one of the same length may look the same.
    const painted = expected.before === 0 && paintedAt !== null ? new Painted(this.#x11, paintedAt) : null;
    // A busy browser tells only after it took the first character what lies over the field.
    const covered = (): Promise<Trouble | null> => this.#aim.visible(target, aimed, { focused: true, answered: true });
    const seen = async (keys: number): Promise<Trouble | null> => (keys === 1 ? await covered() : null) ?? painted?.afterKey(keys, signal) ?? null;
    try {
      const written = await this.#keys.replace(target, aimed.element, codePoints, { ...expected, seen }, signal);
      return isTrouble(written) ? written : ((await painted?.afterText(signal)) ?? written);
    } finally {
      painted?.wipe();
    }
  }

  async #guard<T>(run: () => Promise<T>): Promise<T | Trouble> {
    try {
      return await run();
    } catch (error) {
      return troubleOf(error, 'element-gone');
    }
  }
}
