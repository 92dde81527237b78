// Sealed boxes (HPKE, RFC 9180, Auth mode, X25519 + HKDF-SHA256 + AES-256-GCM): a credential leaves the broker only so.
// What is sealed is padded to one size; what a box belongs to is in its associated data.
import type { webcrypto } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { Secret } from '../contracts/secret.ts';

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
/** Every box holds so many bytes, whatever its content: the length of a password does not show. */
const PADDED_BYTES = 1024;
const LENGTH_BYTES = 2;
export const SEALED_BYTES_MAX = PADDED_BYTES - LENGTH_BYTES;

export interface Box {
  readonly enc: Uint8Array;
  readonly box: Uint8Array;
}

export interface SealKeys {
  readonly publicKey: webcrypto.CryptoKey;
  readonly privateKey: webcrypto.CryptoKey;
}

/** A new X25519 key pair; the private half stays inside WebCrypto. */
export const newSealKeys = (): Promise<SealKeys> => suite.kem.generateKeyPair();

export const publicBytes = async (key: webcrypto.CryptoKey): Promise<Uint8Array> => new Uint8Array(await suite.kem.serializePublicKey(key));
export const publicKeyOf = (bytes: Uint8Array): Promise<webcrypto.CryptoKey> => suite.kem.deserializePublicKey(exact(bytes));
export const privateBytes = async (key: webcrypto.CryptoKey): Promise<Uint8Array> => new Uint8Array(await suite.kem.serializePrivateKey(key));
export const privateKeyOf = (bytes: Uint8Array): Promise<webcrypto.CryptoKey> => suite.kem.deserializePrivateKey(exact(bytes));

interface Parties {
  /** What kind of box: boxes of one purpose do not open as another's. */
  readonly purpose: string;
  /** All that the box is bound to, in order. */
  readonly binding: readonly string[];
}

export interface Sealer {
  /** Of the box to come: whoever knows it can do the costly half of opening ahead. */
  readonly enc: Uint8Array;
  /** Seals one content, once; wipes its own copies, not `content`. At most `SEALED_BYTES_MAX` bytes. */
  readonly seal: (content: Secret, binding: Parties['binding']) => Promise<Box>;
}

/** The costly half of sealing, which needs no content: key agreement with one recipient. Rejects for a key that is none. */
export async function sealerFor(sender: SealKeys, recipient: webcrypto.CryptoKey, purpose: string): Promise<Sealer> {
  const context = await suite.createSenderContext({ recipientPublicKey: recipient, senderKey: { ...sender }, info: info(purpose) });
  const enc = new Uint8Array(context.enc);
  const sealOne: Sealer['seal'] = async (content, binding) => {
    const padded = content.reveal(pad);
    try {
      return { enc, box: new Uint8Array(await context.seal(exact(padded), aad(binding))) };
    } finally {
      padded.fill(0);
    }
  };
  return { enc, seal: sealOne };
}

/** Opens a box of the sender that `openerFor` was given; null for one that is forged, altered, or bound to something else. */
export type Opener = (box: Uint8Array, binding: Parties['binding']) => Promise<Secret | null>;

/** The costly half of opening, which needs no box: key agreement by the encapsulated key. */
export async function openerFor(enc: Uint8Array, recipient: SealKeys, sender: webcrypto.CryptoKey, purpose: string): Promise<Opener> {
  const context = await suite
    .createRecipientContext({ recipientKey: { ...recipient }, enc: exact(enc), senderPublicKey: sender, info: info(purpose) })
    .catch(() => null);
  return async (box, binding) => {
    try {
      return context === null ? null : unpad(new Uint8Array(await context.open(exact(box), aad(binding))));
    } catch {
      return null;
    }
  };
}

/** Both halves of sealing at once, from `sender` to `recipient`. */
export async function seal(content: Secret, sender: SealKeys, recipient: webcrypto.CryptoKey, { purpose, binding }: Parties): Promise<Box> {
  return (await sealerFor(sender, recipient, purpose)).seal(content, binding);
}

/** Both halves of opening at once. */
export async function open({ enc, box }: Box, recipient: SealKeys, sender: webcrypto.CryptoKey, { purpose, binding }: Parties): Promise<Secret | null> {
  return (await openerFor(enc, recipient, sender, purpose))(box, binding);
}

function pad(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength > SEALED_BYTES_MAX) throw new RangeError(`at most ${SEALED_BYTES_MAX} bytes can be sealed`);
  const padded = new Uint8Array(PADDED_BYTES);
  new DataView(padded.buffer).setUint16(0, bytes.byteLength);
  padded.set(bytes, LENGTH_BYTES);
  return padded;
}

function unpad(padded: Uint8Array): Secret | null {
  if (padded.byteLength !== PADDED_BYTES) return null;
  const length = new DataView(padded.buffer, padded.byteOffset).getUint16(0);
  const content = length <= SEALED_BYTES_MAX ? padded.slice(LENGTH_BYTES, LENGTH_BYTES + length) : null;
  padded.fill(0);
  return content === null ? null : new Secret(content);
}

const info = (purpose: string): ArrayBuffer => exact(new TextEncoder().encode(`tapline/${purpose}/v1`));
const aad = (binding: Parties['binding']): ArrayBuffer => exact(new TextEncoder().encode(JSON.stringify(binding)));
/** A buffer of just these bytes: `Buffer.slice` would lend the pool that it lies in. */
const exact = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
