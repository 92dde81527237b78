// Writing into fields of the virtual desktop, by its keyboard, as on a real one: aim, select what is there, type
// character by character with the target checked at each, and look how much arrived.
//
//   aim ─ map spare keys ─ Ctrl+A ─┬─ press c1 ─┬─ press c2 ─ … ─ release ─ count ─ unmap
//                                  └ release Ctrl, a └ release c1
import type { Reason } from '../../contracts/reasons.ts';
import { FieldRole, isTrouble } from '../port.ts';
import type { Act, Change, FieldRef, Target, Trace, Trouble, Written } from '../port.ts';
import type { Aimed, Desk } from './desk.ts';
import { Key, SPARE_KEYS, keyFor } from './keyboard.ts';
import { unitsOf } from './model.ts';
import { troubled } from './sight.ts';
import { codePointsOfBytes } from './utf8.ts';

const LETTER_A = 0x61;
const DELETE = 0x7f;
const SPACE = 0x20;
/** The last C1 control; what lies between DELETE and it is no character either. */
const LAST_CONTROL = 0x9f;

/** Acts on a desk, and tells `trace` of changes to the keyboard that a kill would leave behind. */
export function actOn(desk: Desk, trace: Trace): Act {
  return {
    check: (target, field, { focused }) => desk.check(target, field, focused),

    async read(target, field) {
      if (field === target.password.ref) return troubled('desktop-error', 'password fields are not read');
      return desk.read(target, field);
    },

    async focus(target, field, signal) {
      return ended(signal) ?? desk.focus(target, field);
    },

    async write(target, field, value, signal) {
      const codePoints = value.reveal(codePointsOfBytes);
      try {
        if (codePoints === null) return troubled('untypable', 'the value is not UTF-8');
        return await typeInto(desk, trace, target, field, codePoints, signal);
      } finally {
        codePoints?.fill(0);
      }
    },

    async choose(target, field, option, signal) {
      const aimed = ended(signal) ?? (await desk.aim(target, field));
      if (isTrouble(aimed)) return aimed;
      return (await desk.choose(aimed.aim, option)) ?? { verified: true };
    },

    async clear(target, field) {
      const reached = (await desk.check(target, field, true)) === null ? null : await desk.focus(target, field);
      if (reached !== null) return reached;
      const written = await typeInto(desk, trace, target, field, new Uint32Array(), new AbortController().signal);
      return isTrouble(written) ? written : null;
    },

    async repair(changes) {
      for (const { keys } of changes) if (Array.isArray(keys)) await desk.unmap(keys);
      if (changes.length > 0) await releaseAll(desk);
    },

    close: () => desk.close(),
  };
}

async function typeInto(
  desk: Desk, trace: Trace, target: Target, field: FieldRef, codePoints: Uint32Array, signal: AbortSignal,
): Promise<Written | Trouble> {
  const layout = layOut(codePoints);
  if (isTrouble(layout)) return layout;
  const aimed = ended(signal) ?? (await desk.aim(target, field));
  if (isTrouble(aimed)) return aimed;
  if (aimed.maxLength !== null && unitsOf(codePoints) > aimed.maxLength) {
    return troubled('value-too-long', 'the field takes fewer characters');
  }
  // The trace names the spare keys by count alone: keys in their order would tell the password.
  const change: Change = { kind: 'keyboard', keys: SPARE_KEYS.slice(0, layout.spare.length) };
  trace(change, false);
  let left: Trouble | null = null;
  let typed: Trouble | null = null;
  try {
    typed = await typeKeys(desk, aimed, layout, signal);
  } finally {
    left = await desk.unmap(SPARE_KEYS.slice(0, layout.spare.length));
    if (left === null) trace(change, true);
    layout.keys.fill(0);
    layout.spare.fill(0);
  }
  return typed ?? left ?? arrived(desk, target, field, aimed, codePoints);
}

/** Keys in typing order, and the characters that spare keys must be given first. */
interface Layout {
  readonly keys: Uint16Array;
  readonly spare: number[];
}

function layOut(codePoints: Uint32Array): Layout | Trouble {
  const keys = new Uint16Array(codePoints.length);
  const spare: number[] = [];
  for (const [index, codePoint] of codePoints.entries()) {
    if (codePoint < SPACE || (codePoint >= DELETE && codePoint <= LAST_CONTROL)) {
      return troubled('untypable', 'the value holds a control character');
    }
    const known = keyFor(codePoint);
    if (known === null && !spare.includes(codePoint)) spare.push(codePoint);
    const key = known ?? SPARE_KEYS[spare.indexOf(codePoint)];
    if (key === undefined) return troubled('untypable', 'more characters than the keyboard has spare keys');
    keys[index] = key;
  }
  return { keys, spare };
}

async function typeKeys(desk: Desk, { aim }: Aimed, { keys, spare }: Layout, signal: AbortSignal): Promise<Trouble | null> {
  for (const [index, codePoint] of spare.entries()) {
    const mapped = await desk.map(SPARE_KEYS[index] ?? 0, codePoint);
    if (mapped !== null) return mapped;
  }
  const selected = await stroke(desk, aim, [Key.control, LETTER_A], signal);
  if (selected !== null) return selected;
  if (keys.length === 0) return stroke(desk, aim, [Key.backspace], signal);
  for (const key of keys) {
    const pressed = await stroke(desk, aim, [key], signal);
    if (pressed !== null) return pressed;
  }
  return null;
}

/** Presses keys together; their release travels with the next request, as requests keep their order. */
async function stroke(desk: Desk, aim: number, keys: readonly number[], signal: AbortSignal): Promise<Trouble | null> {
  let trouble: Trouble | null = null;
  for (const key of keys) trouble ??= ended(signal) ?? (await desk.press(aim, key));
  for (const key of keys) void desk.release(key);
  return trouble;
}

async function releaseAll(desk: Desk): Promise<void> {
  const pressed = await desk.pressed();
  if (!isTrouble(pressed)) for (const key of pressed) await desk.release(key);
}

async function arrived(
  desk: Desk, target: Target, field: FieldRef, { aim }: Aimed, codePoints: Uint32Array,
): Promise<Written | Trouble> {
  const count = await desk.count(aim);
  if (typeof count !== 'number') return count;
  if (count !== codePoints.length) return troubled('not-applied', 'another number of characters arrived');
  if (field === target.password.ref || target.user.role !== FieldRole.text) return { verified: true };
  const shown = await desk.read(target, field);
  if (typeof shown !== 'string') return shown;
  const same = [...shown].every((character, index) => character.codePointAt(0) === codePoints[index]);
  return same ? { verified: true } : troubled('not-applied', 'the field shows another text');
}

const ended = (signal: AbortSignal): Trouble | null =>
  signal.aborted ? troubled(signal.reason as Reason, 'the call was ended') : null;
