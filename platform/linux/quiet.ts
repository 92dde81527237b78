// Keeps everything but our own keys from having a say in a text: locks, latches, held keys, typing aids, another group. All
// of it but held keys comes back afterwards.
import type { Change, Trace, Trouble } from '../port.ts';
import { lentAmong } from './layout.ts';
import { troubled } from './sight.ts';
import { endingIn, pause, until } from './waiting.ts';
import type { XKeyboard } from './x-keyboard.ts';

/** What a trace of this adapter holds; never a character. */
export const Kind = { keys: 'keys', locks: 'locks', mapping: 'mapping' } as const;

/** Num Lock changes no character outside of the key pad. */
const NUM_LOCK = 0x10;
const ALL_MODIFIERS = 0xff;
const CHARACTER_MODIFIERS = ALL_MODIFIERS & ~NUM_LOCK;
const HELD_TRIES = 20;
const HELD_WAIT_MS = 10;
const FREE_WITHIN_MS = 200;

/** Runs `use` on a keyboard that has only the group `group` and, if it was on, Num Lock. */
export async function onQuietKeyboard<T>(x11: XKeyboard, trace: Trace, group: number, use: () => Promise<T>): Promise<T | Trouble> {
  const taken = await awaitFree(x11);
  if (taken !== null) return taken;
  const { locked, lockedGroup } = x11.keyboardState();
  const aids = x11.typingAids();
  const change: Change = { what: Kind.locks, modifiers: locked, group: lockedGroup, aids };
  const changes = lockedGroup !== group || (locked & CHARACTER_MODIFIERS) !== 0 || aids !== 0;
  if (changes) trace(change, false);
  try {
    if (changes) lock(x11, { modifiers: locked & NUM_LOCK, group, aids: 0 });
    return (await releaseHeld(x11)) ?? (await use());
  } finally {
    if (changes) {
      lock(x11, { modifiers: locked, group: lockedGroup, aids });
      trace(change, true);
    }
  }
}

/** Trouble if a program has all keys to itself, whatever has the input focus: one that locks the screen, or a menu. Some do for a moment only. */
export async function awaitFree(x11: XKeyboard): Promise<Trouble | null> {
  return (await until(async () => x11.moment()?.free === true, FREE_WITHIN_MS, endingIn(FREE_WITHIN_MS))) ? null : TAKEN;
}

/** Trouble if none of the windows `keyboard` would get a key, if somebody presses one, or has pressed one that outlasts it. */
export function disturbance(x11: XKeyboard, keyboard: readonly number[], group: number): Trouble | null {
  const moment = x11.moment();
  if (moment === null || !keyboard.includes(moment.inputFocus)) return AWAY;
  if (!moment.free) return TAKEN;
  const quiet = (moment.modifiers & CHARACTER_MODIFIERS) === 0 && moment.group === group && !moment.pressed;
  return quiet ? null : troubled('desktop-error', 'a key was pressed meanwhile');
}

/** Takes back what a dead process left: keys, mappings and locks, as far as its trace tells and the server still shows. */
export function repairKeyboard(x11: XKeyboard, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  releaseAll(x11);
  x11.mapKeys(lentAmong(x11, changes.flatMap((change) => numbersOf(change['keycodes']))).map((keycode) => ({ keycode, keysyms: [] })));
  const locks = changes.find((change) => change['what'] === Kind.locks);
  if (locks !== undefined) lock(x11, { modifiers: Number(locks['modifiers']), group: Number(locks['group']), aids: Number(locks['aids'] ?? 0) });
  x11.sync();
}

// A modifier that a person holds would change every character, and another key repeats itself. They are let go, never
// pressed again: by then the person's hand may be off the key, and it would stay down.
async function releaseHeld(x11: XKeyboard): Promise<Trouble | null> {
  x11.clearLatches();
  for (let tries = 0; tries < HELD_TRIES; tries++) {
    if (x11.pressedKeys().length === 0 && x11.keyboardState().base === 0) return null;
    releaseAll(x11);
    if (tries > 0) await pause(HELD_WAIT_MS);
  }
  return troubled('desktop-error', 'a key is held down');
}

function lock(x11: XKeyboard, { modifiers, group, aids }: { readonly modifiers: number; readonly group: number; readonly aids: number }): void {
  // The server drops all locks when sticky keys go.
  x11.setTypingAids(aids);
  x11.lockModifiers(ALL_MODIFIERS, modifiers);
  x11.lockGroup(group);
  x11.sync();
}

function releaseAll(x11: XKeyboard): void {
  for (const keycode of x11.pressedKeys()) x11.key(keycode, false);
  x11.sync();
}

export const AWAY = troubled('window-changed', 'the keyboard belongs to another window');
const TAKEN = troubled('window-changed', 'another program has the keyboard to itself');

const numbersOf = (value: Change[string] | undefined): readonly number[] => (Array.isArray(value) ? value : []);
