// From raw events to tap candidates. Only stamps decide, never timers: the same events give the same candidates at any speed.
import { concatMap, defer } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import { stepHeard, stepPresence, unfitFor, type PresenceState, type Unfit } from './presence.ts';
import type { Raw, RawTap, RssiReading } from './raw.ts';
import { isElsewhere, isHeld, RSSI_DEFAULTS, stepRssi, touchRssi } from './rssi.ts';
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
  /** The reader saw it before, and it was near all the time in between. */
  readonly held?: true;
}

/** A tag without a usable id: nobody can be looked up by it. */
export interface UnreadableTap {
  readonly kind: 'unreadable';
  readonly atUs: number;
  readonly via: 'nfc';
  readonly idClass: 'empty' | 'truncated';
}

/** A gesture of a band that cannot mean it. */
export interface UnfitTap {
  readonly kind: 'unfit';
  readonly atUs: number;
  readonly via: 'nfc' | 'ble';
  readonly band: string;
  readonly why: Unfit;
}

export type Candidate = TapCandidate | UnreadableTap | UnfitTap;

/** Snapshottable: JSON. */
export interface CandidateState {
  readonly rssi: RssiState;
  /** Absent: nothing stands against any band. */
  readonly presence?: PresenceState;
  /** When the reader read the one band that it read last. */
  readonly lastRead?: Readonly<Record<string, number>>;
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
): Stepped {
  switch (raw.kind) {
    case 'presence': return [withPresence(state, stepPresence(state.presence ?? NOTHING_TOLD, raw)), []];
    case 'nfc': return touched(state, raw, settings);
    case 'rssi': return heard(state, raw, settings);
  }
}

type Stepped = readonly [CandidateState, readonly Candidate[]];
const NOTHING_TOLD: PresenceState = {};

const withPresence = (state: CandidateState, presence: PresenceState): CandidateState =>
  presence === (state.presence ?? NOTHING_TOLD) ? state : { ...state, presence };

function heard(state: CandidateState, reading: RssiReading, settings: RssiSettings): Stepped {
  const [rssi, completed] = stepRssi(state.rssi, reading, settings);
  const next = withPresence({ ...state, rssi }, stepHeard(state.presence ?? NOTHING_TOLD, reading));
  const { atUs, band } = reading;
  switch (completed) {
    case 'tap': return [next, [fit(next, { kind: 'candidate', atUs, via: 'ble', band, idClass: IdClass.good })]];
    case 'id-changed': return [next, [{ kind: 'unfit', atUs, via: 'ble', band, why: 'id-changed' }]];
    case null: return [next, []];
  }
}

function touched(state: CandidateState, raw: RawTap, settings: RssiSettings): Stepped {
  const { band, atUs } = raw;
  const candidate = nfcCandidate(raw);
  const judged = candidate.kind === 'candidate' ? fit(state, candidate) : candidate;
  if (band === null || judged.kind !== 'candidate') return [state, [judged]];
  const seen = { band, atUs };
  const isPrevious = Object.hasOwn(state.lastRead ?? {}, band) && isElsewhere(state.rssi, seen, settings);
  if (isPrevious) return [state, [{ kind: 'unfit', via: 'nfc', ...seen, why: 'previous-id' }]];
  const held = isHeld(state.rssi, seen, settings) ? { held: true as const } : {};
  return [{ ...state, rssi: touchRssi(state.rssi, seen, settings), lastRead: { [band]: atUs } }, [{ ...judged, ...held }]];
}

function fit({ presence }: CandidateState, candidate: TapCandidate): TapCandidate | UnfitTap {
  const { atUs, via, band } = candidate;
  const why = presence === undefined ? null : unfitFor(presence, band);
  return why === null ? candidate : { kind: 'unfit', atUs, via, band, why };
}

function nfcCandidate({ atUs, uid, band }: RawTap): TapCandidate | UnreadableTap {
  const { uid: digits, idClass } = classifyUid(uid, band);
  return idClass === IdClass.good || idClass === IdClass.foreign
    ? { kind: 'candidate', atUs, via: 'nfc', band: band ?? digits, idClass }
    : { kind: 'unreadable', atUs, via: 'nfc', idClass };
}
