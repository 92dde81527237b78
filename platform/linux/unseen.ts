// Types user name, Tab and password into a window whose program shows no fields, where an administrator has told that its
// login form takes them so. What can be known is checked, at the start and again at each key: window, process, title and the
// owner of the keyboard; at the start, too, that there is still nothing to see. What became of the keys only the person knows.
import type { Secret } from '../../contracts/secret.ts';
import { isTrouble } from '../port.ts';
import type { Target, Trace, Trouble, Values, WindowFacts, Written } from '../port.ts';
import type { Accessibility } from './atspi.ts';
import { codePointsOf, hasControl, planKeys } from './keyboard.ts';
import { Step } from './keys.ts';
import type { Keys } from './keys.ts';
import { readLayout } from './layout.ts';
import { AWAY } from './quiet.ts';
import { Sight, troubleOf, troubled } from './sight.ts';
import { Typist } from './typing.ts';
import { ended, pause, turn } from './waiting.ts';
import { frontWindow } from './windows.ts';
import type { X11 } from './x11.ts';

/** A program may give each field a window of its own, and moves the keyboard there when it has seen the Tab. */
const AFTER_TAB_MS = 30;

export class Unseen {
  readonly #x11: X11;
  readonly #sight: Sight;
  readonly #keys: Keys;
  readonly #typist: Typist;

  constructor(x11: X11, a11y: Accessibility, trace: Trace, keys: Keys) {
    this.#x11 = x11;
    this.#sight = new Sight(x11, a11y);
    this.#keys = keys;
    this.#typist = new Typist(x11, trace);
  }

  async write(target: Target, { user, password }: Values, signal: AbortSignal, begun: () => void): Promise<Written | Trouble> {
    const [name, secret] = [this.#onKeys(user), this.#onKeys(password)];
    try {
      if (isTrouble(name)) return name;
      if (isTrouble(secret)) return secret;
      const changed = signal.aborted ? ended(signal) : ((await this.#keys.taken()) ?? (await this.#changed(target)));
      if (changed !== null) return changed;
      begun();
      return (await this.#type(target, name, signal)) ?? (await this.#tab(target, signal)) ?? (await this.#type(target, secret, signal)) ?? { verified: false };
    } finally {
      for (const codePoints of [name, secret]) if (!isTrouble(codePoints)) codePoints.fill(0);
    }
  }

  /** A key that is lent its character is looked at afterwards, elsewhere; here nobody can. */
  #onKeys(value: Secret): Uint32Array | Trouble {
    const codePoints = value.reveal(codePointsOf);
    const plan = codePoints === null || codePoints.length === 0 || hasControl(codePoints) ? null : planKeys(codePoints, readLayout(this.#x11));
    plan?.strokes.fill(0);
    if (codePoints !== null && plan?.mappings.length === 0) return codePoints;
    codePoints?.fill(0);
    return troubled('untypable', 'a character is on no key of the layout');
  }

  /** What differs from the target, the fields included that its program may show by now. */
  async #changed(target: Target): Promise<Trouble | null> {
    const front = this.#front(target);
    if (isTrouble(front)) return front;
    try {
      const frame = await this.#sight.frameOf(front);
      const shows = !isTrouble(frame) || frame.remedy !== undefined;
      return shows ? troubled('element-gone', 'the program shows its fields now, or could') : frame.trouble === 'no-accessibility' ? null : frame;
    } catch (error) {
      return troubleOf(error, 'element-gone');
    }
  }

  #front({ window, unseen }: Target): WindowFacts | Trouble {
    const front = frontWindow(this.#x11);
    if (isTrouble(front)) return front;
    const same = front.id === window.id && front.pid === window.pid && front.title === unseen?.title;
    return same ? front : troubled('window-changed', 'another window is in front, or has another title');
  }

  /** Null when the keys were sent. */
  async #type(target: Target, codePoints: Uint32Array, signal: AbortSignal): Promise<Trouble | null> {
    const inputFocus = this.#x11.inputFocus();
    if (!this.#x11.within(inputFocus, Number(target.window.id))) return AWAY;
    const typed = await this.#typist.type({
      codePoints, keyboard: [inputFocus, Number(target.window.id)], signal, lentOnly: false, continues: false, goesOn: false,
      ask: async () => undefined,
      next: async () => {
        await turn();
        const front = this.#front(target);
        return isTrouble(front) ? front : null;
      },
      arrive: async () => ({ verified: false }),
    });
    return isTrouble(typed) ? typed : null;
  }

  async #tab(target: Target, signal: AbortSignal): Promise<Trouble | null> {
    for (let tab = 0; tab < (target.unseen?.tabs ?? 0); tab++) {
      const front = this.#front(target);
      if (isTrouble(front)) return front;
      const trouble = signal.aborted ? ended(signal) : await this.#keys.step(target, Step.next);
      if (trouble !== null) return trouble;
      await pause(AFTER_TAB_MS);
    }
    return null;
  }
}
