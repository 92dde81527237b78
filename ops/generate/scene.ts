// One scene at a terminal while it is written down: where the wrists are, what the reader sees, and what was meant by it.
import type { Raw } from '../../services/tap-listener/raw.ts';
import type { Chance, Spread } from './chance.ts';
import { RADIO, type Habits } from './habits.ts';
import type { Label, Why } from './labels.ts';

export interface Person {
  /** Pseudonym of the band, as recordings have it. */
  readonly band: string;
  /** NFC id of the same band. */
  readonly uid: string;
}

export interface Gesture {
  readonly atMs: number;
  readonly untilMs: number;
  readonly band: string;
  readonly via: 'nfc' | 'ble';
  /** Absent where it was meant. */
  readonly why?: Why;
}

interface Point {
  readonly atMs: number;
  readonly dbm: number;
}

/** Times are milliseconds from the scene's begin, `startUs`. */
export class Scene {
  readonly chance: Chance;
  readonly habits: Habits;
  readonly startUs: number;
  readonly labels: Label[] = [];
  readonly #raws: Raw[] = [];
  readonly #ways = new Map<string, Point[]>();

  constructor({ chance, habits, startUs }: Pick<Scene, 'chance' | 'habits' | 'startUs'>) {
    this.chance = chance;
    this.habits = habits;
    this.startUs = startUs;
  }

  drawn(spread: Spread): number {
    return this.chance.drawn(spread);
  }

  us(atMs: number): number {
    return this.startUs + Math.round(atMs * 1000);
  }

  /** The wrist is at that distance from the adapter at that time; in between it moves evenly, as heard. */
  wrist({ band }: Person, atMs: number, cm: number): void {
    const way = this.#ways.get(band) ?? [];
    this.#ways.set(band, [...way, { atMs, dbm: dbmAt(cm) }]);
  }

  read(atMs: number, { uid, band }: { readonly uid: string; readonly band: string | null }): void {
    this.#raws.push({ kind: 'nfc', atUs: this.us(atMs), uid, band });
  }

  presence({ band }: Person, atMs: number, state: { readonly authenticated: boolean; readonly worn: boolean }): void {
    this.#raws.push({ kind: 'presence', atUs: this.us(atMs), band, presence: 'yes', ...state });
  }

  gesture({ atMs, untilMs, band, via, why }: Gesture): void {
    this.labels.push({ t0Us: this.us(atMs), untilUs: this.us(untilMs), band, via, meant: why === undefined, why: why ?? null });
  }

  /** All that happened, by time; the scene is over. */
  raws(): readonly Raw[] {
    const heard = [...this.#ways].flatMap(([band, way]) => this.#readings(band, way.toSorted((a, b) => a.atMs - b.atMs)));
    return [...this.#raws, ...heard].toSorted((a, b) => a.atUs - b.atUs);
  }

  #readings(band: string, way: readonly Point[]): Raw[] {
    const { chance, habits: { lost, late, lateMs } } = this;
    const keeps = Math.exp(-RADIO.advertMs / RADIO.slowMs);
    const readings: Raw[] = [];
    let shade = RADIO.slowDb * chance.normal();
    let leg = 0;
    for (let atMs = way[0]!.atMs + chance.between(0, RADIO.advertMs); atMs < way.at(-1)!.atMs; atMs += RADIO.advertMs + chance.between(0, 10)) {
      shade = keeps * shade + Math.sqrt(1 - keeps * keeps) * RADIO.slowDb * chance.normal();
      while (way[leg + 1]!.atMs <= atMs) leg += 1;
      const dbm = between(way[leg]!, way[leg + 1]!, atMs) + shade + RADIO.fastDb * chance.normal();
      if (chance.happens(lost)) continue;
      const heldUpMs = chance.happens(late) ? chance.between(0, lateMs) : 0;
      readings.push({ kind: 'rssi', atUs: this.us(atMs + heldUpMs), band, rssiDbm: clamped(Math.round(dbm)) });
    }
    return readings;
  }
}

const clamped = (dbm: number): number => Math.min(RADIO.strongestDbm, Math.max(RADIO.weakestDbm, dbm));
export const dbmAt = (cm: number): number => clamped(RADIO.oneMetreDbm - RADIO.perDecadeDb * Math.log10(cm / 100));
const between = (from: Point, to: Point, atMs: number): number => from.dbm + ((to.dbm - from.dbm) * (atMs - from.atMs)) / (to.atMs - from.atMs);
