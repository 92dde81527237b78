// Planning keystrokes on a keyboard of a few keys: which key, which level, which spare key, and what is never typed.
import test from 'ava';
import { codePointsOf, hasControl, planKeys, planLent, strokeAt, tablesOf } from '../../platform/linux/keyboard.ts';
import type { Keysyms, Layout } from '../../platform/linux/keyboard.ts';

const SHIFT = 50;
const LEVEL3 = 92;
const KEYS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  // Two groups: a, A, ä with level 3; in the second ж and Ж.
  38: [[0x61, 0x41, 0xe4], [0x1000436, 0x1000416]],
  10: [[0x31, 0x21]],
  // A dead accent, and a digit of the key pad.
  20: [[0xfe51]],
  90: [[0xffb0, 0x32]],
  [SHIFT]: [[0xffe1]],
  [LEVEL3]: [[0xfe03]],
  22: [[0xff08]], 110: [[0xff50]], 115: [[0xff57]],
};
const keysymAt: Keysyms['keysymAt'] = (keycode, at, level) => KEYS[keycode]?.[at]?.[level] ?? 0;
const codePointOf = (keysym: number): number => (keysym >= 0x1000000 ? keysym - 0x1000000 : keysym < 0x100 ? keysym : 0);
const layoutOf = (meaning: Keysyms['keysymAt'], group = 0): Layout =>
  ({ group, spare: [250, 249], tables: tablesOf({ minKeycode: 8, maxKeycode: 255, keysymAt: meaning, codePointOf }) });
const layout = (group = 0): Layout => layoutOf(keysymAt, group);
const points = (text: string): Uint32Array => codePointsOf(new TextEncoder().encode(text)) ?? new Uint32Array(0);

test('each character goes to the key and level that give it, digits not to the key pad', (t) => {
  const plan = planKeys(points('aAä1!'), layout());
  if (plan === null) return t.fail();
  t.deepEqual([0, 1, 2, 3, 4].map((index) => strokeAt(plan, index)), [
    { keycode: 38, shift: false, level3: false }, { keycode: 38, shift: true, level3: false },
    { keycode: 38, shift: false, level3: true }, { keycode: 10, shift: false, level3: false }, { keycode: 10, shift: true, level3: false },
  ]);
  t.deepEqual(plan.mappings, []);
});

test('characters without a key share one spare key for each, and an accent key is no character', (t) => {
  const plan = planKeys(points('é漢é'), layout());
  t.deepEqual(plan?.mappings, [{ keycode: 250, keysyms: [0xe9] }, { keycode: 249, keysyms: [0x1006f22] }]);
});

test('the group that has most of the text is chosen, the present one where they are equal', (t) => {
  t.is(planKeys(points('жЖ1'), layout())?.group, 1);
  t.is(planKeys(points('aA1'), layout(1))?.group, 0);
  t.is(planKeys(points('1'), layout(1))?.group, 1);
});

test('a spare key carries a second character with Shift, after each has got its first', (t) => {
  const plan = planKeys(points('éèê'), layout());
  if (plan === null) return t.fail();
  t.deepEqual(plan.mappings, [{ keycode: 250, keysyms: [0xe9, 0xea] }, { keycode: 249, keysyms: [0xe8] }]);
  t.deepEqual([0, 1, 2].map((index) => strokeAt(plan, index)), [
    { keycode: 250, shift: false, level3: false }, { keycode: 249, shift: false, level3: false }, { keycode: 250, shift: true, level3: false },
  ]);
});

test('a text that needs more spare keys than there are is not typed in part', (t) => {
  t.is(planKeys(points('éèêëę'), layout()), null);
  t.truthy(planKeys(points('éèêëéèêë'), layout()));
});

test('for an input method every character is lent, by the keysym of its code point', (t) => {
  t.deepEqual(planLent(points('aéa'), layout())?.mappings, [{ keycode: 250, keysyms: [0x1000061] }, { keycode: 249, keysyms: [0x10000e9] }]);
  t.is(planLent(points('abcde'), layout()), null);
});

test('what a person may have begun is taken back on layouts with dead accents or Compose, and nowhere else', (t) => {
  t.is(planKeys(points('a'), layout())?.waiting, 1);
  t.is(planKeys(points('a'), layoutOf(() => 0x61))?.waiting, 0);
  t.is(planKeys(points('a'), layoutOf((keycode) => (keycode === 9 ? 0xff20 : 0x61)))?.waiting, 4);
});

test('characters that act are refused', (t) => {
  for (const character of ['\n', '\r', '\t', '\b', '\u001b', '\u007f', '\u0085']) {
    t.true(hasControl(points(`a${character}`)));
    t.is(planKeys(points(`a${character}`), layout()), null);
  }
});

test('UTF-8 becomes code points as the platform decodes it, and broken UTF-8 nothing', (t) => {
  for (const text of ['', 'aZ~', 'é ß€ñ', '漢Ż😀']) {
    t.deepEqual([...points(text)], [...text].map((character) => character.codePointAt(0)));
  }
  for (const bytes of [[0xff], [0xc3], [0xe2, 0x82], [0xc3, 0x41], [0xf0, 0x9f, 0x98], [0x80], [0xf5, 0x80, 0x80, 0x80]]) {
    t.is(codePointsOf(Uint8Array.from(bytes)), null, String(bytes));
  }
});
