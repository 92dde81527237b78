// What the Agent reports, as plain data with the stamp of its arrival: the recorded input of all judgement about taps.

/** The reader of this terminal saw a tag. */
export interface RawTap {
  readonly kind: 'nfc';
  /** Monotonic microseconds of the frame's arrival. */
  readonly atUs: number;
  /** What the reader gave, as hex; may be empty or cut short. */
  readonly uid: string;
  /** Canonical id of the band, where the Agent knows it. */
  readonly band: string | null;
}

/** The adapter of this terminal heard a band. */
export interface RssiReading {
  readonly kind: 'rssi';
  readonly atUs: number;
  readonly band: string;
  /** Nearer is less negative. */
  readonly rssiDbm: number;
}

/** A band came, went, or changed its state. */
export interface Presence {
  readonly kind: 'presence';
  readonly atUs: number;
  readonly band: string;
  /** `yes`: heard within 5 s, `likely`: 15 s, `unlikely`: 60 s, `no`: longer ago. */
  readonly presence: 'yes' | 'likely' | 'unlikely' | 'no';
  /** The wearer proved who they are since putting it on. */
  readonly authenticated: boolean;
  /** Null where the Agent does not tell. */
  readonly worn: boolean | null;
}

export type Raw = RawTap | RssiReading | Presence;
