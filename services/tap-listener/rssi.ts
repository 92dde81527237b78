// When a band that is heard over Bluetooth is meant as a tap: the rolling mean of its readings rises over the threshold.
//
//   mean  ─────╮ far: armed          ╭──────────── near: nothing more
//   threshold  ┼ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ● ─ ─ ─ ─ ─   ● the tap, with the stamp of this reading
//   rearm      ┼ ─ ─ ─ ─ ─ ─ ─ ─ ─ ╱ ─ ─ ─ ─ ─ ─   flutter between the two lines is one tap or none
//                                 ╯
import type { RssiReading } from './raw.ts';

export interface RssiSettings {
  /** Readings in the rolling mean (`rssi_window_tap`). */
  readonly windowReadings: number;
  /** The mean must rise above it, in dBm (`rssi_tap_threshold`); 0: Bluetooth never taps. */
  readonly tapThresholdDbm: number;
  /** How far below the threshold the mean must have been before the next tap. */
  readonly rearmDb: number;
  /** A band unheard for longer is new again, and must be far before it can tap. */
  readonly forgetMs: number;
  /** Bands that are followed at once; beyond it the one unheard for longest is forgotten. */
  readonly bandsMax: number;
}
export const RSSI_DEFAULTS: RssiSettings = {
  windowReadings: 10,
  tapThresholdDbm: -42,
  rearmDb: 6,
  forgetMs: 5_000,
  bandsMax: 64,
};

interface Heard {
  readonly atUs: number;
  /** Newest last, at most `windowReadings`. */
  readonly readingsDbm: readonly number[];
  /** Was far since its last tap. A band that is near when first heard rests there, and is not armed. */
  readonly armed: boolean;
  /** When a reader saw it, as long as the wrist has not been lifted since: what is near now is the same gesture. */
  readonly touchedUs?: number;
  /** When it was first heard, in the place of a band that was coming near and fell silent: perhaps the same wrist. */
  readonly replacesUs?: number;
}

/** Snapshottable: JSON. Bands in the order in which they were last heard. */
export type RssiState = Readonly<Record<string, Heard>>;

/** What a reading completes: a tap, or one whose band went by another id when it began. */
export type Completed = 'tap' | 'id-changed' | null;

/** The next state, and what the reading completes that carries the mean over the threshold. */
export function stepRssi(state: RssiState, reading: RssiReading, settings: RssiSettings): readonly [RssiState, Completed] {
  const { windowReadings, tapThresholdDbm, rearmDb } = settings;
  if (tapThresholdDbm === 0) return [state, null];
  const before = heardBefore(state, reading, settings);
  const readingsDbm = [...before.readingsDbm, reading.rssiDbm].slice(-windowReadings);
  const meanDbm = mean(readingsDbm);
  const isWhole = readingsDbm.length === windowReadings;
  const farDbm = tapThresholdDbm - rearmDb;
  const isTouched = before.touchedUs !== undefined && (readingsDbm.length < liftedBy(settings) || mean(readingsDbm.slice(-liftedBy(settings))) >= farDbm);
  const armed = !isTouched && (before.armed || meanDbm < farDbm);
  const rises = isWhole && meanDbm > tapThresholdDbm;
  const taps = armed && rises;
  const touch = isTouched ? { touchedUs: before.touchedUs! } : {};
  const { replacesUs } = before;
  const replaces = replacesUs !== undefined && !armed && isSilentSince(state, reading, replacesUs);
  const still = replaces && !rises ? { replacesUs } : {};
  const next = remember(state, reading.band, { atUs: reading.atUs, readingsDbm, armed: armed && !taps, ...touch, ...still }, settings);
  return [next, taps ? 'tap' : replaces && rises ? 'id-changed' : null];
}

/** A reader saw the band: what Bluetooth hears of this gesture is no tap of its own. */
export function touchRssi(state: RssiState, { band, atUs }: Pick<RssiReading, 'band' | 'atUs'>, settings: RssiSettings): RssiState {
  if (settings.tapThresholdDbm === 0) return state;
  return remember(state, band, { atUs, readingsDbm: [], armed: false, touchedUs: atUs }, settings);
}

