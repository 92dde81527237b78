// The last minutes, in bounded memory: what a tap that did not work is explained by.
import type { Entry } from '../../contracts/recording.ts';

/** Text of the entries; many bands in a small room fill it, a quiet terminal never does. */
const CHARS_MAX = 1024 * 1024;

interface Kept {
  readonly us: number;
  readonly isSnapshot: boolean;
  readonly text: string;
}

export class Ring {
  readonly #spanUs: number;
  readonly #charsMax: number;
  #kept: Kept[] = [];
  #chars = 0;

  constructor(minutes: number, charsMax = CHARS_MAX) {
    this.#spanUs = minutes * 60_000_000;
    this.#charsMax = charsMax;
  }

  push(entry: Entry): void {
    const text = JSON.stringify(entry);
    this.#kept.push({ us: entry.us, isSnapshot: entry.topic === 'snapshot', text });
    this.#chars += text.length;
    const stale = this.#kept.findIndex(({ us }) => entry.us - us <= this.#spanUs);
    if (stale > 0) this.#drop(stale);
    // A quarter at once, so that a full ring is not moved with every entry.
    if (this.#chars > this.#charsMax) this.#drop(Math.ceil(this.#kept.length / 4));
  }

  /** From the first snapshot on; everything, if there is none. */
  entries(): readonly Entry[] {
    const first = this.#kept.findIndex(({ isSnapshot }) => isSnapshot);
    return this.#kept.slice(Math.max(0, first)).map(({ text }) => JSON.parse(text) as Entry);
  }

  #drop(count: number): void {
    for (const { text } of this.#kept.splice(0, count)) this.#chars -= text.length;
  }
}
