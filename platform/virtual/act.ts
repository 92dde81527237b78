// Writing into fields of the virtual desktop, by its keyboard, as on a real one: aim, select what is there, type
// character by character with the target checked at each, and look how much arrived.
//
//   aim ─ map spare keys ─ Ctrl+A ─ press, release c1 ─ press, release c2 ─ … ─ unmap ─ count, and read a user name
import type { Reason } from '../../contracts/reasons.ts';
import type { Secret } from '../../contracts/secret.ts';
import { FieldRole, isTrouble } from '../port.ts';
import type { Act, Change, FieldRef, Target, Trace, Trouble, Values, Written } from '../port.ts';
import type { Aimed, Desk } from './desk.ts';
import { Key, SPARE_KEYS, keyFor } from './keyboard.ts';
import { unitsOf } from './model.ts';
import { troubled } from './sight.ts';
import { codePointsOfBytes } from './utf8.ts';

/** Requests that may be on their way at once: two for each character. */
const AHEAD_MAX = 16;
/** After these nobody knows how the keyboard was left. */
const BLIND: readonly Reason[] = ['no-desktop', 'desktop-error'];
const LETTER_A = 0x61;
const DELETE = 0x7f;
const SPACE = 0x20;
/** The last C1 control; what lies between DELETE and it is no character either. */
const LAST_CONTROL = 0x9f;

/** Acts on a desk, and tells `trace` of changes to the keyboard that a kill would leave behind. */
export function actOn(desk: Desk, trace: Trace): Act {
  return {
    prepare: () => undefined,

    check: (target, field, { focused }) => desk.check(target, field, focused),

    async read(target, field) {
      if (field === target.password.ref) return troubled('desktop-error', 'password fields are not read');
      return desk.read(target, field);
    },

    async fits(_target, _field, value) {
      const codePoints = value.reveal(codePointsOfBytes);
      const layout = codePoints === null ? troubled('untypable', 'the value is not UTF-8') : layOut(codePoints);
      codePoints?.fill(0);
      if (isTrouble(layout)) return layout;
      layout.keys.fill(0);
      layout.spare.fill(0);
      return null;
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

    writeUnseen: (target, values, signal, begun) => typeUnseen(desk, trace, { target, values, signal, begun }),

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
    if (layout.spare.length > 0) left = await desk.unmap(SPARE_KEYS.slice(0, layout.spare.length));
    if (left === null && (typed === null || !BLIND.includes(typed.trouble))) trace(change, true);
    layout.keys.fill(0);
    layout.spare.fill(0);
  }
  return typed ?? left ?? arrived(desk, target, field, aimed, codePoints);
}

interface Unseen {
  readonly target: Target;
  readonly values: Values;
  readonly signal: AbortSignal;
  readonly begun: () => void;
}

/** Name, Tabs and password in one go; a character that needs a spare key is not typed where nobody sees what became of it. */
async function typeUnseen(desk: Desk, trace: Trace, { target, values, signal, begun }: Unseen): Promise<Written | Trouble> {
  const [user, password] = [layOutPlain(values.user), layOutPlain(values.password)];
  const tabs = new Array<number>(target.unseen?.tabs ?? 0).fill(Key.tab);
  const keys = isTrouble(user) || isTrouble(password) ? null : Uint16Array.from([...user, ...tabs, ...password]);
  for (const part of [user, password]) if (!isTrouble(part)) part.fill(0);
  if (keys === null) return isTrouble(user) ? user : (password as Trouble);
  const change: Change = { kind: 'keyboard', keys: [] };
  try {
    const aimed = ended(signal) ?? (await desk.aimUnseen(target));
    if (isTrouble(aimed)) return aimed;
    trace(change, false);
    begun();
    const typed = await pressAll(desk, aimed.aim, keys, signal);
    if (typed === null || !BLIND.includes(typed.trouble)) trace(change, true);
    return typed ?? { verified: false };
  } finally {
    keys.fill(0);
  }
}

function layOutPlain(value: Secret): Uint16Array | Trouble {
  const codePoints = value.reveal(codePointsOfBytes);
  if (codePoints === null || codePoints.length === 0) return troubled('untypable', 'the value is empty, or not UTF-8');
  const layout = layOut(codePoints);
  codePoints.fill(0);
  if (isTrouble(layout) || layout.spare.length === 0) return isTrouble(layout) ? layout : layout.keys;
  layout.keys.fill(0);
  return troubled('untypable', 'a character is on no key');
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

/**
 * Presses all keys in order with at most `AHEAD_MAX` requests unanswered: the desktop checks each press by itself right
 * before it, and refuses what follows a refused one, so a stop loses nothing but time. The first trouble, or null.
 */
async function typeKeys(desk: Desk, { aim }: Aimed, { keys, spare }: Layout, signal: AbortSignal): Promise<Trouble | null> {
  const sent: Promise<Trouble | null>[] = spare.map((codePoint, index) => desk.map(SPARE_KEYS[index] ?? 0, codePoint));
  sent.push(desk.press(aim, Key.control), desk.press(aim, LETTER_A), desk.release(LETTER_A), desk.release(Key.control));
  return pressAll(desk, aim, keys.length === 0 ? [Key.backspace] : keys, signal, sent);
}

/** `sent`: what is on its way already. */
async function pressAll(desk: Desk, aim: number, keys: Iterable<number>, signal: AbortSignal, sent: Promise<Trouble | null>[] = []): Promise<Trouble | null> {
  let answered = 0;
  let trouble: Trouble | null = null;
  for (const key of keys) {
    while (trouble === null && sent.length - answered >= AHEAD_MAX) trouble = await (sent[answered++] ?? null);
    trouble ??= ended(signal);
    if (trouble !== null) break;
    sent.push(desk.press(aim, key), desk.release(key));
  }
  const rest = await Promise.all(sent.slice(answered));
  return trouble ?? rest.find((answer) => answer !== null) ?? null;
}

async function releaseAll(desk: Desk): Promise<void> {
  const pressed = await desk.pressed();
  if (!isTrouble(pressed)) for (const key of pressed) await desk.release(key);
}

async function arrived(
  desk: Desk, target: Target, field: FieldRef, { aim }: Aimed, codePoints: Uint32Array,
): Promise<Written | Trouble> {
  const readable = field === target.user.ref && target.user.role === FieldRole.text;
  const [count, shown] = await Promise.all([desk.count(aim), readable ? desk.read(target, field) : null]);
  if (typeof count !== 'number') return count;
  if (count !== codePoints.length) return troubled('not-applied', 'another number of characters arrived');
  if (shown === null) return { verified: true };
  if (typeof shown !== 'string') return shown;
  const same = [...shown].every((character, index) => character.codePointAt(0) === codePoints[index]);
  return same ? { verified: true } : troubled('not-applied', 'the field shows another text');
}

const ended = (signal: AbortSignal): Trouble | null =>
  signal.aborted ? troubled(signal.reason as Reason, 'the call was ended') : null;
