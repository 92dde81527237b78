// How an adapter hears a wrist that comes close and leaves again.

const FAR_DBM = -72;
const NEAR_DBM = -34;
/** Longer than the rolling mean of the default settings, so that the mean is all far, then all near, then all far. */
const HOLD_READINGS = 12;
const APPROACH_DBM = [-64, -56, -48];

/** Readings of one Bluetooth tap in dBm, one every `advertMs`. */
export function bleTap(advertMs: number): readonly { readonly rssi: number; readonly afterMs: number }[] {
  const far = Array<number>(HOLD_READINGS).fill(FAR_DBM);
  const near = Array<number>(HOLD_READINGS).fill(NEAR_DBM);
  const readings = [...far, ...APPROACH_DBM, ...near, ...APPROACH_DBM.toReversed(), ...far];
  return readings.map((rssi, index) => ({ rssi, afterMs: index * advertMs }));
}
