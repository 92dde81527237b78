// Chance that comes from a seed alone: the same seed gives the same people, anywhere.

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) >>> 0;
  }

  /** From 0 to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T;
  }

  /** About 0, with standard deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  drawn(spread: Spread): number {
    return Math.min(spread.max, Math.max(spread.min, spread.median * Math.exp(spread.sigma * this.normal())));
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => Math.floor(this.next() * 16).toString(16)).join('').toUpperCase();
  }
}

/** A quantity that varies by factors, as times and distances of people do: log-normal, cut at both ends. */
export interface Spread {
  readonly median: number;
  /** Standard deviation of its logarithm: 0.5 means that two of three lie between 0.6 and 1.65 times the median. */
  readonly sigma: number;
  readonly min: number;
  readonly max: number;
}
