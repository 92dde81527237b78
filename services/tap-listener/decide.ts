// The life of a tap, from the gesture to its one end. Stamps decide, never the order in which timers fire.
//
//   t0 ─── accepted ──────── committed ─────────── begun ──────────────── ended
//    │  other band: cancelled   │ deadline: ended     │ the injector's word │
//    └──── ambiguityMs ─────────┘                     └── or the lease ─────┘
//   owner of the end:  tap-listener                   injector
import type { Budget } from '../../config/schema.ts';
import { Outcome, type Reason } from '../../contracts/reasons.ts';
import { after, type After } from '../../runtime/run.ts';

export type Via = 'nfc' | 'ble';
type Due = 'commit' | 'resolve' | 'credential' | 'total' | 'lease';
export const Phase = { accepted: 'accepted', committed: 'committed', injecting: 'injecting' } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** An accepted tap that has not ended. Stamps are monotonic microseconds. */
export interface OpenTap {
  readonly tap: string;
  readonly band: string;
  readonly via: Via;
  readonly phase: Phase;
  readonly tappedUs: number;
  readonly acceptedUs: number;
  readonly deadlineUs: number;
  readonly leaseUs: number;
  readonly resolvedUs?: number;
  readonly credentialUs?: number;
  readonly begunUs?: number;
}

export interface State {
  readonly open: OpenTap | null;
  /** The last accepted gesture, for bounces and for the other radio. */
  readonly last: { readonly band: string; readonly via: Via; readonly atUs: number } | null;
  /** When taps were dropped, within the storm window. */
  readonly droppedUs: readonly number[];
  readonly stormUntilUs: number;
}
export const INITIAL: State = { open: null, last: null, droppedUs: [], stormUntilUs: 0 };

export type Event =
  | { readonly event: 'tapped'; readonly tap: string; readonly band: string; readonly via: Via; readonly atUs: number }
  | { readonly event: 'unreadable'; readonly atUs: number }
  | { readonly event: 'due'; readonly tap: string; readonly due: Due }
  | { readonly event: 'resolved'; readonly tap: string; readonly atUs: number }
  | { readonly event: 'refused'; readonly tap: string; readonly reason: Reason; readonly atUs: number }
  | { readonly event: 'begun'; readonly tap: string; readonly atUs: number; readonly credentialUs: number }
  | { readonly event: 'ended'; readonly tap: string; readonly atUs: number; readonly outcome: Outcome; readonly reason: Reason }
  /** Wall and monotonic time parted by more than a second: the machine slept. */
  | { readonly event: 'slept' }
  /** What the journal showed open at the start; `sameBoot` false means that its stamps are of another clock. */
  | { readonly event: 'recovered'; readonly open: OpenTap; readonly sameBoot: boolean };

export interface End {
  readonly tap: OpenTap;
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly endedUs: number;
}

export type Command =
  /** Write the tap as it stands to the journal; comes before the sends that follow from it. */
  | { readonly do: 'journal'; readonly open: OpenTap }
  | { readonly do: 'accept'; readonly open: OpenTap; readonly resolveByUs: number; readonly credentialByUs: number }
  | { readonly do: 'commit'; readonly open: OpenTap }
  | { readonly do: 'cancel'; readonly open: OpenTap; readonly reason: Reason }
  | { readonly do: 'end'; readonly end: End }
  | { readonly do: 'drop'; readonly why: 'bounce' | 'paired' | 'busy' | 'two-bands' | 'unreadable'; readonly via: Via | null }
  | { readonly do: 'warn-storm' };

type Result = readonly [State, readonly (Command | After<Event>)[]];
/** After the broker's own deadline, so that its answer, which names the slow leg, comes first. */
const CREDENTIAL_MARGIN_MS = 50;
const MS = 1000;

