// Reads the present layout off the X server, and which of its keycodes are free to be lent.
import type { Layout } from './keyboard.ts';
import type { XKeyboard } from './x-keyboard.ts';

/** The layout of this moment. */
export function readLayout(x11: XKeyboard): Layout {
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
