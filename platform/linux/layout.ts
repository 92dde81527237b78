// Reads the present layout off the X server, and which of its keycodes are free to be lent.
import { tablesOf } from './keyboard.ts';
import type { Layout } from './keyboard.ts';
import type { XKeyboard } from './x-keyboard.ts';

/** Remembered until a key gets another meaning. */
type Meanings = Omit<Layout, 'group'> & { readonly changes: number };
const remembered = new WeakMap<XKeyboard, Meanings>();

/** The layout of this moment. */
export function readLayout(x11: XKeyboard): Layout {
  x11.refreshKeyboard();
  const { group } = x11.keyboardState();
  const known = remembered.get(x11);
  if (known?.changes === x11.changes) return { ...known, group };
  const meanings = { tables: tablesOf(x11), spare: spareOf(x11), changes: x11.changes };
  remembered.set(x11, meanings);
  return { ...meanings, group };
}

function spareOf(x11: XKeyboard): number[] {
  // The lowest keycode is left alone: some programs take it for "no key".
  const free = x11.keyboardMapping().map((row, index) => ({ row, keycode: x11.minKeycode + index })).slice(1);
  return longestRunsFirst(free.filter(({ row }) => row.every((keysym) => keysym === 0)).map(({ keycode }) => keycode));
}

/** Those of `keycodes` that hold nothing but meanings as this adapter lends them: others have got theirs from somebody else since. */
export function lentAmong(x11: XKeyboard, keycodes: readonly number[]): number[] {
  const rows = x11.keyboardMapping();
  return [...new Set(keycodes)].filter((keycode) => rows[keycode - x11.minKeycode]?.every((keysym) => keysym < 0x100 || isUnicode(keysym)));
}

const isUnicode = (keysym: number): boolean => keysym >= 0x1000000 && keysym <= 0x110ffff;

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
