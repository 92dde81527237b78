// The broker's side of the one-use keys: what each session's injector has offered, checked against its signing key.
import { prekeysSigned } from '../../contracts/credential.ts';
import type { Body, Reply } from '../../contracts/catalogue.ts';
import { signedBy } from '../../runtime/identity.ts';
import type { Sealer } from '../../runtime/seal.ts';

interface Prekey {
  readonly expiresUs: number;
  /** Made as soon as the key is known; null for a key that is none. */
  readonly sealer: Promise<Sealer | null>;
}

interface Stock {
  readonly boot: string;
  readonly keys: Map<string, Prekey>;
}

/** A key that dies sooner may not open in time. */
const LEFT_MS_MIN = 2500;
/** Keys that were used, remembered until they would have died anyway. */
const USED_MAX = 4096;

export class Prekeys {
  readonly #prepare: (publicKey: Uint8Array) => Promise<Sealer>;
  readonly #stocks = new Map<string, Stock>();
  readonly #used = new Set<string>();
  readonly #waiting = new Set<(session: string) => void>();

  /** `prepare` does the costly half of sealing to a key, ahead of the tap. */
  constructor(prepare: (publicKey: Uint8Array) => Promise<Sealer>) {
    this.#prepare = prepare;
  }

  /** Takes an offer; false if its signature is not of the session's injector. */
  offered(session: string, signingKey: Uint8Array, offer: Body<'prekeys.offered'>): boolean {
    if (!signedBy(signingKey, prekeysSigned(offer.boot, offer.keys), offer.signature)) return false;
    const known = this.#stocks.get(session)?.keys;
    const usable = offer.keys.filter(({ id }) => !this.#used.has(id));
    const keys = usable.map(({ id, publicKey, expiresUs }): [string, Prekey] => [
      id, known?.get(id) ?? { expiresUs, sealer: this.#prepare(publicKey).catch(() => null) },
    ]);
    this.#stocks.set(session, { boot: offer.boot, keys: new Map(keys) });
    for (const told of [...this.#waiting]) told(session);
    return true;
  }

  /** What a session learns of its stock, as soon as each key is prepared. */
  async prepared(session: string): Promise<Reply<'prekeys.offered'>> {
    const keys = [...(this.#stocks.get(session)?.keys ?? [])];
    const sealers = await Promise.all(keys.map(async ([id, { sealer }]) => ({ id, sealer: await sealer })));
    return { prepared: sealers.flatMap(({ id, sealer }) => (sealer === null ? [] : [{ id, enc: sealer.enc }])) };
  }

  /** Resolves with the next offer of a session, or after so many ms. */
  restocked(of: string, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const told = (session: string): void => {
        if (session !== of) return;
        clearTimeout(timer);
        this.#waiting.delete(told);
        resolve();
      };
      const timer = setTimeout(told, Math.max(0, withinMs), of);
      this.#waiting.add(told);
    });
  }

  /** Takes the key that lives longest out of the stock; null if there is none. */
  take(session: string, nowUs: number): { id: string; sealer: Promise<Sealer | null> } | null {
    const keys = this.#stocks.get(session)?.keys ?? new Map<string, never>();
    const [best] = [...keys].filter(([, { expiresUs }]) => expiresUs - nowUs > LEFT_MS_MIN * 1000).sort((a, b) => b[1].expiresUs - a[1].expiresUs);
    if (best === undefined) return null;
    const [id, { sealer }] = best;
    keys.delete(id);
    this.#used.add(id);
    if (this.#used.size > USED_MAX) this.#used.delete(this.#used.values().next().value!);
    return { id, sealer };
  }

  /** The session left: its keys go. */
  forget(session: string): void {
    this.#stocks.delete(session);
  }
}
