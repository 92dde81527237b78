// One tap, one credential, once. NES is asked as soon as there is a tap, band and audit as soon as its target is known; what
// NES and the band gave is sealed for the injector, and leaves once the intent is on the disk, never before.
//
//   tap.accepted ────── NES: who, encrypted password ─┬─▶ seal ─┐
//   target.resolved ─┬─ band: its key ────────────────┘         ├─▶ credential.issued
//                    └─ audit: intent, durable ─────────────────┘   or credential.refused, with the slow leg named
//
// A refused target takes the same way without the band: the audit still learns who tapped. What NES says of a tap whose
// target is never told stays here and is forgotten. The two messages come from two actors: without the first, the second
// asks NES, too.
import { LEGS } from '../../contracts/credential.ts';
import type { Reason } from '../../contracts/reasons.ts';
import type { Target } from '../../contracts/target.ts';
import { after, type After } from '../../runtime/run.ts';

export type Leg = (typeof LEGS)[number];

export interface Holder {
  readonly userId: string;
  readonly user: string;
  readonly domain: string;
}

export interface Opening {
  readonly tap: string;
  readonly session: string;
  readonly band: string;
  readonly via: 'nfc' | 'ble';
  /** Null: nothing may be filled, the band is identified for the audit alone. */
  readonly target: Target | null;
  readonly application: { readonly process: string; readonly origin: string | null } | null;
  readonly deadlineUs: number;
  readonly credentialByUs: number;
  readonly leaseUs: number;
}

/** What NES is asked with before the target is known. */
export type Announced = Pick<Opening, 'tap' | 'session' | 'band' | 'deadlineUs' | 'credentialByUs' | 'leaseUs'>;

export interface Tap {
  /** Whose band NES is asked about since the tap was announced; null if it was not. */
  readonly announced: Announced | null;
  /** What NES said before the target was told. */
  readonly early: NesAnswer | null;
  /** Null: its target is not told yet. */
  readonly opening: Opening | null;
  /** What has answered. */
  readonly holder: Holder | null;
  /** NES holds one; false until NES has answered. */
  readonly hasPassword: boolean;
  readonly hasKey: boolean;
  /** Why the band gave no key, kept until NES has said whose it is: a stranger's band is told as such. */
  readonly noKey: Reason | null;
  readonly hasIntent: boolean;
  readonly phase: 'gathering' | 'sealing' | 'sealed' | 'over';
}
export type State = Readonly<Record<string, Tap>>;
export const INITIAL: State = {};

type NesAnswer =
  | { readonly event: 'holder'; readonly tap: string; readonly holder: Holder; readonly hasPassword: boolean }
  | { readonly event: 'failed'; readonly tap: string; readonly leg: Leg; readonly reason: Reason };

export type Event =
  | NesAnswer
  | { readonly event: 'announced'; readonly announced: Announced }
  | { readonly event: 'opened'; readonly opening: Opening }
  | { readonly event: 'key'; readonly tap: string }
  | { readonly event: 'intended'; readonly tap: string }
  | { readonly event: 'sealed'; readonly tap: string }
  /** Cancelled or ended: nothing is issued for it any more. */
  | { readonly event: 'cancelled'; readonly tap: string; readonly deadlineUs: number }
  | { readonly event: 'due'; readonly tap: string }
  | { readonly event: 'forget'; readonly tap: string };

export type Command =
  | { readonly do: 'ask-nes'; readonly announced: Announced }
  | { readonly do: 'gather'; readonly opening: Opening; readonly legs: readonly ('nes' | 'band' | 'audit')[] }
  | { readonly do: 'identified'; readonly opening: Opening; readonly holder: Holder }
  | { readonly do: 'stranger'; readonly opening: Opening }
  /** Make the box; `sealed` answers. */
  | { readonly do: 'seal'; readonly opening: Opening; readonly holder: Holder }
  /** Send the box. */
  | { readonly do: 'issue'; readonly opening: Opening }
  | { readonly do: 'refuse'; readonly opening: Opening; readonly reason: Reason; readonly leg: Leg }
  /** Ask the person for the password that NES does not have. */
  | { readonly do: 'ask-password'; readonly opening: Opening; readonly holder: Holder; readonly why: 'missing' }
  /** Wipe what the shell holds for the tap. */
  | { readonly do: 'drop'; readonly tap: string };

