// Long-lived keys that are not CURVE: the broker's sealing key and the signing key of a session's injector.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnce } from './bus/curve.ts';
import { newSealKeys, privateBytes, privateKeyOf, publicBytes, publicKeyOf, type SealKeys } from './seal.ts';

/** The zone's sealing key pair, made at the first call. */
export async function sealingKeys(keysDir: string, name: string): Promise<SealKeys> {
  const file = join(keysDir, `${name}.seal`);
  if (!existsSync(file)) {
    const fresh = await newSealKeys();
    const secret = Buffer.from(await privateBytes(fresh.privateKey)).toString('base64');
    const open = Buffer.from(await publicBytes(fresh.publicKey)).toString('base64');
    createOnce(file, () => JSON.stringify({ secret, open }));
  }
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { secret: string; open: string };
  return { privateKey: await privateKeyOf(Buffer.from(kept.secret, 'base64')), publicKey: await publicKeyOf(Buffer.from(kept.open, 'base64')) };
}

/** The Ed25519 key that signs the one-use keys of a session's injector, made at the first call. */
export function signingKey(keysDir: string): KeyObject {
  const file = join(keysDir, 'injector.sign');
  createOnce(file, () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  return createPrivateKey(readFileSync(file));
}

/** The public half, SubjectPublicKeyInfo in DER. */
export const signingPublic = (key: KeyObject): Uint8Array => createPublicKey(key).export({ type: 'spki', format: 'der' });

export const signed = (key: KeyObject, bytes: Uint8Array): Uint8Array => sign(null, bytes, key);

/** False also for a public key that is none. */
export function signedBy(publicDer: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, bytes, createPublicKey({ key: Buffer.from(publicDer), format: 'der', type: 'spki' }), signature);
  } catch {
    return false;
  }
}
