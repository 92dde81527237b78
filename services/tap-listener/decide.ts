// The life of a tap, from the gesture to its one end. Stamps decide, never the order in which timers fire: a timer for a
// stage fires a little after it, so that what was said in time and is still on its way counts.
//
//   t0 ─── accepted ──────── committed ─────────── injecting ──────────── ended
//    │  other band: cancelled   │ deadline: ended     │ the injector's word │
//    └──── ambiguityMs ─────────┘                     └── or the lease ─────┘
//   owner of the end:  tap-listener                   injector
import type { Budget } from '../../config/schema.ts';
import { Outcome, outcomeUnwritten, type Reason } from '../../contracts/reasons.ts';
import { after, type After } from '../../runtime/run.ts';
import { CALM, countDrop, judge, remember, seenAgain, type DropWhy, type Gesture, type Storm, type Via } from './gestures.ts';
import type { Unfit } from './presence.ts';
import type { Candidate } from './streams.ts';

type Due = 'commit' | 'resolve' | 'credential' | 'total' | 'lease';
export const Phase = {
  accepted: 'accepted',
  committed: 'committed',
  /** Nobody may type for it any more; ends once the resolver has told whether the person may hear of it. */
  cancelled: 'cancelled',
  injecting: 'injecting',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** An accepted tap that has not ended. Stamps are monotonic microseconds. */
export interface OpenTap {
  readonly tap: string;
  readonly band: string;
  readonly via: Via;
  readonly phase: Phase;
  readonly tappedUs: number;
  readonly acceptedUs: number;
  readonly resolveByUs: number;
  readonly credentialByUs: number;
  readonly deadlineUs: number;
  readonly leaseUs: number;
  readonly resolvedUs?: number;
  readonly credentialUs?: number;
  readonly begunUs?: number;
  readonly cancelled?: { readonly reason: Reason; readonly atUs: number };
}

export interface State {
  readonly open: OpenTap | null;
  readonly recent: readonly Gesture[];
  readonly storm: Storm;
}
export const INITIAL: State = { open: null, recent: [], storm: CALM };
/** Where a successor goes on: with the tap that the journal shows open. `recovered` is its first event. */
export function stateWith(open: OpenTap | null): State {
  if (open === null) return INITIAL;
  return { ...INITIAL, open, recent: [{ band: open.band, via: open.via, atUs: open.tappedUs, accepted: true, silent: false }] };
}

export type Event =
  /** `held`: not away since the reader saw it last. */
  | { readonly event: 'tapped'; readonly tap: string; readonly band: string; readonly via: Via; readonly atUs: number; readonly held?: true | undefined }
  | { readonly event: 'unreadable'; readonly atUs: number }
  /** A gesture of a band that cannot mean it. */
  | { readonly event: 'unfit'; readonly band: string; readonly via: Via; readonly atUs: number; readonly why: Unfit }
  | { readonly event: 'due'; readonly tap: string; readonly due: Due }
  | { readonly event: 'resolved'; readonly tap: string; readonly atUs: number }
  | { readonly event: 'refused'; readonly tap: string; readonly reason: Reason; readonly atUs: number }
  | { readonly event: 'begun'; readonly tap: string; readonly atUs: number; readonly credentialUs: number }
  | { readonly event: 'ended'; readonly tap: string; readonly atUs: number; readonly outcome: Outcome; readonly reason: Reason }
  /** Wall and monotonic time parted by more than a second: the machine slept. */
  | { readonly event: 'slept' }
  /** `sameBoot` false: the stamps of the open tap are of another clock. */
  | { readonly event: 'recovered'; readonly sameBoot: boolean };
/** What the step hears of a candidate; `newTap` names a tap. */
export function eventOf(candidate: Candidate, newTap: () => string): Event {
  const { atUs } = candidate;
  switch (candidate.kind) {
    case 'unreadable': return { event: 'unreadable', atUs };
    case 'unfit': return { event: 'unfit', atUs, band: candidate.band, via: candidate.via, why: candidate.why };
    case 'candidate': return { event: 'tapped', tap: newTap(), band: candidate.band, via: candidate.via, atUs, ...(candidate.held && { held: true }) };
  }
}
type OfTap = Extract<Event, { event: 'due' | 'resolved' | 'refused' | 'begun' | 'ended' }>;

export interface End {
  readonly tap: OpenTap;
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly endedUs: number;
}

export type Command =
  /** Write the tap as it stands to the journal; comes before the sends that follow from it. */
  | { readonly do: 'journal'; readonly open: OpenTap }
  | { readonly do: 'accept'; readonly open: OpenTap }
  | { readonly do: 'commit'; readonly open: OpenTap }
  | { readonly do: 'cancel'; readonly open: OpenTap; readonly reason: Reason }
  | { readonly do: 'end'; readonly end: End }
  /** `tell`: the person should hear that this tap does not count. */
  | { readonly do: 'drop'; readonly why: DropWhy; readonly via: Via | null; readonly tell: boolean }
  | { readonly do: 'warn-storm' };

type Result = readonly [State, readonly (Command | After<Event>)[]];
const MS = 1000;
/** What a message may take on its way, at worst: also the broker's refusal, which names the slow leg. */
export const ON_THE_WAY_MS = 50;

/** The step for one set of numbers. */
export function decideWith(budget: Budget): (state: State, event: Event, nowUs: number) => Result {
  return (state, event, nowUs) => {
    switch (event.event) {
      case 'tapped': return tapped(budget, state, event, nowUs);
      case 'unreadable': return drop(budget, state, event.atUs, { why: 'unreadable', via: null, tell: false });
      case 'unfit': return drop(budget, state, event.atUs, { why: event.why, via: event.via, tell: false });
      case 'slept': return slept(state, nowUs);
      case 'recovered': return recovered(state, event.sameBoot, nowUs);
      default: return state.open?.tap === event.tap ? ofOpenTap(budget, state, state.open, event, nowUs) : [state, []];
    }
  };
}

type Tapped = Extract<Event, { event: 'tapped' }>;

function tapped(budget: Budget, state: State, event: Tapped, nowUs: number): Result {
  const { band, via, atUs } = event;
  const judged = judge(budget, state.recent, event);
  // One gesture seen twice is nothing spurious.
  if (judged.is === 'paired') return [state, [{ do: 'drop', why: 'paired', via, tell: false }]];
  if (judged.is === 'bounce') return bounced(budget, state, judged.with, { via, atUs });
  if (nowUs - atUs > (budget.acceptMs + budget.ambiguityMs) * MS) return drop(budget, state, atUs, { why: 'late', via, tell: false });
  const silent = judged.is === 'contending' && judged.with.silent;
  const free = state.open === null || isOverdue(state.open, atUs);
  const counted: State = { ...state, recent: remember(budget, state.recent, { band, via, atUs, accepted: judged.is === 'fresh' && free, silent }) };
  if (judged.is === 'contending') return contending(budget, counted, event, silent, nowUs);
  if (state.open === null) return accept(budget, counted, event, nowUs);
  if (!free) return drop(budget, counted, atUs, { why: 'busy', via, tell: state.open.resolvedUs !== undefined });
  const [ended, ending] = end(counted, state.open, Outcome.failed, 'deadline:resolve', nowUs);
  const [accepted, accepting] = accept(budget, ended, event, nowUs);
  return [accepted, [...ending, ...accepting]];
}

function bounced(budget: Budget, state: State, gesture: Gesture, { via, atUs }: Pick<Tapped, 'via' | 'atUs'>): Result {
  const seen = via === 'nfc' ? { ...state, recent: seenAgain(state.recent, gesture, atUs) } : state;
  // At a suppressed application nothing is seen at all.
  if (gesture.silent) return [seen, [{ do: 'drop', why: 'bounce', via, tell: false }]];
  return drop(budget, seen, atUs, { why: 'bounce', via, tell: false });
}

/** Two bands together: neither is meant, unless the first one is being typed already. */
function contending(budget: Budget, state: State, { atUs, via }: Tapped, silent: boolean, nowUs: number): Result {
  const { open } = state;
  const together = open !== null && atUs - open.tappedUs < budget.ambiguityMs * MS;
  if (!together || open.phase === Phase.injecting) return drop(budget, state, atUs, { why: 'busy', via, tell: !silent });
  const overdue = isOverdue(open, atUs);
  const [stopped, stopping] = overdue ? end(state, open, Outcome.failed, 'deadline:resolve', nowUs) : cancel(state, open, { reason: 'cancelled:two-bands', atUs }, nowUs);
  const [dropped, dropping] = drop(budget, stopped, atUs, { why: 'two-bands', via, tell: false });
  return [dropped, [...stopping, ...dropping]];
}

function accept(budget: Budget, state: State, { tap, band, via, atUs }: Tapped, nowUs: number): Result {
  const [credentialMs, totalMs] = via === 'nfc' ? [budget.credentialMsNfc, budget.totalMsNfc] : [budget.credentialMsBle, budget.totalMsBle];
  const open: OpenTap = {
    tap, band, via, phase: Phase.accepted, tappedUs: atUs, acceptedUs: nowUs,
    resolveByUs: atUs + budget.resolveMs * MS,
    credentialByUs: atUs + credentialMs * MS,
    deadlineUs: atUs + totalMs * MS,
    leaseUs: atUs + (totalMs + budget.leaseGraceMs) * MS,
  };
  const due = (what: Due, dueUs: number): After<Event> => after((dueUs - nowUs) / MS, { event: 'due', tap, due: what });
  return [
    { ...state, open },
    [
      { do: 'journal', open },
      { do: 'accept', open },
      due('commit', atUs + budget.ambiguityMs * MS),
      due('resolve', open.resolveByUs + ON_THE_WAY_MS * MS),
      due('credential', open.credentialByUs + ON_THE_WAY_MS * MS),
      due('total', open.deadlineUs),
    ],
  ];
}

function ofOpenTap(budget: Budget, state: State, open: OpenTap, event: OfTap, nowUs: number): Result {
  switch (open.phase) {
    case Phase.injecting: return whileInjecting(state, open, event, nowUs);
    case Phase.cancelled: return whileCancelled(state, open, event, nowUs);
    default: return whileWaiting(budget, state, open, event, nowUs);
  }
}

/** Accepted or committed: this actor owns the end. */
function whileWaiting(budget: Budget, state: State, open: OpenTap, event: OfTap, nowUs: number): Result {
  const unwritten = (reason: Reason): Result => end(state, open, outcomeUnwritten(reason), reason, nowUs);
  switch (event.event) {
    case 'due': return overdue(state, open, event.due, nowUs);
    case 'resolved': {
      if (open.resolvedUs !== undefined) return [state, []];
      return event.atUs > open.resolveByUs ? unwritten('deadline:resolve') : [{ ...state, open: { ...open, resolvedUs: event.atUs } }, []];
    }
    case 'refused': return unwritten(event.reason);
    case 'begun': return begun(budget, state, open, event, nowUs);
    case 'ended': return end(state, open, event.outcome, event.reason, event.atUs);
  }
}

function overdue(state: State, open: OpenTap, due: Due, nowUs: number): Result {
  const late = (reason: Reason): Result => end(state, open, Outcome.failed, reason, nowUs);
  switch (due) {
    case 'commit': {
      if (open.phase !== Phase.accepted) return [state, []];
      const committed: OpenTap = { ...open, phase: Phase.committed };
      return [{ ...state, open: committed }, [{ do: 'journal', open: committed }, { do: 'commit', open: committed }]];
    }
    case 'resolve': return open.resolvedUs === undefined ? late('deadline:resolve') : [state, []];
    case 'credential': return late('deadline:credential');
    case 'total': return late('deadline:total');
    case 'lease': return [state, []];
  }
}

/** Grants the end to the injector, if it can still be in time. */
function begun(budget: Budget, state: State, open: OpenTap, event: Extract<Event, { event: 'begun' }>, nowUs: number): Result {
  if (open.phase !== Phase.committed || nowUs + budget.injectionMs * MS > open.deadlineUs) return [state, []];
  const injecting: OpenTap = { ...open, phase: Phase.injecting, begunUs: event.atUs, credentialUs: event.credentialUs };
  return [{ ...state, open: injecting }, [{ do: 'journal', open: injecting }, leaseOf(open, nowUs)]];
}

/** The injector owns the end: its word in time, else the lease's. */
function whileInjecting(state: State, open: OpenTap, event: OfTap, nowUs: number): Result {
  if (event.event === 'ended' && event.atUs <= open.leaseUs) return end(state, open, event.outcome, event.reason, event.atUs);
  const over = event.event === 'ended' || (event.event === 'due' && event.due === 'lease');
  return over ? end(state, open, Outcome.unknown, 'lease-expired', nowUs) : [state, []];
}

/** The first word of the resolver, or of anybody who had it from there, ends it; without one its deadline does. */
function whileCancelled(state: State, open: OpenTap, event: OfTap, nowUs: number): Result {
  if (event.event === 'begun' || (event.event === 'due' && event.due === 'commit')) return [state, []];
  const reason = reasonAmong(open, event);
  return end(state, open, outcomeUnwritten(reason), reason, nowUs);
}

/** Why a cancelled tap ends: for what came before the cancellation by its stamp, or made the tap unseen; else for it. */
function reasonAmong({ cancelled, resolveByUs }: OpenTap, event: OfTap): Reason {
  const { reason, atUs } = cancelled ?? { reason: 'restarted', atUs: 0 };
  if (event.event === 'refused') return event.reason === 'suppressed' || event.atUs < atUs ? event.reason : reason;
  return event.event === 'resolved' && event.atUs > resolveByUs && event.atUs < atUs ? 'deadline:resolve' : reason;
}

/** The timer for the resolver is due, whether or not it has fired. */
const isOverdue = ({ phase, resolvedUs, resolveByUs }: OpenTap, atUs: number): boolean =>
  phase !== Phase.cancelled && resolvedUs === undefined && atUs >= resolveByUs + ON_THE_WAY_MS * MS;

function slept(state: State, nowUs: number): Result {
  const { open } = state;
  if (open === null || open.phase === Phase.cancelled) return [state, []];
  // The injector stops and says how far it came: the end is its own.
  if (open.phase === Phase.injecting) return [state, [{ do: 'cancel', open, reason: 'cancelled:resumed' }]];
  return cancel(state, open, { reason: 'cancelled:resumed', atUs: nowUs }, nowUs);
}

function cancel(state: State, open: OpenTap, cancelled: NonNullable<OpenTap['cancelled']>, nowUs: number): Result {
  const { reason } = cancelled;
  if (open.phase === Phase.cancelled) return [state, []];
  if (open.resolvedUs !== undefined) return end(state, open, outcomeUnwritten(reason), reason, nowUs);
  return [{ ...state, open: { ...open, phase: Phase.cancelled, cancelled } }, [{ do: 'cancel', open, reason }]];
}

/** After a restart: what has not begun ends now, since gestures may have been missed; what has begun is the injector's. */
function recovered(state: State, sameBoot: boolean, nowUs: number): Result {
  const { open } = state;
  if (open === null) return [state, []];
  if (open.phase !== Phase.injecting) return end(state, open, Outcome.failed, 'restarted', nowUs);
  return sameBoot ? [state, [leaseOf(open, nowUs)]] : end(state, open, Outcome.unknown, 'restarted', nowUs);
}

const leaseOf = ({ tap, leaseUs }: OpenTap, nowUs: number): After<Event> =>
  after((leaseUs - nowUs) / MS + ON_THE_WAY_MS, { event: 'due', tap, due: 'lease' });

/** Until the injector has begun, an end is also a cancellation: nobody may type for this tap any more. */
function end(state: State, open: OpenTap, outcome: Outcome, reason: Reason, endedUs: number): Result {
  const cancels = open.phase === Phase.accepted || open.phase === Phase.committed;
  const silence = (gesture: Gesture): Gesture => (gesture.band === open.band && gesture.atUs === open.tappedUs ? { ...gesture, silent: true } : gesture);
  const recent = reason === 'suppressed' ? state.recent.map(silence) : state.recent;
  return [{ ...state, open: null, recent }, [{ do: 'end', end: { tap: open, outcome, reason, endedUs } }, ...(cancels ? [{ do: 'cancel', open, reason } as const] : [])]];
}

function drop(budget: Budget, state: State, atUs: number, dropped: Omit<Extract<Command, { do: 'drop' }>, 'do'>): Result {
  const [storm, warn] = countDrop(budget, state.storm, atUs);
  return [{ ...state, storm }, [{ do: 'drop', ...dropped }, ...(warn ? [{ do: 'warn-storm' } as const] : [])]];
}
