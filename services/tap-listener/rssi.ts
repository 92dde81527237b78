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
}

/** Snapshottable: JSON. Bands in the order in which they were last heard. */
export type RssiState = Readonly<Record<string, Heard>>;

/** The next state, and whether this reading is the one that carries the mean over the threshold. */
export function stepRssi(state: RssiState, reading: RssiReading, settings: RssiSettings): readonly [RssiState, boolean] {
  const { windowReadings, tapThresholdDbm, rearmDb } = settings;
  if (tapThresholdDbm === 0) return [state, false];
  const before = heardBefore(state, reading, settings);
  const readingsDbm = [...before.readingsDbm, reading.rssiDbm].slice(-windowReadings);
  const meanDbm = readingsDbm.reduce((sum, dbm) => sum + dbm, 0) / readingsDbm.length;
  const armed = before.armed || meanDbm < tapThresholdDbm - rearmDb;
  const taps = armed && readingsDbm.length === windowReadings && meanDbm > tapThresholdDbm;
  return [remember(state, reading.band, { atUs: reading.atUs, readingsDbm, armed: armed && !taps }, settings), taps];
}

function heardBefore(state: RssiState, { band, atUs }: RssiReading, { forgetMs }: RssiSettings): Heard {
  const before = Object.hasOwn(state, band) ? state[band] : undefined;
  const isNew = before === undefined || atUs - before.atUs > forgetMs * 1_000;
  return isNew ? { atUs, readingsDbm: [], armed: false } : before;
}

function remember(state: RssiState, band: string, heard: Heard, { bandsMax }: RssiSettings): RssiState {
  const others = Object.entries(state).filter(([other]) => other !== band);
  return Object.fromEntries([...others.slice(-(bandsMax - 1)), [band, heard]]);
}
