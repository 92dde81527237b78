// What the others would have answered where the recording does not tell: a tap that counts under other settings alone, or
// one that lives on where the recorded one had ended. An ordinary tap, at a NES of usual speed:
//
//   t0 ── 8 ms: resolved ── 150 ms: credential ── committed, 2 ms: begun ── 60 ms: filled
import { Outcome } from '../contracts/reasons.ts';
import { Phase, type Command, type Event, type OpenTap } from '../services/tap-listener/decide.ts';

/** Milliseconds; of the first two since t0. */
export const ANSWERED = { resolvedMs: 8, credentialMs: 150, begunMs: 2, filledMs: 60, reportedMs: 1 } as const;

export interface Answer {
  readonly us: number;
  readonly event: Event;
}
const MS = 1000;
const later = (us: number, ms: number): number => us + ms * MS;

/** A tap whose answers are the model's from now on: what is under way already. */
export function answersFrom(open: OpenTap, nowUs: number): Answer[] {
  const { tap, tappedUs, resolvedUs } = open;
  const us = Math.max(nowUs, later(tappedUs, ANSWERED.resolvedMs));
  const resolved: Answer[] = resolvedUs === undefined ? [{ us, event: { event: 'resolved', tap, atUs: us } }] : [];
  switch (open.phase) {
    case Phase.committed: return [...resolved, begunAfter(open, nowUs)];
    case Phase.injecting: return [...resolved, filledAfter(open, nowUs)];
    default: return resolved;
  }
}

/** What a command, or a begin that was not granted, leads to. */
export function answersTo(command: Command, nowUs: number): Answer[] {
  if (command.do === 'commit') return [begunAfter(command.open, nowUs)];
  // Who types already stops, and tells how it ended.
  if (command.do === 'cancel' && command.open.phase === Phase.injecting) return [reported(command.open, command.reason, nowUs)];
  return [];
}

/** `after`: the tap as it is once the injector has asked. */
export function answerToBegun(after: OpenTap, nowUs: number): Answer {
  return after.phase === Phase.injecting ? filledAfter(after, nowUs) : reported(after, 'deadline:injection', nowUs);
}

function begunAfter({ tap, tappedUs }: OpenTap, nowUs: number): Answer {
  const credentialUs = later(tappedUs, ANSWERED.credentialMs);
  const us = Math.max(later(nowUs, ANSWERED.begunMs), credentialUs);
  return { us, event: { event: 'begun', tap, atUs: us, credentialUs } };
}

function filledAfter({ tap }: OpenTap, nowUs: number): Answer {
  const us = later(nowUs, ANSWERED.filledMs);
  return { us, event: { event: 'ended', tap, atUs: us, outcome: Outcome.filled, reason: 'ok' } };
}

function reported({ tap }: OpenTap, reason: 'deadline:injection' | Extract<Command, { do: 'cancel' }>['reason'], nowUs: number): Answer {
  const us = later(nowUs, ANSWERED.reportedMs);
  return { us, event: { event: 'ended', tap, atUs: us, outcome: Outcome.failed, reason } };
}
