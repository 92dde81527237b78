// How many characters a right text has, by the way each toolkit counts.
import test from 'ava';
import fc from 'fast-check';
import { clustersOf, countsOf } from '../../platform/linux/counts.ts';

/** Letters, marks, emoji with their joiners, flags, Korean as letters and as syllables, right to left. */
const PARTS = ['a', 'Z', 'é', 'e\u0301', '\u0308', 'ß', '漢', 'ש', 'ب', '\u064b', '😀', '👩\u200d🔬', '👍🏽', '❤\ufe0f', '🇫🇷', '🇩', '\u1112\u1161\u11ab', '한', '𝒜'];
const points = (text: string): Uint32Array => Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);

test('Chromium shows one dot for each grapheme cluster of a password, as the whole text would be cut', (t) => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  fc.assert(fc.property(fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }), (parts) => {
    const text = parts.join('');
    return clustersOf(points(text)) === [...segmenter.segment(text)].length;
  }));
  t.deepEqual(countsOf({ toolkit: 'Chromium', password: true }, points('e\u0301😀a')), [3]);
  t.deepEqual(countsOf({ toolkit: 'Chromium', password: false }, points('e\u0301😀a')), [4]);
});

test('GTK counts code points, Qt and Firefox UTF-16 units, and of an unknown toolkit either is right', (t) => {
  const counts = (toolkit: string): number[] => countsOf({ toolkit, password: true }, points('e\u0301😀a'));
  t.deepEqual([counts('gtk'), counts('GTK'), counts('Qt'), counts('Gecko'), counts('')], [[4], [4], [5], [5], [4, 5]]);
});
