// What kind of id an NFC reader gave: readers give empty and truncated ones, and any tag in a pocket has one.

export const IdClass = {
  /** The Agent knows whose band it is. */
  good: 'good',
  /** A whole id, of a tag that the Agent does not know as a band. */
  foreign: 'foreign',
  /** No id at all. */
  empty: 'empty',
  /** Not as long as an id is. */
  truncated: 'truncated',
} as const;
export type IdClass = (typeof IdClass)[keyof typeof IdClass];

/** Hex digits of ISO 14443 ids of one, two and three cascade levels: 4, 7 and 10 bytes; ISO 15693: 8. */
const UID_DIGITS = new Set([8, 14, 16, 20]);

/** `uid` in one spelling (upper case, no separators) and its class. `band` is what the Agent knows it as. */
export function classifyUid(uid: string, band: string | null): { readonly uid: string; readonly idClass: IdClass } {
  const digits = uid.replaceAll(/[\s:-]/g, '').toUpperCase();
  if (band !== null) return { uid: digits, idClass: IdClass.good };
  if (/^0*$/.test(digits)) return { uid: '', idClass: IdClass.empty };
  const isWhole = UID_DIGITS.has(digits.length) && /^[0-9A-F]+$/.test(digits);
  return { uid: digits, idClass: isWhole ? IdClass.foreign : IdClass.truncated };
}