/** The step for one set of numbers. */
export function decideWith(budget: Budget): (state: State, event: Event, nowUs: number) => Result {
  return (state, event, nowUs) => {
    switch (event.event) {
      case 'tapped': return tapped(budget, state, event, nowUs);
      case 'unreadable': return drop(budget, state, 'unreadable', null, event.atUs);
      case 'slept': return state.open === null ? [state, []] : end(state, state.open, Outcome.failed, 'cancelled:resumed', nowUs);
      case 'recovered': return recovered(state, event, nowUs);
      default: return state.open?.tap === event.tap ? ofOpenTap(budget, state, state.open, event, nowUs) : [state, []];
    }
  };
}

function tapped(budget: Budget, state: State, event: Extract<Event, { event: 'tapped' }>, nowUs: number): Result {
  const { open, last } = state;
  const sinceLastUs = last === null ? Infinity : event.atUs - last.atUs;
  if (last?.band === event.band && last.via !== event.via && sinceLastUs < budget.pairMs * MS) return drop(budget, state, 'paired', event.via, event.atUs);
  if (last?.band === event.band && sinceLastUs < budget.bounceMs * MS) return drop(budget, state, 'bounce', event.via, event.atUs);
  if (open !== null) return whileOpen(budget, state, open, event, nowUs);
  if (nowUs - event.atUs > budget.acceptMs * MS + budget.ambiguityMs * MS) return drop(budget, state, 'unreadable', event.via, event.atUs);
  return accept(budget, state, event, nowUs);
}

/** Two bands within the ambiguity window: neither is meant. Later: the first one goes on. */
function whileOpen(budget: Budget, state: State, open: OpenTap, event: Extract<Event, { event: 'tapped' }>, nowUs: number): Result {
  const together = event.band !== open.band && event.atUs - open.tappedUs < budget.ambiguityMs * MS;
  if (!together || open.phase === Phase.injecting) return drop(budget, state, 'busy', event.via, event.atUs);
  const [ended, ending] = end(state, open, Outcome.refused, 'cancelled:two-bands', nowUs);
  const [dropped, dropping] = drop(budget, ended, 'two-bands', event.via, event.atUs);
  return [dropped, [...ending, ...dropping]];
}

function accept(budget: Budget, state: State, event: Extract<Event, { event: 'tapped' }>, nowUs: number): Result {
  const { tap, band, via, atUs } = event;
  const [credentialMs, totalMs] = via === 'nfc' ? [budget.credentialMsNfc, budget.totalMsNfc] : [budget.credentialMsBle, budget.totalMsBle];
  const deadlineUs = atUs + totalMs * MS;
  const open: OpenTap = { tap, band, via, phase: Phase.accepted, tappedUs: atUs, acceptedUs: nowUs, deadlineUs, leaseUs: deadlineUs + budget.leaseGraceMs * MS };
  const resolveByUs = atUs + budget.resolveMs * MS;
  const credentialByUs = atUs + credentialMs * MS;
  const due = (what: Due, atDueUs: number): After<Event> => after((atDueUs - nowUs) / MS, { event: 'due', tap, due: what });
  return [
    { ...state, open, last: { band, via, atUs } },
    [
      { do: 'journal', open },
      { do: 'accept', open, resolveByUs, credentialByUs },
      due('commit', atUs + budget.ambiguityMs * MS),
      due('resolve', resolveByUs),
      due('credential', credentialByUs + CREDENTIAL_MARGIN_MS * MS),
      due('total', deadlineUs),
    ],
  ];
}

function ofOpenTap(budget: Budget, state: State, open: OpenTap, event: Exclude<Event, { event: 'tapped' | 'unreadable' | 'slept' | 'recovered' }>, nowUs: number): Result {
  switch (event.event) {
    case 'due': return overdue(state, open, event.due, nowUs);
    case 'resolved': {
      // A target that was resolved in time counts, even if the timer for it fires first.
      if (open.resolvedUs !== undefined || open.phase === Phase.injecting) return [state, []];
      return [{ ...state, open: { ...open, resolvedUs: event.atUs } }, []];
    }
    case 'refused': return open.phase === Phase.injecting ? [state, []] : end(state, open, event.reason.startsWith('deadline') ? Outcome.failed : Outcome.refused, event.reason, nowUs);
    case 'begun': return begun(budget, state, open, event);
    case 'ended': return end(state, open, event.outcome, event.reason, event.atUs);
  }
}

