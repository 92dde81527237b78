// The numbers by which a recording was judged, and those that another run is to use instead.
import { SettingsSchema, type Budget } from '../config/schema.ts';
import type { Header } from '../contracts/recording.ts';
import { RSSI_DEFAULTS, type RssiSettings } from '../services/tap-listener/rssi.ts';

export interface ReplaySettings {
  readonly budget: Budget;
  readonly rssi: RssiSettings;
}
/** What is named differs, the rest is as recorded. */
export interface Changes {
  readonly budget?: Partial<Budget>;
  readonly rssi?: Partial<RssiSettings>;
}

/** Settings of a recording. Defaults stand for numbers that one of an older version does not have, or that cannot be. */
export function recordedSettings({ settings }: Header): ReplaySettings {
  const { budget } = SettingsSchema.parse({});
  return { budget: { ...budget, ...possible('budget', settings.budget) }, rssi: { ...RSSI_DEFAULTS, ...rssiOf(possible('tap', settings.tap)) } };
}

/** A file of any origin says so: a window without an end would hold the whole file. */
function possible(room: 'budget' | 'tap', numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter(([name, value]) => SettingsSchema.safeParse({ [room]: { [name]: value } }).success));
}

export const changedSettings = ({ budget, rssi }: ReplaySettings, changes: Changes): ReplaySettings =>
  ({ budget: { ...budget, ...changes.budget }, rssi: { ...rssi, ...changes.rssi } });

/** Names of the settings file, in the words of the judgement. */
const RSSI_NAMES: Readonly<Record<string, keyof RssiSettings>> = { rssiWindowTap: 'windowReadings', rssiTapThresholdDbm: 'tapThresholdDbm' };

/** `tap` of the settings file, as far as it is about Bluetooth. */
export function rssiOf(tap: Readonly<Record<string, number>>): Partial<RssiSettings> {
  return Object.fromEntries(Object.entries(RSSI_NAMES).flatMap(([name, key]) => (tap[name] === undefined ? [] : [[key, tap[name]]])));
}
