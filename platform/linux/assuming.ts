// Asks at once what would be asked one after the other, where what is found first is most likely what was found last.

/** Beyond so many keys all is found anew. */
const KEPT_MAX = 256;

export class Assuming<T> {
  readonly #isSame: (a: T, b: T) => boolean;
  readonly #found = new Map<string, T>();

  constructor(isSame: (a: T, b: T) => boolean) {
    this.#isSame = isSame;
  }

  /**
   * What comes of using what is found. What was found last is used while it is looked for anew, which counts if the same is found
   * again; else what is found now is used. Rejects as `find` or `use` does.
   */
  async use<R>(key: string, find: () => Promise<T>, use: (found: T) => Promise<R>): Promise<R> {
    const last = this.#found.get(key);
    const finding = find();
    const used = last === undefined ? undefined : use(last);
    used?.catch(() => undefined);
    const found = await finding;
    if (this.#found.size >= KEPT_MAX) this.#found.clear();
    this.#found.set(key, found);
    return used !== undefined && this.#isSame(found, last as T) ? used : use(found);
  }
}
