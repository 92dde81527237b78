// The form in which NES keeps a password: only the key of the person's band opens it.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Secret } from '../../contracts/secret.ts';

// version (1) · nonce (12) · AES-128-GCM of [length (2, big endian) · password · zeros] · tag (16)
// Associated data: label, version and user id, so that a box put under another user's name does not open.

/** What the padding hides: every password of up to 126 bytes gives a box of the same size. */
export const PAD_BYTES = 128;
/** In bytes of UTF-8; a Windows password has at most 256 UTF-16 units. */
export const PASSWORD_BYTES_MAX = 1024;

const VERSION = 1;
const CIPHER = 'aes-128-gcm';
const KEY_BYTES = 16;
const VERSION_BYTES = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 2;
const HEAD_BYTES = VERSION_BYTES + NONCE_BYTES;
const SEALED_BYTES_MAX = HEAD_BYTES + paddedBytes(PASSWORD_BYTES_MAX) + TAG_BYTES;
const LABEL = 'tapline/encrypted-password';

/**
 * Seals `password` (1 to 1024 bytes) with the 128-bit key of a band for one user of NES. Neither secret is wiped.
 * Throws `RangeError` for a key or password of another size.
 */
export function sealPassword(key: Secret, userId: string, password: Secret): Uint8Array {
  if (key.byteLength !== KEY_BYTES) throw new RangeError('the key of a band has 128 bits');
  if (password.byteLength < 1 || password.byteLength > PASSWORD_BYTES_MAX) throw new RangeError('the length of the password is out of bounds');
  const padded = pad(password);
  try {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = key.reveal((bytes) => createCipheriv(CIPHER, bytes, nonce, { authTagLength: TAG_BYTES }));
    cipher.setAAD(associated(userId));
    return Uint8Array.from(Buffer.concat([Uint8Array.of(VERSION), nonce, cipher.update(padded), cipher.final(), cipher.getAuthTag()]));
  } finally {
    padded.fill(0);
  }
}

/**
 * The password, owned by the caller. `unreadable`: another key, another user, an altered box or an unknown version;
 * which of them is not told. Throws `RangeError` for a key of another size.
 */
export function openPassword(key: Secret, userId: string, sealed: Uint8Array): Secret | 'unreadable' {
  if (key.byteLength !== KEY_BYTES) throw new RangeError('the key of a band has 128 bits');
  const boxBytes = sealed.byteLength - HEAD_BYTES - TAG_BYTES;
  if (sealed[0] !== VERSION || boxBytes < PAD_BYTES || boxBytes % PAD_BYTES !== 0 || sealed.byteLength > SEALED_BYTES_MAX) return 'unreadable';
  const decipher = key.reveal((bytes) =>
    createDecipheriv(CIPHER, bytes, sealed.subarray(VERSION_BYTES, HEAD_BYTES), { authTagLength: TAG_BYTES }));
  decipher.setAAD(associated(userId));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const padded = decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return unpad(padded);
  } catch {
    return 'unreadable';
  } finally {
    padded.fill(0);
  }
}

const associated = (userId: string): Buffer => Buffer.from(`${LABEL}\0${VERSION}\0${userId}`);

function paddedBytes(passwordBytes: number): number {
  return Math.ceil((LENGTH_BYTES + passwordBytes) / PAD_BYTES) * PAD_BYTES;
}

function pad(password: Secret): Buffer {
  return password.reveal((bytes) => {
    const padded = Buffer.alloc(paddedBytes(bytes.byteLength));
    padded.writeUInt16BE(bytes.byteLength);
    padded.set(bytes, LENGTH_BYTES);
    return padded;
  });
}

/** What opens was sealed by a holder of the key, who may still have padded it otherwise than we do. */
function unpad(padded: Buffer): Secret | 'unreadable' {
  const passwordBytes = padded.readUInt16BE();
  if (passwordBytes < 1 || passwordBytes > padded.byteLength - LENGTH_BYTES) return 'unreadable';
  return new Secret(Uint8Array.from(padded.subarray(LENGTH_BYTES, LENGTH_BYTES + passwordBytes)));
}
