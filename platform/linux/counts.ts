// How many characters a field says that it holds of a text. A wrong count that passes for right would hide a wrong password.

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** One character for all that join a text in the same way: a string of these tells the shape of a password and not more. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\p{M}|[\u200c\u{1f3fb}-\u{1f3ff}]/u, '\u0301'],
  [/\u200d/u, '\u200d'],
  [/\p{Regional_Indicator}/u, '\u{1f1e6}'],
  [/\p{Extended_Pictographic}/u, '\u{1f600}'],
  [/[\u1100-\u115f]/u, '\u1100'],
  [/[\u1160-\u11a7]/u, '\u1161'],
  [/[\u11a8-\u11ff]/u, '\u11a8'],
];
const PLAIN = 'x';
/** No character below joins another one. */
const JOINING_MIN = 0x300;
const [HANGUL_FIRST, HANGUL_LAST, HANGUL_TAILS] = [0xac00, 0xd7a3, 28];

/** The counts that are right for these characters; several where a toolkit is not known to count in one way. */
export function countsOf(field: { readonly toolkit: string; readonly password: boolean }, codePoints: Uint32Array): number[] {
  const units = utf16Length(codePoints);
  if (/^(qt|gecko)/i.test(field.toolkit)) return [units];
  if (/^gtk/i.test(field.toolkit)) return [codePoints.length];
  if (field.toolkit === 'Chromium') return [field.password ? clustersOf(codePoints) : codePoints.length];
  return [codePoints.length, units];
}

/** Number of grapheme clusters: Chromium shows one dot for each. */
export function clustersOf(codePoints: Uint32Array): number {
  if (codePoints.every((codePoint) => codePoint < JOINING_MIN)) return codePoints.length;
  return [...segmenter.segment(Array.from(codePoints, shapeOf).join(''))].length;
}

export const utf16Length = (codePoints: Uint32Array): number =>
  codePoints.reduce((sum, codePoint) => sum + (codePoint > 0xffff ? 2 : 1), 0);

function shapeOf(codePoint: number): string {
  if (codePoint < JOINING_MIN) return PLAIN;
  if (codePoint >= HANGUL_FIRST && codePoint <= HANGUL_LAST) return (codePoint - HANGUL_FIRST) % HANGUL_TAILS === 0 ? '\uac00' : '\uac01';
  const character = String.fromCodePoint(codePoint);
  return SHAPES.find(([pattern]) => pattern.test(character))?.[1] ?? PLAIN;
}
