// Passwords that are not of ASCII, drawn by seed from scripts that people write, and how much of one has arrived.
import { Chance } from '../generate/chance.ts';

const between = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)).filter((character) => /\p{L}|\p{S}/u.test(character));

/** Each text is of one script, as a person's is. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  latin1: between(0xa1, 0xff),
  latinExtended: between(0x100, 0x17f),
  greek: [...between(0x391, 0x3a9), ...between(0x3b1, 0x3c9)],
  cyrillic: between(0x410, 0x44f),
  cjk: between(0x4e00, 0x9fa5),
  emoji: between(0x1f600, 0x1f64f),
};

/** `count` texts of `length` characters, the scripts in turn. */
export function nonAsciiTexts(seed: number, count: number, length: number): string[] {
  const chance = new Chance(seed);
  const scripts = Object.values(SCRIPTS);
  return Array.from({ length: count }, (_, index) => Array.from({ length }, () => chance.oneOf(scripts[index % scripts.length]!)).join(''));
}

/**
 * How many characters of `due` are in `arrived` in their order: the longest common subsequence, so that one that is lost does
 * not make those behind it wrong.
 */
export function rightOf(due: string, arrived: string): number {
  const others = [...arrived];
  let row = others.map(() => 0);
  for (const character of due) {
    const next: number[] = [];
    others.forEach((other, at) => next.push(other === character ? (row[at - 1] ?? 0) + 1 : Math.max(row[at]!, next[at - 1] ?? 0)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
