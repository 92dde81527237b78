// What is still to come in virtual time: due times in order, those of one moment in the order in which they were put there.

interface Due<T> {
  readonly us: number;
  readonly seq: number;
  readonly item: T;
}

export class Agenda<T> {
  /** Latest first. */
  #dues: readonly Due<T>[] = [];
  #seq = 0;

  add(us: number, item: T): void {
    const due = { us, seq: this.#seq++, item };
    const at = this.#dues.findIndex((other) => other.us < us || (other.us === us && other.seq < due.seq));
    this.#dues = at === -1 ? [...this.#dues, due] : this.#dues.toSpliced(at, 0, due);
  }

  /** The first one that is due at `us` or before; taken off. */
  next(us: number): { readonly us: number; readonly item: T } | null {
    const first = this.#dues.at(-1);
    if (first === undefined || first.us > us) return null;
    this.#dues = this.#dues.slice(0, -1);
    return first;
  }

  clear(): void {
    this.#dues = [];
  }
}
