// The injector's stock of one-use keys: made ahead, so that no hop is added at tap time. A private half lives in this
// process alone, for one box, and not longer than a minute.
import type { webcrypto } from 'node:crypto';
import { PREKEYS_MAX } from '../../contracts/credential.ts';
import { newId } from '../../runtime/id.ts';
import { newSealKeys, openerFor, publicBytes, type Opener, type SealKeys } from '../../runtime/seal.ts';

export const PREKEY_LIFE_MS = 60_000;
/**
 * A key is offered for so long. One that the broker took for a tap that came to nothing is replaced then; what was sealed
 * with it still opens until the end of its life.
 */
const OFFERED_MS = 15_000;

interface Prekey {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly expiresUs: number;
  readonly keys: SealKeys;
  /** Prepared for the last box that came for this key. */
  opener?: { readonly enc: string; readonly ready: Promise<Opener> };
}

export class PrekeyStock {
  readonly #keys = new Map<string, Prekey>();
  readonly #nowUs: () => number;

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  /** Tops the stock up; true if a key was added, so that the stock has to be offered anew. */
  async fill(): Promise<boolean> {
    const nowUs = this.#nowUs();
    for (const key of this.#keys.values()) if (key.expiresUs < nowUs) this.#keys.delete(key.id);
    const missing = PREKEYS_MAX - this.#offered().length;
    const fresh = await Promise.all(Array.from({ length: missing }, newSealKeys));
    for (const keys of fresh) {
      const key = { id: newId(), publicKey: await publicBytes(keys.publicKey), expiresUs: nowUs + PREKEY_LIFE_MS * 1000, keys };
      this.#keys.set(key.id, key);
    }
    return missing > 0;
  }

  /** The public halves, as they are offered. */
  offer(): { id: string; publicKey: Uint8Array; expiresUs: number }[] {
    return this.#offered().map(({ id, publicKey, expiresUs }) => ({ id, publicKey, expiresUs }));
  }

  /**
   * What opens a box that the broker sealed for the key `id`; null if there is no such key any more. The first call does
   * the costly half. A box that does not open leaves the key in the stock.
   */
  opener(id: string, enc: Uint8Array, broker: webcrypto.CryptoKey): Promise<Opener> | null {
    const key = this.#keys.get(id);
    if (key === undefined || key.expiresUs < this.#nowUs()) return null;
    const name = Buffer.from(enc).toString('hex');
    if (key.opener?.enc !== name) key.opener = { enc: name, ready: openerFor(enc, key.keys, broker, 'credential') };
    return key.opener.ready;
  }

  /** The key was used. */
  burn(id: string): void {
    this.#keys.delete(id);
  }

  #offered(): Prekey[] {
    const sinceUs = this.#nowUs() + (PREKEY_LIFE_MS - OFFERED_MS) * 1000;
    return [...this.#keys.values()].filter(({ expiresUs }) => expiresUs > sinceUs);
  }
}
