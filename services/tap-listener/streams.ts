// From raw events to tap candidates. Only stamps decide, never timers: the same events give the same candidates at any speed.
import { concatMap, defer } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import type { Raw, RawTap } from './raw.ts';
import { RSSI_DEFAULTS, stepRssi } from './rssi.ts';
import type { RssiSettings, RssiState } from './rssi.ts';
import { classifyUid, IdClass } from './uid.ts';

/** Somebody may have tapped; `decide.ts` judges it. */
export interface TapCandidate {
  readonly kind: 'candidate';
  /** t0: the stamp of the NFC event, or of the reading that carried the mean over the threshold. */
  readonly atUs: number;
  readonly via: 'nfc' | 'ble';
  /** Canonical id of the band; the NFC id of a foreign tag. */
  readonly band: string;
  readonly idClass: 'good' | 'foreign';
}

/** A tag without a usable id: nobody can be looked up by it. */
export interface UnreadableTap {
  readonly kind: 'unreadable';
  readonly atUs: number;
  readonly via: 'nfc';
  readonly idClass: 'empty' | 'truncated';
}

export type Candidate = TapCandidate | UnreadableTap;

/** Snapshottable: JSON. */
export interface CandidateState {
  readonly rssi: RssiState;
}
export const NO_CANDIDATES: CandidateState = { rssi: {} };

/** Candidates of a stream of raw events. `from` is a snapshot to go on with, `onState` sees each next one. */
export function tapCandidates(
  settings: RssiSettings = RSSI_DEFAULTS,
  from: CandidateState = NO_CANDIDATES,
  onState: (state: CandidateState) => void = () => {},
): OperatorFunction<Raw, Candidate> {
  return (raws) =>
    defer(() => {
      let state = from;
      return raws.pipe(
        concatMap((raw) => {
          const [next, candidates] = stepCandidates(state, raw, settings);
          if (next !== state) onState(next);
          state = next;
          return candidates;
        }),
      );
    });
}

/** The pure step beneath `tapCandidates`. */
export function stepCandidates(
  state: CandidateState,
  raw: Raw,
  settings: RssiSettings,
): readonly [CandidateState, readonly Candidate[]] {
  if (raw.kind === 'nfc') return [state, [nfcCandidate(raw)]];
  if (raw.kind === 'presence') return [state, []];
  const [rssi, taps] = stepRssi(state.rssi, raw, settings);
  const { atUs, band } = raw;
  return [{ rssi }, taps ? [{ kind: 'candidate', atUs, via: 'ble', band, idClass: IdClass.good }] : []];
}

function nfcCandidate({ atUs, uid, band }: RawTap): Candidate {
  const { uid: digits, idClass } = classifyUid(uid, band);
  return idClass === IdClass.good || idClass === IdClass.foreign
    ? { kind: 'candidate', atUs, via: 'nfc', band: band ?? digits, idClass }
    : { kind: 'unreadable', atUs, via: 'nfc', idClass };
}
