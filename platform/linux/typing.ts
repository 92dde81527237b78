// Types a text by synthetic keys: one character at a time, each only while the right window has the keyboard.
import type { Reason } from '../../contracts/reasons.ts';
import { isTrouble } from '../port.ts';
import type { Change, Trace, Trouble, Written } from '../port.ts';
import { planKeys, strokeAt } from './keyboard.ts';
import type { Layout, Plan } from './keyboard.ts';
import { troubled } from './sight.ts';
import type { KeyMapping, KeyboardState, X11 } from './x11.ts';

export interface Typing {
  /** None: everything in the field is selected and deleted instead. */
  readonly codePoints: Uint32Array;
  /** X window that must have the input focus at each key. */
  readonly inputFocus: number;
  /** False once the focus left the element. */
  readonly focused: () => boolean;
  readonly signal: AbortSignal;
  /** Asks the program something that its event loop answers. */
  readonly ask: () => Promise<unknown>;
  /** Waits until the text has arrived; key mappings are taken back afterwards. */
  readonly arrive: () => Promise<Written | Trouble>;
}

/** What a trace of this adapter holds; never a character. */
const Kind = { keys: 'keys', locks: 'locks', mapping: 'mapping' } as const;

/** Num Lock changes no character outside of the key pad. */
const NUM_LOCK = 0x10;
const CHARACTER_MODIFIERS = 0xff & ~NUM_LOCK;
/** One turn of a program's event loop may answer before it looks at its keys; the next one has seen them. */
const TURNS = 2;
/** How long a program may take to look up keys that it has not been seen to use. */
const UNSEEN_MS = 200;
const HELD_TRIES = 20;
const HELD_WAIT_MS = 10;

/**
 * The whole of one text:
 *
 *   read layout · plan · trace+map spare keys · trace+lock group · announce the new keys · [grab · check focus · keys ·
 *   ungrab] for each character, the event loop in between · restore group · wait for arrival · unmap
 *
 * The server grab makes check and key one step for every other client; the pause between characters lets a deadline
 * or a focus event stop the text within one character.
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
    const plan = planKeys(typing.codePoints, readLayout(this.#x11));
    if (plan === null) return troubled('untypable', 'the layout and its spare keys do not give every character');
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
      const trouble = await this.#typeLocked(plan, typing);
      if (trouble !== null) return trouble;
      const written = await typing.arrive();
      seen = !isTrouble(written) && written.verified;
      return written;
    } finally {
      if (keycodes.length > 0) {
        if (!seen) await pause(UNSEEN_MS);
        this.#x11.mapKeys(keycodes.map(unmapped));
        this.#x11.sync();
        this.#trace(mapping, true);
      }
    }
  }

  // Caps Lock and other locks, and another group, are lifted while typing and come back afterwards.
  async #typeLocked(plan: Plan, typing: Typing): Promise<Trouble | null> {
    const { locked, group } = this.#x11.keyboardState();
    const locks: Change = { what: Kind.locks, modifiers: locked, group };
    const changes = group !== plan.group || (locked & CHARACTER_MODIFIERS) !== 0;
    if (changes) this.#trace(locks, false);
    try {
      if (changes) lock(this.#x11, locked & NUM_LOCK, plan.group);
      return (await this.#releaseHeld()) ?? (await this.#typeCharacters(plan, typing));
    } finally {
      if (changes) {
        lock(this.#x11, locked, group);
        this.#trace(locks, true);
      }
    }
  }

  // A modifier that a person holds would change every character. It is let go, never pressed again: by then the
  // person's hand may be off the key, and it would stay down.
  async #releaseHeld(): Promise<Trouble | null> {
    this.#x11.clearLatches();
    for (let tries = 0; tries < HELD_TRIES; tries++) {
      if (this.#x11.keyboardState().base === 0) return null;
      releaseAll(this.#x11);
      if (tries > 0) await pause(HELD_WAIT_MS);
    }
    return troubled('desktop-error', 'a modifier key is held down');
  }

  async #typeCharacters(plan: Plan, typing: Typing): Promise<Trouble | null> {
    const keys: Change = { what: Kind.keys };
    this.#trace(keys, false);
    try {
      const deaf = plan.mappings.length > 0 ? await this.#announce(plan, typing) : null;
      if (deaf !== null) return deaf;
      const count = typing.codePoints.length;
      for (let index = 0; index < Math.max(count, 1); index++) {
        const trouble = stopped(typing) ?? this.#x11.grabbed(() => this.#send(plan, typing, index));
        if (trouble !== null) return trouble;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return null;
    } finally {
      this.#trace(keys, true);
    }
  }

  // A program may look the first key after a change of meanings up in its old key map, and not tell: a busy Chromium did
  // so with one text of fifty, and typed the character that this key once had. A lone modifier is that first key.
  async #announce(plan: Plan, typing: Typing): Promise<Trouble | null> {
    const announced = this.#x11.grabbed(() => this.#unfit(plan, typing) ?? this.#press(plan.shiftKeycode, []));
    for (let turn = 0; turn < TURNS; turn++) await typing.ask();
    return announced;
  }

  // Runs inside of a server grab: nobody can move the focus or press a key between the look and the keys.
  #send(plan: Plan, typing: Typing, index: number): Trouble | null {
    const unfit = this.#unfit(plan, typing);
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

  #unfit(plan: Plan, { inputFocus }: Typing): Trouble | null {
    if (this.#x11.inputFocus() !== inputFocus) return troubled('window-changed', 'the keyboard belongs to another window');
    return isNeutral(this.#x11.keyboardState(), plan.group) ? null : troubled('desktop-error', 'a modifier key was pressed meanwhile');
  }

  #press(keycode: number, modifiers: readonly number[]): null {
    for (const modifier of modifiers) this.#x11.key(modifier, true);
    this.#x11.key(keycode, true);
    this.#x11.key(keycode, false);
    for (const modifier of modifiers) this.#x11.key(modifier, false);
    return null;
  }
}

/** Takes back what a dead process left: keys, mappings and locks, as far as its trace tells and the server still shows. */
export function repairKeyboard(x11: X11, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  releaseAll(x11);
  const rows = x11.keyboardMapping();
  // More than one keysym on a key means that somebody else has given it a meaning since.
  const ours = (keycode: number): boolean => new Set(rows[keycode - x11.minKeycode]?.filter((keysym) => keysym !== 0)).size === 1;
  x11.mapKeys([...new Set(changes.flatMap((change) => numbersOf(change['keycodes'])))].filter(ours).map(unmapped));
  const locks = changes.find((change) => change['what'] === Kind.locks);
  if (locks !== undefined) lock(x11, Number(locks['modifiers']), Number(locks['group']));
  x11.sync();
}