/** A reader sees the band again: was it near all the time in between, so that it is still the same gesture? */
export function isHeld(state: RssiState, { band, atUs }: Pick<RssiReading, 'band' | 'atUs'>, settings: RssiSettings): boolean {
  const heard = Object.hasOwn(state, band) ? state[band] : undefined;
  return heard?.touchedUs !== undefined && heard.readingsDbm.length >= liftedBy(settings) && atUs - heard.touchedUs < HELD_MS * 1_000;
}

/**
 * Is another wrist at the adapter, while this band is plainly elsewhere? Then this band is not on the reader beside it,
 * whatever id the reader gives. Elsewhere is also who fell silent; one that was never heard may be here.
 */
export function isElsewhere(state: RssiState, { band, atUs }: Pick<RssiReading, 'band' | 'atUs'>, settings: RssiSettings): boolean {
  const farDbm = settings.tapThresholdDbm - settings.rearmDb;
  const strongest = (heard: Heard | undefined): number => {
    const isKnown = heard !== undefined && atUs - heard.atUs < ELSEWHERE_MS * 1_000 && heard.readingsDbm.length >= liftedBy(settings);
    return isKnown ? Math.max(...heard.readingsDbm.slice(-liftedBy(settings))) : Number.NaN;
  };
  const own = Object.hasOwn(state, band) ? state[band] : undefined;
  const isSilent = own !== undefined && atUs - own.atUs > settings.forgetMs * 1_000;
  const ownDbm = isSilent ? Number.NEGATIVE_INFINITY : strongest(own);
  return ownDbm < farDbm && Object.entries(state).some(([other, heard]) => other !== band && strongest(heard) >= Math.max(farDbm, ownDbm + ELSEWHERE_DB));
}

/** Readings say where a wrist is for so long. */
const ELSEWHERE_MS = 1_000;
/** Four times as far away, and more than readings differ by chance. */
const ELSEWHERE_DB = 12;

/** The band that fell silent when this one was first heard has not been heard since, and the gesture is not over. */
const isSilentSince = (state: RssiState, { band, atUs }: RssiReading, bornUs: number): boolean =>
  atUs - bornUs < HELD_MS * 1_000 && Object.entries(state).some(([other, heard]) => other !== band && fellSilent(heard, bornUs));

/** Coming near, and not heard for as long as an id takes to change. */
const fellSilent = ({ armed, atUs }: Heard, bornUs: number): boolean => armed && atUs <= bornUs && bornUs - atUs < CHANGE_MS * 1_000;

/** A band changes its Bluetooth identity every 15 minutes (SDK 3.1), and is heard on about ten times a second. */
const CHANGE_MS = 1_000;
/** What a wrist that comes near gains from one reading to the next, and what readings differ by. */
const CHANGE_DB = 15;

/** So many readings in a row tell whether a wrist was lifted: one alone says little, and ten last longer than lifting does. */
const liftedBy = ({ windowReadings }: RssiSettings): number => Math.min(3, windowReadings);
/** Nobody holds a band on a reader for longer; one that rests near the adapter taps again after it. */
const HELD_MS = 2_500;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function heardBefore(state: RssiState, { band, atUs, rssiDbm }: RssiReading, { forgetMs }: RssiSettings): Heard {
  const before = Object.hasOwn(state, band) ? state[band] : undefined;
  if (before !== undefined && atUs - before.atUs <= forgetMs * 1_000) return before;
  const replaces = Object.values(state).some((heard) => fellSilent(heard, atUs) && Math.abs(rssiDbm - (heard.readingsDbm.at(-1) ?? Number.NaN)) < CHANGE_DB);
  return { atUs, readingsDbm: [], armed: false, ...(replaces && { replacesUs: atUs }) };
}

function remember(state: RssiState, band: string, heard: Heard, { bandsMax }: RssiSettings): RssiState {
  const others = Object.entries(state).filter(([other]) => other !== band);
  return Object.fromEntries([...others.slice(-(bandsMax - 1)), [band, heard]]);
}