type Result = readonly [State, readonly (Command | After<Event>)[]];
/** A tap is remembered so long after its lease, so that what is late meets a tap that is over. */
const REMEMBER_MS = 2000;
const TAPS_MAX = 256;
const BLANK: Tap = {
  announced: null, early: null, opening: null, holder: null, hasPassword: false, hasKey: false, noKey: null, hasIntent: false, phase: 'gathering',
};

export function decide(state: State, event: Event, nowUs: number): Result {
  if (event.event === 'announced') return announced(state, event.announced, nowUs);
  if (event.event === 'opened') return opened(state, event.opening, nowUs);
  const tap = state[event.tap];
  if (event.event === 'cancelled') return cancelled(state, event.tap, tap, event.deadlineUs, nowUs);
  if (tap === undefined) return [state, []];
  if (event.event === 'forget') return [without(state, event.tap), [{ do: 'drop', tap: event.tap }]];
  return tap.opening === null ? early(state, tap, event) : answered(state, tap, tap.opening, event, nowUs);
}

function announced(state: State, asked: Announced, nowUs: number): Result {
  const { tap, leaseUs } = asked;
  if (state[tap] !== undefined || isFull(state)) return [state, []];
  return [{ ...state, [tap]: { ...BLANK, announced: asked } }, [{ do: 'ask-nes', announced: asked }, forgetting(tap, leaseUs, nowUs)]];
}

/** Only NES is asked before the target is known. */
function early(state: State, tap: Tap, event: Answer): Result {
  if (tap.announced === null || tap.early !== null || (event.event !== 'holder' && event.event !== 'failed')) return [state, []];
  return [{ ...state, [event.tap]: { ...tap, early: event } }, []];
}

/** A tap is opened once: a message that comes again changes nothing, nor does one that tells of another band. */
function opened(state: State, opening: Opening, nowUs: number): Result {
  const { tap, target, credentialByUs, leaseUs } = opening;
  const known = state[tap];
  const isCancelled = known?.phase === 'over';
  if (known === undefined ? isFull(state) : known.opening !== null || !isOf(known.announced, opening) || (isCancelled && target !== null)) return [state, []];
  const fresh: Tap = { ...(known ?? BLANK), opening };
  const commands: Result[1] = [
    { do: 'gather', opening, legs: legsOf(opening, fresh.announced !== null, isCancelled) },
    ...(target === null ? [] : [after<Event>((credentialByUs - nowUs) / 1000, { event: 'due', tap })]),
    ...(known === undefined ? [forgetting(tap, leaseUs, nowUs)] : []),
  ];
  if (fresh.early === null) return [{ ...state, [tap]: fresh }, commands];
  const [next, more] = answered({ ...state, [tap]: fresh }, fresh, opening, fresh.early, nowUs);
  return [next, [...commands, ...more]];
}

/** A tap that has ended is in the record with its end: an intent would come too late. */
function legsOf({ target }: Opening, isAsked: boolean, isCancelled: boolean): Extract<Command, { do: 'gather' }>['legs'] {
  return [...(isAsked ? [] : ['nes' as const]), ...(target === null ? [] : ['band' as const]), ...(isCancelled ? [] : ['audit' as const])];
}

const isOf = (asked: Announced | null, { session, band }: Opening): boolean => asked === null || (asked.session === session && asked.band === band);

/** Also before its target is known: the two messages come from two actors, in any order. */
function cancelled(state: State, id: string, tap: Tap | undefined, deadlineUs: number, nowUs: number): Result {
  if (tap !== undefined) return tap.phase === 'over' ? [state, []] : over(state, tap, id, []);
  if (isFull(state)) return [state, []];
  return [{ ...state, [id]: { ...BLANK, phase: 'over' } }, [forgetting(id, deadlineUs, nowUs)]];
}

type Answer = Extract<Event, { event: 'holder' | 'key' | 'intended' | 'sealed' | 'failed' | 'due' }>;

