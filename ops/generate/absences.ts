// What the Agent tells of bands that it no longer hears: after 15 seconds that one is unlikely to be here, after 60 that it is
// not. Whoever is heard again is here.
import type { Raw } from '../../services/tap-listener/raw.ts';

const STEPS = [{ afterUs: 15_000_000, presence: 'unlikely' }, { afterUs: 60_000_000, presence: 'no' }] as const;

interface Heard {
  readonly atUs: number;
  /** How many of the steps were told since. */
  readonly told: number;
}

export class Absences {
  readonly #heard = new Map<string, Heard>();

  /** The raw events of a time, with what is told of those who are not heard in it. */
  within(raws: readonly Raw[], untilUs: number): readonly Raw[] {
    const told: Raw[] = [];
    for (const raw of raws) {
      if (raw.kind !== 'rssi') continue;
      told.push(...this.#due(raw.band, raw.atUs));
      this.#heard.set(raw.band, { atUs: raw.atUs, told: 0 });
    }
    for (const band of this.#heard.keys()) told.push(...this.#due(band, untilUs));
    return told.length === 0 ? raws : [...raws, ...told].toSorted((a, b) => a.atUs - b.atUs);
  }

  #due(band: string, untilUs: number): readonly Raw[] {
    const heard = this.#heard.get(band);
    if (heard === undefined) return [];
    const due = STEPS.slice(heard.told).filter(({ afterUs }) => heard.atUs + afterUs < untilUs);
    this.#heard.set(band, { ...heard, told: heard.told + due.length });
    return due.map(({ afterUs, presence }): Raw => ({ kind: 'presence', atUs: heard.atUs + afterUs, band, presence, authenticated: true, worn: null }));
  }
}
