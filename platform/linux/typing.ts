// Types a text by synthetic keys: one character at a time, each only while the right window has the keyboard.
import type { Reason } from '../../contracts/reasons.ts';
import { isTrouble } from '../port.ts';
import type { Change, Trace, Trouble, Written } from '../port.ts';
import { planKeys, planLent, strokeAt } from './keyboard.ts';
import type { Plan } from './keyboard.ts';
import { readLayout } from './layout.ts';
import { Kind, disturbance, onQuietKeyboard } from './quiet.ts';
import { troubled } from './sight.ts';
import { pause } from './waiting.ts';
import type { X11 } from './x11.ts';

export interface Typing {
  /** None: everything in the field is selected and deleted instead. */
  readonly codePoints: Uint32Array;
  /** The text goes on behind what the field shows of it: nothing is taken back first. */
  readonly continues: boolean;
  /** Another part follows, so the last character is waited for like every other. */
  readonly goesOn: boolean;
  /** Spare keys alone are used, which an input method does not take for its own. */
  readonly lentOnly: boolean;
  /**
   * X windows of which one must have the input focus at each key: the window itself, and the inner one in which its toolkit
   * keeps the focus. A window manager that raises the window gives it to the outer one for a moment.
   */
  readonly keyboard: readonly number[];
  readonly signal: AbortSignal;
  /** Asks the program something that its event loop answers. */
  readonly ask: () => Promise<unknown>;
  /** Waits between two characters until the next one may go; a trouble stops the text. */
  readonly next: () => Promise<Trouble | null>;
  /** Waits until the text has arrived; key mappings are taken back afterwards. */
  readonly arrive: () => Promise<Written | Trouble>;
}

/** One turn of a program's event loop may answer before it looks at its keys; the next one has seen them. */
const TURNS = 2;
/** How long a program may take to look up keys that it has not been seen to use. */
const UNSEEN_MS = 200;
export const UNTYPABLE = troubled('untypable', 'the layout and its spare keys do not give every character');

/**
 * The whole of one text:
 *
 *   read layout · plan · trace+map spare keys · trace+lock group · announce the new keys · [grab · check focus · keys ·
 *   ungrab] for each character, a look at the field in between · restore group · wait for arrival · unmap
 *
 * The server grab makes check and key one step for every other client; the look between characters lets a deadline
 * or a focus that went elsewhere stop the text within one character.
 */
export class Typist {
  readonly #x11: X11;
  readonly #trace: Trace;
  #busy = false;

  constructor(x11: X11, trace: Trace) {
    this.#x11 = x11;
    this.#trace = trace;
  }

  /** Types, waits for the arrival and gives its answer, or what stopped the typing. */
  async type(typing: Typing): Promise<Written | Trouble> {
    if (this.#busy) return troubled('desktop-error', 'another text is being typed');
    const plan = (typing.lentOnly ? planLent : planKeys)(typing.codePoints, readLayout(this.#x11));
    if (plan === null) return UNTYPABLE;
    this.#busy = true;
    try {
      return await this.#typePlan(plan, typing);
    } finally {
      plan.strokes.fill(0);
      this.#busy = false;
    }
  }

  async #typePlan(plan: Plan, typing: Typing): Promise<Written | Trouble> {
    const keycodes = plan.mappings.map(({ keycode }) => keycode);
    const mapping: Change = { what: Kind.mapping, keycodes };
    if (keycodes.length > 0) this.#trace(mapping, false);
    let seen = false;
    try {
      this.#x11.mapKeys(plan.mappings);
      if (!means(this.#x11, plan)) return troubled('desktop-error', 'the spare keys did not take their characters');
      const trouble = await onQuietKeyboard(this.#x11, this.#trace, plan.group, () => this.#typeCharacters(plan, typing));
      if (trouble !== null) return trouble;
      const written = await typing.arrive();
      seen = !isTrouble(written) && written.verified;
      return written;
    } finally {
      if (keycodes.length > 0) {
        if (!seen) await pause(UNSEEN_MS);
        this.#x11.mapKeys(keycodes.map((keycode) => ({ keycode, keysyms: [] })));
        this.#x11.sync();
        this.#trace(mapping, true);
      }
    }
  }

  async #typeCharacters(plan: Plan, typing: Typing): Promise<Trouble | null> {
    const keys: Change = { what: Kind.keys };
    this.#trace(keys, false);
    try {
      const unready = await this.#prepare(plan, typing);
      if (unready !== null) return unready;
      const count = typing.codePoints.length;
      for (let index = 0; index < Math.max(count, 1); index++) {
        const trouble = stopped(typing) ?? this.#x11.grabbed(() => this.#send(plan, typing, index));
        if (trouble !== null) return trouble;
        const unseen = index + 1 < count || typing.goesOn ? await typing.next() : null;
        if (unseen !== null) return unseen;
      }
      return null;
    } finally {
      this.#trace(keys, true);
    }
  }

  // Two things would spoil the first character. After a dead accent, or Compose, a program waits for the letter that belongs
  // to it; the key that takes a character back ends that. And a program may look the first key after a change of meanings up
  // in its old key map, and not tell: a busy Chromium did so with one text of fifty. A key of old meaning is that first key.
  async #prepare(plan: Plan, typing: Typing): Promise<Trouble | null> {
    const { mappings, line, shiftKeycode } = plan;
    const waiting = typing.continues ? 0 : plan.waiting;
    if (mappings.length === 0 && waiting === 0) return null;
    const keycodes = waiting > 0 ? new Array<number>(waiting).fill(line.backspace) : [shiftKeycode];
    const unfit = this.#x11.grabbed(() => {
      const disturbed = disturbance(this.#x11, typing.keyboard, plan.group);
      if (disturbed === null) keycodes.forEach((keycode) => this.#press(keycode, []));
      return disturbed;
    });
    for (let turn = 0; turn < TURNS && mappings.length > 0; turn++) await typing.ask();
    return unfit;
  }

  // Runs inside of a server grab: nobody can move the focus or press a key between the look and the keys.
  #send(plan: Plan, typing: Typing, index: number): Trouble | null {
    const unfit = disturbance(this.#x11, typing.keyboard, plan.group);
    if (unfit !== null) return unfit;
    if (typing.codePoints.length === 0) {
      this.#press(plan.line.end, []);
      this.#press(plan.line.home, [plan.shiftKeycode]);
      this.#press(plan.line.backspace, []);
    } else {
      const { keycode, shift, level3 } = strokeAt(plan, index);
      this.#press(keycode, [...(shift ? [plan.shiftKeycode] : []), ...(level3 ? [plan.level3Keycode] : [])]);
    }
    return null;
  }

  #press(keycode: number, modifiers: readonly number[]): void {
    for (const modifier of modifiers) this.#x11.key(modifier, true);
    this.#x11.key(keycode, true);
    this.#x11.key(keycode, false);
    for (const modifier of modifiers) this.#x11.key(modifier, false);
  }
}

/** Looks whether the server gives every spare key the characters that it got. */
function means(x11: X11, { mappings }: Plan): boolean {
  if (mappings.length > 0) x11.refreshKeyboard();
  return mappings.every(({ keycode, keysyms }) => keysyms.every((keysym, level) => x11.keysymAt(keycode, 0, level) === keysym));
}

const stopped = ({ signal }: Typing): Trouble | null => (signal.aborted ? troubled(signal.reason as Reason, 'stopped while typing') : null);
