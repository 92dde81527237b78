// Which taps the record still waits for, and what is written when nobody tells their end. An end that comes after the
// record has closed a tap is kept as a note, once: the record never says two things of one tap.
import { Outcome, type Reason } from '../../contracts/reasons.ts';
import { eventOf } from './events.ts';
import type { AuditBody } from './record.ts';

/** After the lease, an end may still be told for so long; then the record says `unknown`, as the tap-listener does. */
export const LATE_MS = 10_000;
/** Taps that the record closed by itself are remembered for so long, and no more than so many. */
export const CLOSED_MS = 600_000;
const CLOSED_MAX = 256;

/** What the record says of a tap that nobody has told the end of. */
const CLOSING = { outcome: Outcome.unknown, reason: 'lease-expired' } as const;

export interface Known {
  readonly session: string;
  readonly band: string;
  readonly via: string;
}
export interface State {
  /** Intents without an outcome, with the moment at which they are closed. */
  readonly open: Readonly<Record<string, Known & { readonly closeUs: number }>>;
  /** Taps that were closed without a word, with the moment at which they are forgotten. */
  readonly closed: Readonly<Record<string, number>>;
}
export const INITIAL: State = { open: {}, closed: {} };

export type Told = Known & { readonly outcome: Outcome; readonly reason: Reason };

/** What a predecessor left open: its lease is not known, so it gets the whole time for a late end from now. */
export function found(taps: readonly string[], nowUs: number): State {
  const known = { session: '', band: '', via: '', closeUs: nowUs + LATE_MS * 1000 };
  return { ...INITIAL, open: Object.fromEntries(taps.map((tap) => [tap, known])) };
}

export function intended(state: State, tap: string, known: Known, leaseUs: number): State {
  const { session, band, via } = known;
  return { ...state, open: { ...state.open, [tap]: { session, band, via, closeUs: leaseUs + LATE_MS * 1000 } } };
}

/** The intent could not be kept: nothing is to be closed. */
export const notIntended = (state: State, tap: string): State => ({ ...state, open: without(state.open, tap) });

/** The next state, and what to write; null where the record says so already. */
export function ended(state: State, tap: string, told: Told): readonly [State, AuditBody | null] {
  const { session, outcome, reason } = told;
  if (state.closed[tap] === undefined) return [{ ...state, open: without(state.open, tap) }, { kind: 'outcome', tap, ...told, event: eventOf(outcome) }];
  const same = outcome === CLOSING.outcome && reason === CLOSING.reason;
  const note: AuditBody = { kind: 'note', session, tap, topic: 'late-report', detail: `${outcome} ${reason}` };
  return [{ ...state, closed: without(state.closed, tap) }, same ? null : note];
}

/** Taps to be closed at `nowUs`, with what is written for each; and what need not be remembered any more. */
export function swept(state: State, nowUs: number): readonly [State, readonly AuditBody[]] {
  const due = Object.entries(state.open).filter(([, { closeUs }]) => closeUs <= nowUs);
  const bodies = due.map(([tap, { session, band, via }]): AuditBody => ({ kind: 'outcome', tap, session, band, via, ...CLOSING, event: eventOf(CLOSING.outcome) }));
  const forgetUs = nowUs + CLOSED_MS * 1000;
  const closed = [...Object.entries(state.closed).filter(([, us]) => us > nowUs), ...due.map(([tap]) => [tap, forgetUs] as const)];
  const open = due.reduce((left, [tap]) => without(left, tap), state.open);
  return [{ open, closed: Object.fromEntries(closed.slice(-CLOSED_MAX)) }, bodies];
}

/** When `swept` has something to do next, in monotonic microseconds; null if nothing is remembered. */
export function nextSweepUs({ open, closed }: State): number | null {
  const moments = [...Object.values(open).map(({ closeUs }) => closeUs), ...Object.values(closed)];
  return moments.length === 0 ? null : Math.min(...moments);
}

function without<V>(record: Readonly<Record<string, V>>, key: string): Readonly<Record<string, V>> {
  const { [key]: _, ...rest } = record;
  return rest;
}
