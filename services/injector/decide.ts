// When may the injector begin? When target, commitment and credential are all there, and there is time to end.
// What comes for a tap that was cancelled or is past its deadline is dropped; whoever was asked for the end gets a report.
//
//   waiting ── all three ──▶ asking ── granted ──▶ filling ── done ──▶ over
//      └── cancelled ─▶ over   └── cancelled, or not granted: reported ──┘
import type { Body } from '../../contracts/catalogue.ts';
import { Outcome, outcomeUnwritten, type Reason } from '../../contracts/reasons.ts';
import { after, type After } from '../../runtime/run.ts';

export type Resolved = Pick<Body<'target.resolved'>, 'target' | 'focusOn' | 'userEditable'>;

export interface Tap {
  readonly deadlineUs: number;
  readonly resolved: Resolved | null;
  readonly committed: boolean;
  /** When the sealed credential arrived; the shell keeps the box. */
  readonly credentialUs: number | null;
  readonly phase: 'waiting' | 'asking' | 'filling' | 'over';
}
export type State = Readonly<Record<string, Tap>>;
export const INITIAL: State = {};

export type Event =
  | { readonly event: 'resolved'; readonly tap: string; readonly deadlineUs: number; readonly resolved: Resolved }
  | { readonly event: 'committed'; readonly tap: string; readonly deadlineUs: number }
  | { readonly event: 'issued'; readonly tap: string; readonly deadlineUs: number; readonly atUs: number }
  | { readonly event: 'cancelled'; readonly tap: string; readonly deadlineUs: number; readonly reason: Reason }
  | { readonly event: 'granted'; readonly tap: string; readonly granted: boolean }
  | { readonly event: 'done'; readonly tap: string; readonly outcome: Outcome; readonly reason: Reason }
  | { readonly event: 'forget'; readonly tap: string };
type Grown = Extract<Event, { event: 'resolved' | 'committed' | 'issued' }>;

export type Command =
  /** Have the desktop look at the target ahead: when it is known, and again when the fill is about to begin. */
  | { readonly do: 'prepare'; readonly tap: string; readonly resolved: Resolved }
  /** Ask the tap-listener for the end; it answers with `granted`. */
  | { readonly do: 'ask'; readonly tap: string; readonly resolved: Resolved; readonly credentialUs: number; readonly deadlineUs: number }
  | { readonly do: 'fill'; readonly tap: string; readonly resolved: Resolved; readonly deadlineUs: number }
  /** Stop a fill under way; `done` still follows. */
  | { readonly do: 'abort'; readonly tap: string; readonly reason: Reason }
  | { readonly do: 'report'; readonly tap: string; readonly outcome: Outcome; readonly reason: Reason }
  /** Wipe whatever the shell holds for the tap. */
  | { readonly do: 'drop'; readonly tap: string };

type Result = readonly [State, readonly (Command | After<Event>)[]];
/** A tap is remembered so long after its deadline, so that what is late meets a tap that is over. */
const REMEMBER_MS = 2000;
/** Taps that may be known at once; more than people can make within a deadline. */
const TAPS_MAX = 32;

/** The step for one budget of the injection, in milliseconds. */
export function decideWith(injectionMs: number): (state: State, event: Event, nowUs: number) => Result {
  return (state, event, nowUs) => {
    const { tap: id } = event;
    const known = state[id];
    switch (event.event) {
      case 'forget': return known?.phase === 'filling' ? [state, [remembering(id, nowUs, nowUs)]] : [without(state, id), [{ do: 'drop', tap: id }]];
      case 'granted': return known?.phase === 'asking' ? granted(state, id, known, event.granted && inTime(known, nowUs, injectionMs)) : [state, []];
      case 'done': return known?.phase === 'filling' ? over(state, id, known, event) : [state, []];
      default: {
        if (known === undefined && Object.keys(state).length >= TAPS_MAX) return [state, [{ do: 'drop', tap: id }]];
        const tap: Tap = known ?? { deadlineUs: event.deadlineUs, resolved: null, committed: false, credentialUs: null, phase: 'waiting' };
        const [next, commands] = event.event === 'cancelled' ? cancelled(state, id, tap, event.reason) : begin(state, id, tap, event, nowUs, injectionMs);
        return [next, known === undefined ? [remembering(id, event.deadlineUs, nowUs), ...commands] : commands];
      }
    }
  };
}

function begin(state: State, id: string, before: Tap, event: Grown, nowUs: number, injectionMs: number): Result {
  if (before.phase !== 'waiting') return [state, []];
  const tap = grown(before, event);
  const { resolved, committed, credentialUs, deadlineUs } = tap;
  if (resolved === null) return [{ ...state, [id]: tap }, []];
  const prepare: Command = { do: 'prepare', tap: id, resolved };
  if (!committed || credentialUs === null) return [{ ...state, [id]: tap }, before.resolved === null ? [prepare] : []];
  // A desktop that hangs may keep a fill beyond its lease: two must never type at once.
  if (Object.values(state).some(({ phase }) => phase === 'filling')) return over(state, id, tap, { outcome: Outcome.refused, reason: 'busy' });
  if (!inTime(tap, nowUs, injectionMs)) return over(state, id, tap, { outcome: Outcome.failed, reason: 'deadline:injection' });
  return [{ ...state, [id]: { ...tap, phase: 'asking' } }, [{ do: 'ask', tap: id, resolved, credentialUs, deadlineUs }, prepare]];
}

/** The first word counts: a target or a box that comes again changes nothing. */
function grown(tap: Tap, event: Grown): Tap {
  switch (event.event) {
    case 'resolved': return { ...tap, resolved: tap.resolved ?? event.resolved };
    case 'committed': return { ...tap, committed: true };
    case 'issued': return { ...tap, credentialUs: tap.credentialUs ?? event.atUs };
  }
}

/** The answer may have been slow: there must still be time. */
function granted(state: State, id: string, tap: Tap, may: boolean): Result {
  const { resolved, deadlineUs } = tap;
  if (!may || resolved === null) return over(state, id, tap, { outcome: Outcome.failed, reason: 'deadline:injection' });
  return [{ ...state, [id]: { ...tap, phase: 'filling' } }, [{ do: 'fill', tap: id, resolved, deadlineUs }]];
}

function cancelled(state: State, id: string, tap: Tap, reason: Reason): Result {
  switch (tap.phase) {
    case 'filling': return [state, [{ do: 'abort', tap: id, reason }]];
    case 'asking': return over(state, id, tap, { outcome: outcomeUnwritten(reason), reason });
    case 'waiting':
    case 'over': return [{ ...state, [id]: { ...tap, phase: 'over' } }, [{ do: 'drop', tap: id }]];
  }
}

function over(state: State, id: string, tap: Tap, { outcome, reason }: { outcome: Outcome; reason: Reason }): Result {
  return [{ ...state, [id]: { ...tap, phase: 'over' } }, [{ do: 'report', tap: id, outcome, reason }, { do: 'drop', tap: id }]];
}

const inTime = ({ deadlineUs }: Tap, nowUs: number, injectionMs: number): boolean => nowUs + injectionMs * 1000 <= deadlineUs;
const remembering = (tap: string, deadlineUs: number, nowUs: number): After<Event> => after((deadlineUs - nowUs) / 1000 + REMEMBER_MS, { event: 'forget', tap });

function without(state: State, id: string): State {
  const { [id]: _, ...rest } = state;
  return rest;
}
