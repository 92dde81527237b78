// What a snapshot holds, checked: a recording is a file of any origin, and what it says becomes a state of the judgement.
import { z } from 'zod';
import { REASON_CODES } from '../contracts/reasons.ts';
import { InputEntry, RawEntry, type Entry } from '../contracts/recording.ts';
import { Phase, type State } from '../services/tap-listener/decide.ts';
import type { CandidateState } from '../services/tap-listener/streams.ts';

// What this version does not know of stays as it is: a field more is no reason not to go on.
const us = z.number();
const name = z.string().max(128);
const via = z.enum(['nfc', 'ble']);
const LISTED_MAX = 1_000;

const OpenTap = z.looseObject({
  tap: name, band: name, via, phase: z.enum(Phase), tappedUs: us, acceptedUs: us, resolveByUs: us, credentialByUs: us, deadlineUs: us, leaseUs: us,
  resolvedUs: us.exactOptional(), credentialUs: us.exactOptional(), begunUs: us.exactOptional(),
  cancelled: z.looseObject({ reason: z.enum(REASON_CODES), atUs: us }).exactOptional(),
});
const Listener: z.ZodType<State> = z.looseObject({
  open: OpenTap.nullable(),
  recent: z.array(z.looseObject({ band: name, via, atUs: us, accepted: z.boolean(), silent: z.boolean(), seenUs: us.exactOptional() })).max(LISTED_MAX),
  storm: z.looseObject({ droppedUs: z.array(us).max(LISTED_MAX), quietUntilUs: us }),
});
const Candidates: z.ZodType<CandidateState> = z.looseObject({
  rssi: z.record(name, z.looseObject({ atUs: us, readingsDbm: z.array(z.number()).max(LISTED_MAX), armed: z.boolean(), touchedUs: us.exactOptional() })),
  lastRead: z.record(name, us).exactOptional(),
  presence: z.record(name, z.looseObject({ authenticated: z.boolean(), worn: z.boolean(), near: z.boolean() })).exactOptional(),
});

export interface Known {
  readonly listener: State;
  readonly candidates: CandidateState;
}

/** Null: written by a Tapline that remembers something else. */
export function knownFrom(entry: Extract<Entry, { topic: 'snapshot' }>): Known | null {
  const [listener, candidates] = [Listener.safeParse(entry.listener), Candidates.safeParse(entry.candidates)];
  return listener.success && candidates.success ? { listener: listener.data, candidates: candidates.data } : null;
}

/** Two states are the same if this is. */
export const spelled = (state: State): string => JSON.stringify(Listener.parse(state));

/** Is what an entry says of the shape that it should have? Those of the other topics decide nothing. */
export function isSound(entry: Entry): boolean {
  if (entry.topic === 'raw') return RawEntry.safeParse(entry).success;
  return entry.topic !== 'input' || InputEntry.safeParse(entry).success;
}
