// Finds a secret in bytes, in whatever usual form somebody may have written it.

export interface Needle {
  /** Of what kind, never the secret itself: `secret 3 as hex`. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** All forms of all secrets. A secret is its bytes; one that is UTF-8 is looked for as text, too. */
export function needlesOf(secrets: readonly Uint8Array[]): Needle[] {
  return secrets.flatMap((secret, index) => [...formsOf(Buffer.from(secret))].map(([form, bytes]) => ({ name: `secret ${index} as ${form}`, bytes })));
}

/** Names of the needles that stand in the haystack. */
export const foundIn = (haystack: Buffer, needles: readonly Needle[]): string[] =>
  needles.filter(({ bytes }) => haystack.includes(bytes)).map(({ name }) => name);

function formsOf(secret: Buffer): Map<string, Buffer> {
  const hex = secret.toString('hex');
  const forms = new Map([['bytes', secret], ['hex', Buffer.from(hex)], ['capital hex', Buffer.from(hex.toUpperCase())]]);
  for (const offset of [0, 1, 2]) {
    const base64 = base64At(secret, offset);
    forms.set(`base64 at ${offset}`, Buffer.from(base64));
    forms.set(`base64url at ${offset}`, Buffer.from(base64.replaceAll('+', '-').replaceAll('/', '_')));
  }
  const text = secret.toString('utf8');
  if (!Buffer.from(text).equals(secret)) return forms;
  const wide = Buffer.from(text, 'utf16le');
  forms.set('UTF-16LE', wide);
  forms.set('UTF-16BE', Buffer.from(wide).swap16());
  forms.set('JSON', Buffer.from(JSON.stringify(text).slice(1, -1)));
  forms.set('a URL', Buffer.from(encodeURIComponent(text)));
  forms.set('numbers', Buffer.from([...secret].join(',')));
  return forms;
}

/** The characters that depend on the secret alone when it follows `offset` other bytes (of every three). */
function base64At(secret: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), secret]).toString('base64');
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + secret.byteLength) * 8) / 6));
}
