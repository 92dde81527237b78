// UTF-8 without strings: a string cannot be wiped, so passwords go between bytes and code points directly.

/** Code points of UTF-8 bytes; null if they are not UTF-8. The caller wipes the answer. */
export function codePointsOfBytes(bytes: Uint8Array): Uint32Array | null {
  const points = new Uint32Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length; count += 1) {
    const lead = bytes[at] ?? 0;
    const length = lengthAfter(lead);
    const point = length === 0 ? null : pointAt(bytes, at, length, lead);
    if (point === null) {
      points.fill(0);
      return null;
    }
    points[count] = point;
    at += length;
  }
  return points.subarray(0, count);
}

/** Whether code points and UTF-8 bytes are the same text. */
export function sameText(codePoints: ArrayLike<number>, bytes: Uint8Array): boolean {
  const other = codePointsOfBytes(bytes);
  const same = other !== null && other.length === codePoints.length && other.every((point, index) => point === codePoints[index]);
  other?.fill(0);
  return same;
}

/** Bytes of a character by its first byte; 0 where none begins so. */
function lengthAfter(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** Smallest code point that needs that many bytes. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

function pointAt(bytes: Uint8Array, at: number, length: number, lead: number): number | null {
  let point = length === 1 ? lead : lead & (0x7f >> length);
  for (let next = 1; next < length; next += 1) {
    const byte = bytes[at + next];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return null;
    point = (point << 6) | (byte & 0x3f);
  }
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  return surrogate || point < (SMALLEST[length] ?? 0) || point > 0x10ffff ? null : point;
}
