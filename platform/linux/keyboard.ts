// Plans the keystrokes of a text on the present layout: pure, but for the layout that it is given.
import type { KeyMapping } from './x-keyboard.ts';

/** The meanings of all keys, one by one. */
export interface Keysyms {
  readonly minKeycode: number;
  readonly maxKeycode: number;
  keysymAt(keycode: number, group: number, level: number): number;
  codePointOf(keysym: number): number;
}

/** A keycode with the modifiers that its level needs. */
export interface Stroke {
  readonly keycode: number;
  readonly shift: boolean;
  readonly level3: boolean;
}

/** How one types each character, and gives each keysym, in one group. */
export interface Table {
  readonly characters: ReadonlyMap<number, Stroke>;
  readonly keysyms: ReadonlyMap<number, Stroke>;
}

/** What the layout gives: read once for each text. */
export interface Layout {
  /** Group in use, from 0. */
  readonly group: number;
  /** One for each group. */
  readonly tables: readonly Table[];
  /** Keycodes without any meaning. */
  readonly spare: readonly number[];
}

export interface Plan {
  /** Keycode and level of each character, two bytes each; as secret as the text. */
  readonly strokes: Uint8Array;
  /** Group to lock while typing. */
  readonly group: number;
  /** Spare keycodes and the keysyms that they get. */
  readonly mappings: readonly KeyMapping[];
  /** Keys that may have been pressed and wait for a character to become another one with: so many are to be taken back. */
  readonly waiting: number;
  readonly shiftKeycode: number;
  readonly level3Keycode: number;
  /** Keys that select and delete a line: they are on every layout, as the `a` of Ctrl-A is not. */
  readonly line: { readonly home: number; readonly end: number; readonly backspace: number };
}

const Keysym = { shift: 0xffe1, level3: 0xfe03, home: 0xff50, end: 0xff57, backspace: 0xff08, compose: 0xff20 } as const;
const GROUPS = 4;
const LEVELS = [
  { shift: false, level3: false }, { shift: true, level3: false }, { shift: false, level3: true }, { shift: true, level3: true },
] as const;
/** The longest sequences of Compose have five keys, and the last one ends them. */
const COMPOSED_MAX = 4;
/** The digits of a key pad depend on Num Lock. */
const isKeypad = (keysym: number): boolean => keysym >= 0xff80 && keysym <= 0xffbd;
const isDead = (keysym: number): boolean => keysym >= 0xfe50 && keysym <= 0xfe93;

/**
 * Plans `codePoints` with spare keycodes alone, and by the keysyms of Unicode: an input method takes letters for its own
 * that are named as on a keyboard, and hands these on.
 */
export function planLent(codePoints: Uint32Array, layout: Layout): Plan | null {
  return plan(codePoints, layout, { lentOnly: true });
}

/**
 * Plans `codePoints` in the group that has most of them; what no key gives goes to spare keycodes, one for
 * each, then one with Shift for each. Null if it cannot be typed: a control character, or more missing ones than that.
 */
export function planKeys(codePoints: Uint32Array, layout: Layout): Plan | null {
  return plan(codePoints, layout, { lentOnly: false });
}

function plan(codePoints: Uint32Array, layout: Layout, { lentOnly }: { readonly lentOnly: boolean }): Plan | null {
  if (hasControl(codePoints)) return null;
  const { tables } = layout;
  const group = bestGroup(codePoints, tables, layout.group);
  const keys = tables[group] ?? NO_TABLE;
  const keycodeOf = (keysym: number): number => keys.keysyms.get(keysym)?.keycode ?? 0;
  const [shiftKeycode, level3Keycode] = [keycodeOf(Keysym.shift), keycodeOf(Keysym.level3)];
  const line = { home: keycodeOf(Keysym.home), end: keycodeOf(Keysym.end), backspace: keycodeOf(Keysym.backspace) };
  const typable = ({ shift, level3 }: Stroke): boolean => (!shift || shiftKeycode > 0) && (!level3 || level3Keycode > 0);
  const levels = LEVELS.slice(0, shiftKeycode === 0 ? 1 : 2);
  const places = levels.flatMap((level) => layout.spare.map((keycode) => ({ keycode, ...level })));
  const lent = new Map<number, Stroke>();
  const strokes = new Uint8Array(codePoints.length * 2);
  for (let index = 0; index < codePoints.length; index++) {
    const codePoint = codePoints[index] ?? 0;
    const own = lentOnly ? undefined : keys.characters.get(codePoint);
    const stroke = own !== undefined && typable(own) ? own : (lent.get(codePoint) ?? places[lent.size]);
    if (stroke === undefined) return null;
    if (stroke !== own) lent.set(codePoint, stroke);
    strokes.set([stroke.keycode, (stroke.shift ? 1 : 0) | (stroke.level3 ? 2 : 0)], index * 2);
  }
  return { strokes, group, mappings: mappingsOf(lent, lentOnly ? unicodeKeysymOf : keysymOf), waiting: waitingOn(tables), shiftKeycode, level3Keycode, line };
}

