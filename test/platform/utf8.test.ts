// Passwords become code points without a string between; the platform's own decoder is the judge of that.
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { codePointsOfBytes, sameText } from '../../platform/virtual/utf8.ts';

/** Bytes at which the rules of UTF-8 change. */
const EDGES = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff];

test('UTF-8 is read as the platform reads it, and anything else is refused', (t) => {
  const strict = (bytes: Uint8Array): number[] | null => {
    try {
      return Array.from(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), (text) => text.codePointAt(0) ?? 0);
    } catch {
      return null;
    }
  };
  const ours = (bytes: Uint8Array): number[] | null => {
    const points = codePointsOfBytes(bytes);
    return points === null ? null : [...points];
  };
  const same = (bytes: Uint8Array): boolean => isDeepStrictEqual(ours(bytes), strict(bytes));
  fc.assert(fc.property(fc.array(fc.constantFrom(...EDGES), { maxLength: 5 }), (bytes) => same(Uint8Array.from(bytes))), { numRuns: 10_000 });
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    const bytes = new TextEncoder().encode(text);
    return same(bytes) && sameText(ours(bytes) ?? [], bytes);
  }));
  t.pass();
});