function begun(budget: Budget, state: State, open: OpenTap, event: Extract<Event, { event: 'begun' }>): Result {
  if (open.phase !== Phase.committed || event.atUs + budget.injectionMs * MS > open.deadlineUs) return [state, []];
  const injecting: OpenTap = { ...open, phase: Phase.injecting, begunUs: event.atUs, credentialUs: event.credentialUs };
  return [
    { ...state, open: injecting },
    [{ do: 'journal', open: injecting }, after((open.leaseUs - event.atUs) / MS, { event: 'due', tap: open.tap, due: 'lease' })],
  ];
}

function overdue(state: State, open: OpenTap, due: Due, nowUs: number): Result {
  if (due === 'lease') return end(state, open, Outcome.unknown, open.phase === Phase.injecting ? 'lease-expired' : 'restarted', nowUs);
  if (open.phase === Phase.injecting) return [state, []]; // the injector owns the end now
  switch (due) {
    case 'commit': {
      if (open.phase !== Phase.accepted) return [state, []];
      const committed: OpenTap = { ...open, phase: Phase.committed };
      return [{ ...state, open: committed }, [{ do: 'journal', open: committed }, { do: 'commit', open: committed }]];
    }
    case 'resolve': return open.resolvedUs === undefined ? end(state, open, Outcome.failed, 'deadline:resolve', nowUs) : [state, []];
    case 'credential': return end(state, open, Outcome.failed, 'deadline:credential', nowUs);
    case 'total': return end(state, open, Outcome.failed, 'deadline:total', nowUs);
  }
}

/** Until the injector has begun, an end is also a cancellation: nobody may type for this tap any more. */
function end(state: State, open: OpenTap, outcome: Outcome, reason: Reason, endedUs: number): Result {
  const cancel: Command[] = open.phase === Phase.injecting ? [] : [{ do: 'cancel', open, reason }];
  return [{ ...state, open: null }, [{ do: 'end', end: { tap: open, outcome, reason, endedUs } }, ...cancel]];
}

/** After a restart: what cannot have begun ends now; what may have begun waits for the injector, or for the lease. */
function recovered(state: State, { open, sameBoot }: Extract<Event, { event: 'recovered' }>, nowUs: number): Result {
  const found: State = { ...state, open, last: { band: open.band, via: open.via, atUs: open.tappedUs } };
  if (!sameBoot) return end(found, open, open.phase === Phase.injecting ? Outcome.unknown : Outcome.failed, 'restarted', nowUs);
  if (open.phase === Phase.accepted) return end(found, open, Outcome.failed, 'restarted', nowUs);
  if (open.phase === Phase.injecting) return [found, [after((open.leaseUs - nowUs) / MS, { event: 'due', tap: open.tap, due: 'lease' })]];
  return [found, [after((open.deadlineUs - nowUs) / MS, { event: 'due', tap: open.tap, due: 'total' })]];
}

function drop(budget: Budget, state: State, why: Extract<Command, { do: 'drop' }>['why'], via: Via | null, atUs: number): Result {
  const dropped: Command = { do: 'drop', why, via };
  if (why === 'paired') return [state, [dropped]]; // one gesture, seen twice: nothing was spurious
  const droppedUs = [...state.droppedUs.filter((us) => atUs - us < budget.stormWindowMs * MS), atUs].slice(-budget.stormDrops);
  const storm = droppedUs.length >= budget.stormDrops && atUs >= state.stormUntilUs;
  const stormUntilUs = storm ? atUs + budget.stormWindowMs * MS : state.stormUntilUs;
  return [{ ...state, droppedUs, stormUntilUs }, storm ? [dropped, { do: 'warn-storm' }] : [dropped]];
}
