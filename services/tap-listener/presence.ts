// What the Agent told of each band, as far as it decides whether a tap of it can be meant: worn, by somebody who proved who
// they are, and near. What was not told is taken for well.
import type { Presence, RssiReading } from './raw.ts';

/** Why a band cannot tap, whatever the radios see. */
export type Unfit =
  | 'not-authenticated'
  | 'not-worn'
  /** Not heard for a minute and more, so that it is not here. */
  | 'gone'
  /** The reader gave the id of the card before, whose band is plainly elsewhere. */
  | 'previous-id'
  /** Its id changed while it came near: whether it is the wrist that began the gesture cannot be known. */
  | 'id-changed';

export interface Told {
  readonly authenticated: boolean;
  readonly worn: boolean;
  readonly near: boolean;
}
/** Snapshottable: JSON. Bands of which something stands against a tap, in the order in which it was told. */
export type PresenceState = Readonly<Record<string, Told>>;

/** Bands that are kept in mind at once; beyond it the one told of longest ago is taken for well. */
const BANDS_MAX = 256;

export function stepPresence(state: PresenceState, { band, presence, authenticated, worn }: Presence): PresenceState {
  const told: Told = { authenticated, worn: worn ?? true, near: presence !== 'no' };
  const { [band]: before, ...others } = state;
  if (told.authenticated && told.worn && told.near) return before === undefined ? state : others;
  return Object.fromEntries([...Object.entries(others).slice(-(BANDS_MAX - 1)), [band, told]]);
}

/** A band that is heard is here, whatever was told before. */
export function stepHeard(state: PresenceState, { band }: RssiReading): PresenceState {
  const told = Object.hasOwn(state, band) ? state[band] : undefined;
  return told === undefined || told.near ? state : stepPresence(state, { kind: 'presence', atUs: 0, band, presence: 'yes', ...told });
}

export function unfitFor(state: PresenceState, band: string): Unfit | null {
  const told = Object.hasOwn(state, band) ? state[band] : undefined;
  if (told === undefined) return null;
  if (!told.authenticated) return 'not-authenticated';
  if (!told.worn) return 'not-worn';
  return told.near ? null : 'gone';
}