/** Keystroke number `index` of a plan. */
export function strokeAt(plan: Plan, index: number): Stroke {
  const level = plan.strokes[index * 2 + 1] ?? 0;
  return { keycode: plan.strokes[index * 2] ?? 0, shift: (level & 1) !== 0, level3: (level & 2) !== 0 };
}

/** Code points of UTF-8 bytes, without a string on the way; null if the bytes are not UTF-8. */
export function codePointsOf(bytes: Uint8Array): Uint32Array | null {
  const out = new Uint32Array(bytes.byteLength);
  let count = 0;
  for (let at = 0; at < bytes.byteLength; ) {
    const head = bytes[at++] ?? 0;
    const more = head < 0x80 ? 0 : head >= 0xf0 ? 3 : head >= 0xe0 ? 2 : head >= 0xc2 ? 1 : -1;
    if (more < 0 || head > 0xf4 || at + more > bytes.byteLength) return null;
    let codePoint = more === 0 ? head : head & (0x3f >> more);
    for (let part = 0; part < more; part++) {
      const next = bytes[at++] ?? 0;
      if ((next & 0xc0) !== 0x80) return null;
      codePoint = (codePoint << 6) | (next & 0x3f);
    }
    out[count++] = codePoint;
  }
  const exact = out.slice(0, count);
  out.fill(0);
  return exact;
}

/** True if a character would act instead of being written: a line break submits, a tab moves the focus. */
export const hasControl = (codePoints: Uint32Array): boolean => codePoints.some(isControl);

/** Asks for each key in each group and level: some thousand questions. */
export const tablesOf = (keys: Keysyms): readonly Table[] => Array.from({ length: GROUPS }, (_, group) => tableOf(keys, group));

// A key with fewer groups than the one in use answers with its first.
function tableOf(keys: Keysyms, group: number): Table {
  const characters = new Map<number, Stroke>();
  const keysyms = new Map<number, Stroke>();
  for (let keycode = keys.minKeycode; keycode <= keys.maxKeycode; keycode++) {
    const own = group === 0 || keys.keysymAt(keycode, group, 0) !== 0 ? group : 0;
    if (isKeypad(keys.keysymAt(keycode, own, 0))) continue;
    for (const [level, modifiers] of LEVELS.entries()) {
      const keysym = keys.keysymAt(keycode, own, level);
      if (keysym === 0) continue;
      const stroke = { keycode, ...modifiers };
      if (!keysyms.has(keysym)) keysyms.set(keysym, stroke);
      const codePoint = isDead(keysym) ? 0 : keys.codePointOf(keysym);
      if (codePoint > 0 && !isControl(codePoint) && !characters.has(codePoint)) characters.set(codePoint, stroke);
    }
  }
  return { characters, keysyms };
}

const NO_TABLE: Table = { characters: new Map(), keysyms: new Map() };

function waitingOn(tables: readonly Table[]): number {
  if (tables.some(({ keysyms }) => keysyms.has(Keysym.compose))) return COMPOSED_MAX;
  return tables.some(({ keysyms }) => [...keysyms.keys()].some(isDead)) ? 1 : 0;
}

function bestGroup(codePoints: Uint32Array, tables: readonly Table[], present: number): number {
  const distinct = [...new Set(codePoints)];
  const missing = tables.map(({ characters }) => distinct.filter((codePoint) => !characters.has(codePoint)).length);
  const least = Math.min(...missing);
  return missing[present] === least ? present : missing.indexOf(least);
}

/** Keycodes were lent without Shift first, so that the two characters of one follow each other. */
function mappingsOf(lent: ReadonlyMap<number, Stroke>, named: (codePoint: number) => number): KeyMapping[] {
  const byKeycode = Map.groupBy(lent, ([, { keycode }]) => keycode);
  return [...byKeycode].map(([keycode, characters]) => ({ keycode, keysyms: characters.map(([codePoint]) => named(codePoint)) }));
}

const isControl = (codePoint: number): boolean => codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);

const unicodeKeysymOf = (codePoint: number): number => 0x1000000 + codePoint;
const keysymOf = (codePoint: number): number => (codePoint < 0x100 ? codePoint : unicodeKeysymOf(codePoint));
