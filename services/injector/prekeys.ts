// The injector's stock of one-use keys: made ahead, so that no hop is added at tap time. A private half lives in this
// process alone, for one box, and not longer than a minute.
import { PREKEYS_MAX } from '../../contracts/credential.ts';
import { newId } from '../../runtime/id.ts';
import { newSealKeys, publicBytes, type SealKeys } from '../../runtime/seal.ts';

export const PREKEY_LIFE_MS = 60_000;
/** A key is offered no longer than this before its end: what is in flight must still open. */
const RENEW_BEFORE_MS = 20_000;

interface Prekey {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly expiresUs: number;
  readonly keys: SealKeys;
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
    for (const key of this.#keys.values()) if (key.expiresUs - RENEW_BEFORE_MS * 1000 < nowUs) this.#keys.delete(key.id);
    const missing = PREKEYS_MAX - this.#keys.size;
    const fresh = await Promise.all(Array.from({ length: missing }, newSealKeys));
    for (const keys of fresh) {
      const key = { id: newId(), publicKey: await publicBytes(keys.publicKey), expiresUs: nowUs + PREKEY_LIFE_MS * 1000, keys };
      this.#keys.set(key.id, key);
    }
    return missing > 0;
  }

  /** The public halves, as they are offered. */
  offer(): { id: string; publicKey: Uint8Array; expiresUs: number }[] {
    return [...this.#keys.values()].map(({ id, publicKey, expiresUs }) => ({ id, publicKey, expiresUs }));
  }

  /** The key pair of that name, if it still lives. A box that does not open with it leaves it in the stock. */
  find(id: string): SealKeys | null {
    const key = this.#keys.get(id);
    return key !== undefined && key.expiresUs > this.#nowUs() ? key.keys : null;
  }

  /** The key was used. */
  burn(id: string): void {
    this.#keys.delete(id);
  }
}
