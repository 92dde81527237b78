// When may the injector begin? When target, commitment and credential are all there, and there is time to end.
// One tap at a time; whatever comes for a tap that was cancelled or is past its deadline is dropped.
import type { Body } from '../../contracts/catalogue.ts';
import { Outcome, type Reason } from '../../contracts/reasons.ts';
import { after, type After } from '../../runtime/run.ts';

export type Resolved = Pick<Body<'target.resolved'>, 'target' | 'focusOn' | 'userEditable'>;

interface Tap {
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
  | { readonly event: 'cancelled'; readonly tap: string; readonly deadlineUs: number }
  | { readonly event: 'granted'; readonly tap: string; readonly granted: boolean }
  | { readonly event: 'done'; readonly tap: string; readonly outcome: Outcome; readonly reason: Reason }
  | { readonly event: 'forget'; readonly tap: string };

export type Command =
  /** Ask the tap-listener; it answers with `granted`. */
  | { readonly do: 'ask'; readonly tap: string; readonly resolved: Resolved; readonly credentialUs: number; readonly deadlineUs: number }
  | { readonly do: 'fill'; readonly tap: string; readonly resolved: Resolved; readonly deadlineUs: number }
  /** Stop a fill under way. */
  | { readonly do: 'abort'; readonly tap: string }
  | { readonly do: 'report'; readonly tap: string; readonly outcome: Outcome; readonly reason: Reason }
  /** Wipe whatever the shell holds for the tap. */
  | { readonly do: 'drop'; readonly tap: string };

type Result = readonly [State, readonly (Command | After<Event>)[]];
/** A tap is remembered so long after its deadline, so that what is late meets a tap that is over. */
const REMEMBER_MS = 2000;
/** Taps that may be known at once; more than a person can make within a deadline. */
const TAPS_MAX = 32;

/** The step for one budget of the injection, in milliseconds. */
export function decideWith(injectionMs: number): (state: State, event: Event, nowUs: number) => Result {
  return (state, event, nowUs) => {
    const known = state[event.tap];
    if (event.event === 'forget') return [without(state, event.tap), [{ do: 'drop', tap: event.tap }]];
    if (event.event === 'granted') return known?.phase === 'asking' ? granted(state, event.tap, known, event.granted) : [state, []];
    if (event.event === 'done') return known?.phase === 'filling' ? over(state, event.tap, known, event) : [state, []];
    if (known === undefined && Object.keys(state).length >= TAPS_MAX) return [state, [{ do: 'drop', tap: event.tap }]];
    const tap = known ?? { deadlineUs: event.deadlineUs, resolved: null, committed: false, credentialUs: null, phase: 'waiting' };
    const forgetting: After<Event>[] = known === undefined ? [after((event.deadlineUs - nowUs) / 1000 + REMEMBER_MS, { event: 'forget', tap: event.tap })] : [];
    if (event.event === 'cancelled') return cancelled(state, event.tap, tap, forgetting);
    if (tap.phase !== 'waiting') return [state, []];
    const [next, commands] = begin(state, event.tap, grown(tap, event), nowUs, injectionMs);
    return [next, [...forgetting, ...commands]];
  };
}

function grown(tap: Tap, event: Extract<Event, { event: 'resolved' | 'committed' | 'issued' }>): Tap {
  switch (event.event) {
    case 'resolved': return { ...tap, resolved: event.resolved };
    case 'committed': return { ...tap, committed: true };
    case 'issued': return { ...tap, credentialUs: event.atUs };
  }
}

function begin(state: State, id: string, tap: Tap, nowUs: number, injectionMs: number): Result {
  const waiting: State = { ...state, [id]: tap };
  if (tap.resolved === null || !tap.committed || tap.credentialUs === null) return [waiting, []];
  if (nowUs + injectionMs * 1000 > tap.deadlineUs) return over(waiting, id, tap, { outcome: Outcome.failed, reason: 'deadline:injection' });
  return [{ ...state, [id]: { ...tap, phase: 'asking' } }, [{ do: 'ask', tap: id, resolved: tap.resolved, credentialUs: tap.credentialUs, deadlineUs: tap.deadlineUs }]];
}

function granted(state: State, id: string, tap: Tap, yes: boolean): Result {
  if (!yes || tap.resolved === null) return over(state, id, tap, { outcome: Outcome.failed, reason: 'deadline:injection' });
  return [{ ...state, [id]: { ...tap, phase: 'filling' } }, [{ do: 'fill', tap: id, resolved: tap.resolved, deadlineUs: tap.deadlineUs }]];
}

function cancelled(state: State, id: string, tap: Tap, forgetting: readonly After<Event>[]): Result {
  const next = { ...state, [id]: { ...tap, phase: 'over' as const } };
  return [next, [...forgetting, ...(tap.phase === 'filling' ? [{ do: 'abort', tap: id } as const] : []), { do: 'drop', tap: id }]];
}

function over(state: State, id: string, tap: Tap, { outcome, reason }: { outcome: Outcome; reason: Reason }): Result {
  return [{ ...state, [id]: { ...tap, phase: 'over' } }, [{ do: 'report', tap: id, outcome, reason }, { do: 'drop', tap: id }]];
}

function without(state: State, id: string): State {
  const { [id]: _, ...rest } = state;
  return rest;
}
