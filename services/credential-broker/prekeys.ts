// The broker's side of the one-use keys: what each session's injector has offered, checked against its signing key.
import { prekeysSigned } from '../../contracts/credential.ts';
import type { Body } from '../../contracts/catalogue.ts';
import { signedBy } from '../../runtime/identity.ts';

interface Stock {
  readonly boot: string;
  readonly keys: Map<string, { readonly publicKey: Uint8Array; readonly expiresUs: number }>;
}

/** A key that dies sooner may not open in time. */
const LEFT_MS_MIN = 2500;
/** Keys that were used, remembered until they would have died anyway. */
const USED_MAX = 4096;

export class Prekeys {
  readonly #stocks = new Map<string, Stock>();
  readonly #used = new Set<string>();

  /** Takes an offer; false if its signature is not of the session's injector. */
  offered(session: string, signingKey: Uint8Array, offer: Body<'prekeys.offered'>): boolean {
    if (!signedBy(signingKey, prekeysSigned(offer.boot, offer.keys), offer.signature)) return false;
    const fresh = offer.keys.filter(({ id }) => !this.#used.has(id));
    this.#stocks.set(session, { boot: offer.boot, keys: new Map(fresh.map(({ id, publicKey, expiresUs }) => [id, { publicKey, expiresUs }])) });
    return true;
  }

  /** Takes the key that lives longest out of the stock; null if there is none. */
  take(session: string, nowUs: number): { id: string; publicKey: Uint8Array } | null {
    const keys = this.#stocks.get(session)?.keys ?? new Map<string, never>();
    const [best] = [...keys].filter(([, { expiresUs }]) => expiresUs - nowUs > LEFT_MS_MIN * 1000).sort((a, b) => b[1].expiresUs - a[1].expiresUs);
    if (best === undefined) return null;
    const [id, { publicKey }] = best;
    keys.delete(id);
    this.#used.add(id);
    if (this.#used.size > USED_MAX) this.#used.delete(this.#used.values().next().value!);
    return { id, publicKey };
  }

  /** The session left: its keys go. */
  forget(session: string): void {
    this.#stocks.delete(session);
  }
}