function answered(state: State, tap: Tap, opening: Opening, event: Answer, nowUs: number): Result {
  if (opening.target === null || tap.phase === 'over') return identify(state, tap, opening, event);
  const [known, person] = event.event === 'holder' ? met(tap, opening, event.holder) : [tap, []];
  const late = event.event === 'due' || (event.event !== 'failed' && nowUs > opening.credentialByUs);
  const [next, commands] = late ? refuse(state, known, opening, 'deadline:credential', missing(tap)) : inTime(state, known, opening, event);
  return [next, [...person, ...commands]];
}

function inTime(state: State, tap: Tap, opening: Opening, event: Exclude<Answer, { event: 'due' }>): Result {
  switch (event.event) {
    case 'holder': return gathered(state, { ...tap, hasPassword: event.hasPassword }, opening);
    case 'key': return gathered(state, { ...tap, hasKey: true }, opening);
    case 'intended': return issue(state, { ...tap, hasIntent: true }, opening);
    case 'sealed': return issue(state, { ...tap, phase: 'sealed' }, opening);
    case 'failed': {
      if (event.leg === 'band') return gathered(state, { ...tap, noKey: event.reason }, opening);
      const [next, commands] = refuse(state, tap, opening, event.reason, event.leg);
      return [next, [...strangerOf(opening, event), ...commands]];
    }
  }
}

/** Nothing is issued (any more): only who it was still counts. */
function identify(state: State, tap: Tap, opening: Opening, event: Answer): Result {
  if (event.event === 'failed') return [state, strangerOf(opening, event)];
  if (event.event !== 'holder') return [state, []];
  const [known, person] = met(tap, opening, event.holder);
  return [{ ...state, [opening.tap]: known }, person];
}

function met(tap: Tap, opening: Opening, holder: Holder): readonly [Tap, readonly Command[]] {
  return tap.holder === null ? [{ ...tap, holder }, [{ do: 'identified', opening, holder }]] : [tap, []];
}

const strangerOf = (opening: Opening, { reason }: { reason: Reason }): readonly Command[] => (reason === 'unknown-band' ? [{ do: 'stranger', opening }] : []);

/** Whose band it is counts first, then whether the band serves, then whether there is a password: never who answered first. */
function gathered(state: State, tap: Tap, opening: Opening): Result {
  const { holder, hasPassword, hasKey, noKey } = tap;
  if (holder !== null && noKey !== null) return refuse(state, tap, opening, noKey, 'band');
  if (holder === null || !hasKey || hasPassword) return seal(state, tap, opening);
  const [next, commands] = refuse(state, tap, opening, 'no-password', 'nes');
  return [next, [...commands, { do: 'ask-password', opening, holder, why: 'missing' }]];
}

function seal(state: State, tap: Tap, opening: Opening): Result {
  const { holder, hasKey, phase } = tap;
  if (holder === null || !hasKey || phase !== 'gathering') return [{ ...state, [opening.tap]: tap }, []];
  return [{ ...state, [opening.tap]: { ...tap, phase: 'sealing' } }, [{ do: 'seal', opening, holder }]];
}

function issue(state: State, tap: Tap, opening: Opening): Result {
  if (tap.phase !== 'sealed' || !tap.hasIntent) return [{ ...state, [opening.tap]: tap }, []];
  return over(state, tap, opening.tap, [{ do: 'issue', opening }]);
}

function refuse(state: State, tap: Tap, opening: Opening, reason: Reason, leg: Leg): Result {
  return over(state, tap, opening.tap, [{ do: 'refuse', opening, reason, leg }]);
}

function over(state: State, tap: Tap, id: string, commands: readonly Command[]): Result {
  return [{ ...state, [id]: { ...tap, phase: 'over' } }, [...commands, { do: 'drop', tap: id }]];
}

/** The leg that the tap still waits for, in the order in which they are usually slow. */
function missing(tap: Tap): Leg {
  if (tap.holder === null) return 'nes';
  if (!tap.hasKey) return 'band';
  return tap.hasIntent ? 'vault' : 'audit';
}

const isFull = (state: State): boolean => Object.keys(state).length >= TAPS_MAX;
const forgetting = (tap: string, endUs: number, nowUs: number): After<Event> => after((endUs - nowUs) / 1000 + REMEMBER_MS, { event: 'forget', tap });

function without(state: State, tap: string): State {
  const { [tap]: _, ...rest } = state;
  return rest;
}
