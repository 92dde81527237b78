// The token of this machine: fetched once for all who wait, renewed before its life ends.

export interface TokenOptions {
  /** `WSTokenTTL` of the server; NES does not tell it with the token. */
  readonly lifeMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** `F` is what the fetch answers instead of a token when it fails. */
export class TokenKeeper<F extends object> {
  readonly #fetch: () => Promise<string | F>;
  readonly #options: TokenOptions;
  #current: { readonly token: string; readonly fetchedMs: number } | null = null;
  #pending: Promise<string | F> | null = null;

  constructor(fetch: () => Promise<string | F>, options: TokenOptions) {
    this.#fetch = fetch;
    this.#options = options;
  }

  /** The token at hand; in the last fifth of its life a new one is fetched beside its use. */
  async get(): Promise<string | F> {
    const { lifeMs, now } = this.#options;
    if (this.#current === null) return this.#renew();
    const ageMs = now() - this.#current.fetchedMs;
    if (ageMs >= lifeMs) return this.#renew();
    if (ageMs >= lifeMs * RENEW_AT) void this.#renew();
    return this.#current.token;
  }

  /** After a 401: another token than `refused`. If someone else has renewed it meanwhile, that one. */
  async replace(refused: string): Promise<string | F> {
    if (this.#current !== null && this.#current.token !== refused) return this.get();
    return this.#renew();
  }

  #renew(): Promise<string | F> {
    this.#pending ??= this.#fetchOne().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  async #fetchOne(): Promise<string | F> {
    const fetchedMs = this.#options.now();
    const answer = await this.#fetch();
    if (typeof answer === 'string') this.#current = { token: answer, fetchedMs };
    return answer;
  }
}

const RENEW_AT = 0.8;
