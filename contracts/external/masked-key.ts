// A key must never become a string: strings cannot be wiped. So its hex is taken out of the bytes before they are parsed.

const NAME = Buffer.from('"key"');
const QUOTE = 0x22;
const COLON = 0x3a;
const ZERO = 0x30;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
const UTF8 = new TextDecoder('utf-8', { fatal: true });

export interface Masked {
  /** The frame's text with zeros in place of the key; null if it is not UTF-8. */
  readonly frame: string | null;
  /** The key's bytes, owned by the caller; null where no single field `"key":"<hex>"` was found. */
  readonly key: Uint8Array | null;
}

/** Takes the hex value of the field `key` out of `frame` and overwrites it there with zeros. */
export function maskKey(frame: Buffer): Masked {
  let key: Uint8Array | null = null;
  let found = 0;
  for (let at = frame.indexOf(NAME); at !== -1; at = frame.indexOf(NAME, at + NAME.length)) {
    const hex = valueAfter(frame, at + NAME.length);
    if (hex === null) continue;
    const bytes = takeHex(hex);
    if (bytes === null) continue;
    key?.fill(0);
    key = bytes;
    found += 1;
  }
  if (found > 1) key?.fill(0);
  return { frame: textOf(frame), key: found === 1 ? key : null };
}

/** The bytes between the quotes after a colon, or null if there is no string. */
function valueAfter(frame: Buffer, from: number): Buffer | null {
  let at = skipSpaces(frame, from);
  if (frame[at] !== COLON) return null;
  at = skipSpaces(frame, at + 1);
  if (frame[at] !== QUOTE) return null;
  const end = frame.indexOf(QUOTE, at + 1);
  return end === -1 ? null : frame.subarray(at + 1, end);
}

function skipSpaces(frame: Buffer, from: number): number {
  let at = from;
  while (SPACES.has(frame[at] ?? 0)) at += 1;
  return at;
}

/** Decodes and blanks `hex`; null, and untouched, if it is not hex or empty. */
function takeHex(hex: Buffer): Uint8Array | null {
  if (hex.length === 0 || hex.length % 2 !== 0) return null;
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < hex.length; at += 1) {
    const digit = nibble(hex[at] ?? 0);
    if (digit === -1) {
      bytes.fill(0);
      return null;
    }
    bytes[at >> 1] = ((bytes[at >> 1] ?? 0) << 4) | digit;
  }
  hex.fill(ZERO);
  return bytes;
}

function nibble(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const letter = character | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function textOf(frame: Buffer): string | null {
  try {
    return UTF8.decode(frame);
  } catch {
    return null;
  }
}
