// User name, domain and password as bytes: what a sealed box holds between broker and injector.
import { Secret } from '../contracts/secret.ts';

/** Owner of a tap with the password; `password` is to be wiped by whoever holds this. */
export interface Credential {
  readonly user: string;
  readonly domain: string;
  readonly password: Secret;
}

const LENGTH_BYTES = 2;

/** `length user length domain password`, lengths in two bytes. */
export function packCredential({ user, domain, password }: Credential): Secret {
  const head = [user, domain].map((text) => Buffer.from(text, 'utf8'));
  return password.reveal((bytes) => {
    const packed = Buffer.alloc(head.reduce((sum, part) => sum + LENGTH_BYTES + part.length, bytes.byteLength));
    let at = 0;
    for (const part of head) {
      at = packed.writeUInt16BE(part.length, at);
      at += part.copy(packed, at);
    }
    packed.set(bytes, at);
    return new Secret(packed);
  });
}

/** Takes a packed credential apart and wipes it; null if it is none. */
export function unpackCredential(packed: Secret): Credential | null {
  try {
    return packed.reveal((bytes) => {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const user = field(view, 0);
      const domain = field(view, user.end);
      return { user: user.text, domain: domain.text, password: new Secret(Uint8Array.from(view.subarray(domain.end))) };
    });
  } catch {
    return null;
  } finally {
    packed.wipe();
  }
}

function field(bytes: Buffer, at: number): { text: string; end: number } {
  const start = at + LENGTH_BYTES;
  const end = start + bytes.readUInt16BE(at);
  if (end > bytes.length) throw new RangeError('short');
  return { text: bytes.toString('utf8', start, end), end };
}
