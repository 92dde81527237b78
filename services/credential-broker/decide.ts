// One tap, one credential, once. As soon as the target is known, NES, band and audit are asked together; when all three
// have answered, and not before the intent is on the disk, the credential is sealed for the injector.
//
//   target.resolved ─┬─ NES: who, encrypted password ─┐
//                    ├─ band: its key ────────────────┼─▶ seal ─▶ credential.issued
//                    └─ audit: intent, durable ───────┘          or credential.refused, with the slow leg named
//
// A refused target takes the same way without the band: the audit still learns who tapped.
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

export interface Tap {
  readonly tap: string;
  readonly session: string;
  readonly band: string;
  /** Null: nothing may be filled, the band is identified for the audit alone. */
  readonly target: Target | null;
  readonly deadlineUs: number;
  readonly credentialByUs: number;
  /** What has answered. */
  readonly holder: Holder | null;
  readonly hasPassword: boolean;
  readonly hasKey: boolean;
  readonly hasIntent: boolean;
  readonly phase: 'gathering' | 'sealing' | 'over';
}
export type State = Readonly<Record<string, Tap>>;
export const INITIAL: State = {};

export interface Opening {
  readonly tap: string;
  readonly session: string;
  readonly band: string;
  readonly via: 'nfc' | 'ble';
  readonly target: Target | null;
  readonly application: { readonly process: string; readonly origin: string | null } | null;
  readonly deadlineUs: number;
  readonly credentialByUs: number;
  readonly leaseUs: number;
}

export type Event =
  | { readonly event: 'opened'; readonly opening: Opening }
  | { readonly event: 'holder'; readonly tap: string; readonly holder: Holder; readonly hasPassword: boolean }
  | { readonly event: 'key'; readonly tap: string }
  | { readonly event: 'intended'; readonly tap: string }
  | { readonly event: 'sealed'; readonly tap: string }
  | { readonly event: 'failed'; readonly tap: string; readonly leg: Leg; readonly reason: Reason }
  | { readonly event: 'cancelled'; readonly tap: string }
  | { readonly event: 'due'; readonly tap: string }
  | { readonly event: 'forget'; readonly tap: string };

export type Command =
  | { readonly do: 'gather'; readonly opening: Opening }
  | { readonly do: 'identified'; readonly tap: Tap; readonly holder: Holder }
  | { readonly do: 'stranger'; readonly tap: Tap }
  | { readonly do: 'seal'; readonly tap: Tap; readonly holder: Holder }
  | { readonly do: 'refuse'; readonly tap: Tap; readonly reason: Reason; readonly leg: Leg | null }
  /** Ask the person for the password that NES does not have. */
  | { readonly do: 'ask-password'; readonly tap: Tap; readonly holder: Holder; readonly why: 'missing' }
  /** Wipe what the shell holds for the tap. */
  | { readonly do: 'drop'; readonly tap: string };

type Result = readonly [State, readonly (Command | After<Event>)[]];
const REMEMBER_MS = 2000;
const TAPS_MAX = 256;

export function decide(state: State, event: Event, nowUs: number): Result {
  if (event.event === 'opened') return opened(state, event.opening, nowUs);
  const tap = state[event.tap];
  if (tap === undefined) return [state, []];
  if (event.event === 'forget') return [without(state, event.tap), [{ do: 'drop', tap: event.tap }]];
  if (event.event === 'holder') return identified(state, tap, event);
  if (tap.phase === 'over') return [state, []];
  switch (event.event) {
    case 'key': return seal(state, { ...tap, hasKey: true });
    case 'intended': return seal(state, { ...tap, hasIntent: true });
    case 'sealed': return over(state, tap, []);
    case 'cancelled': return over(state, tap, []);
    case 'failed': return failed(state, tap, event.reason, event.leg);
    case 'due': return failed(state, tap, 'deadline:credential', missing(tap));
  }
}

/** A tap is opened once: a message that comes again, also after a restart of its sender, changes nothing. */
function opened(state: State, opening: Opening, nowUs: number): Result {
  const { tap, session, band, target, deadlineUs, credentialByUs } = opening;
  if (state[tap] !== undefined || Object.keys(state).length >= TAPS_MAX) return [state, []];
  const fresh: Tap = { tap, session, band, target, deadlineUs, credentialByUs, holder: null, hasPassword: false, hasKey: false, hasIntent: false, phase: 'gathering' };
  return [
    { ...state, [tap]: fresh },
    [
      { do: 'gather', opening },
      after((credentialByUs - nowUs) / 1000, { event: 'due', tap }),
      after((opening.leaseUs - nowUs) / 1000 + REMEMBER_MS, { event: 'forget', tap }),
    ],
  ];
}

function identified(state: State, tap: Tap, { holder, hasPassword }: Extract<Event, { event: 'holder' }>): Result {
  const known: Tap = { ...tap, holder, hasPassword };
  const person: Command = { do: 'identified', tap: known, holder };
  if (tap.phase === 'over' || tap.target === null) return [{ ...state, [tap.tap]: known }, [person]];
  const [next, commands] = hasPassword ? seal(state, known) : over(state, known, [
    { do: 'refuse', tap: known, reason: 'no-password', leg: 'nes' },
    { do: 'ask-password', tap: known, holder, why: 'missing' },
  ]);
  return [next, [person, ...commands]];
}

function seal(state: State, tap: Tap): Result {
  const ready = tap.target !== null && tap.holder !== null && tap.hasKey && tap.hasIntent && tap.phase === 'gathering';
  if (!ready) return [{ ...state, [tap.tap]: tap }, []];
  return [{ ...state, [tap.tap]: { ...tap, phase: 'sealing' } }, [{ do: 'seal', tap, holder: tap.holder }]];
}

function failed(state: State, tap: Tap, reason: Reason, leg: Leg | null): Result {
  const stranger: Command[] = reason === 'unknown-band' ? [{ do: 'stranger', tap }] : [];
  const refuse: Command[] = tap.target === null ? [] : [{ do: 'refuse', tap, reason, leg }];
  return over(state, tap, [...stranger, ...refuse]);
}

function over(state: State, tap: Tap, commands: readonly Command[]): Result {
  return [{ ...state, [tap.tap]: { ...tap, phase: 'over' } }, [...commands, { do: 'drop', tap: tap.tap }]];
}

/** The leg that the tap still waits for, in the order in which they are usually slow. */
function missing(tap: Tap): Leg {
  if (tap.holder === null) return 'nes';
  if (!tap.hasKey) return 'band';
  return tap.hasIntent ? 'vault' : 'audit';
}

function without(state: State, tap: string): State {
  const { [tap]: _, ...rest } = state;
  return rest;
}