function readLayout(x11: X11): Layout {
  x11.refreshKeyboard();
  // The lowest keycode is left alone: some programs take it for "no key".
  const free = x11.keyboardMapping().map((row, index) => ({ row, keycode: x11.minKeycode + index })).slice(1);
  return {
    minKeycode: x11.minKeycode,
    maxKeycode: x11.maxKeycode,
    group: x11.keyboardState().group,
    keysymAt: (keycode, group, level) => x11.keysymAt(keycode, group, level),
    codePointOf: (keysym) => x11.codePointOf(keysym),
    spare: longestRunsFirst(free.filter(({ row }) => row.every((keysym) => keysym === 0)).map(({ keycode }) => keycode)),
  };
}

// Neighbours are mapped by one request.
function longestRunsFirst(keycodes: readonly number[]): number[] {
  const runs: number[][] = [];
  for (const keycode of keycodes) {
    const run = runs.at(-1);
    if (run?.at(-1) === keycode - 1) run.push(keycode);
    else runs.push([keycode]);
  }
  return runs.sort((a, b) => b.length - a.length).flat();
}

const unmapped = (keycode: number): KeyMapping => ({ keycode, keysym: 0 });

function lock(x11: X11, modifiers: number, group: number): void {
  x11.lockModifiers(0xff, modifiers);
  x11.lockGroup(group);
  x11.sync();
}

function releaseAll(x11: X11): void {
  for (const keycode of x11.pressedKeys()) x11.key(keycode, false);
  x11.sync();
}

const isNeutral = (state: KeyboardState, group: number): boolean =>
  state.base === 0 && state.latched === 0 && (state.locked & CHARACTER_MODIFIERS) === 0 && state.group === group;

function stopped({ signal, focused }: Typing): Trouble | null {
  if (signal.aborted) return troubled(signal.reason as Reason, 'stopped while typing');
  return focused() ? null : troubled('focus-lost', 'the focus left the field while typing');
}

const numbersOf = (value: Change[string] | undefined): readonly number[] => (Array.isArray(value) ? value : []);

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
