// Is a gesture meant, and alone? Judged by the stamps of the gestures before it, whatever became of them.
//
//   same band    ├── pairMs: the other radio ──┤── bounceMs: a bounce ──┤ a new tap
//   on a reader  ├── seen ── seen ── seen ── bounceMs unseen ──┤ it was away: a new tap
//   other band   ├── ambiguityMs: nobody can say which was meant ──┤ a new tap
import type { Budget } from '../../config/schema.ts';
import type { Unfit } from './presence.ts';

export type Via = 'nfc' | 'ble';
/** `late`: seen so long after its stamp that it cannot be told from others any more. */
export type DropWhy = 'bounce' | 'paired' | 'busy' | 'two-bands' | 'unreadable' | 'late' | Unfit;

/** A gesture that counted, or would have counted alone. Stamps are monotonic microseconds. */
export interface Gesture {
  readonly band: string;
  readonly via: Via;
  readonly atUs: number;
  readonly accepted: boolean;
  /** Made at a suppressed application: what follows from it is not seen either. */
  readonly silent: boolean;
  /** When a reader saw the same band last, if that was later: it bounces, or lies there. */
  readonly seenUs?: number;
}

export interface Storm {
  /** When gestures were dropped, within the storm window. */
  readonly droppedUs: readonly number[];
  /** The warning was given; quiet until drops have been fewer for a whole window. */
  readonly quietUntilUs: number;
}
export const CALM: Storm = { droppedUs: [], quietUntilUs: 0 };

const MS = 1000;
/** More gestures than people can make within the longest of the windows. */
const RECENT_MAX = 16;

export type Judgement = { readonly is: 'fresh' } | { readonly is: 'paired' | 'bounce' | 'contending'; readonly with: Gesture };

type Seen = Pick<Gesture, 'band' | 'via' | 'atUs'> & { readonly held?: true | undefined };

/** What a gesture at `atUs` is. `recent`: as `remember` keeps them. */
export function judge(budget: Budget, recent: readonly Gesture[], { band, via, atUs, held }: Seen): Judgement {
  const within = (other: Gesture, ms: number): boolean => Math.abs(atUs - other.atUs) < ms * MS;
  const pair = recent.find((other) => other.band === band && other.via !== via && within(other, budget.pairMs));
  if (pair !== undefined) return { is: 'paired', with: pair };
  const isThere = (other: Gesture): boolean => held === true || within(other, budget.bounceMs) || isStillThere(budget, other, atUs);
  const bounce = recent.find((other) => other.band === band && other.accepted && isThere(other));
  if (bounce !== undefined) return { is: 'bounce', with: bounce };
  const rival = recent.find((other) => other.band !== band && within(other, budget.ambiguityMs));
  return rival === undefined ? { is: 'fresh' } : { is: 'contending', with: rival };
}

const isStillThere = ({ bounceMs }: Budget, { seenUs }: Gesture, atUs: number): boolean => seenUs !== undefined && Math.abs(atUs - seenUs) < bounceMs * MS;

/** A reader saw the band of an accepted gesture again. One that bounces or lies on it is new only after it was away. */
export function seenAgain(recent: readonly Gesture[], gesture: Gesture, atUs: number): readonly Gesture[] {
  const seenUs = Math.max(atUs, gesture.seenUs ?? gesture.atUs);
  return [...recent.filter((other) => other !== gesture), { ...gesture, seenUs }];
}

/** Adds a gesture and forgets those that can decide nothing any more. */
export function remember(budget: Budget, recent: readonly Gesture[], gesture: Gesture): readonly Gesture[] {
  const longestUs = Math.max(budget.pairMs, budget.bounceMs, budget.ambiguityMs) * MS;
  return [...recent.filter(({ atUs, seenUs }) => gesture.atUs - (seenUs ?? atUs) < longestUs), gesture].slice(-RECENT_MAX);
}

/** Counts a drop; true with the one that makes it a storm. */
export function countDrop(budget: Budget, storm: Storm, atUs: number): readonly [Storm, boolean] {
  const windowUs = budget.stormWindowMs * MS;
  const droppedUs = [...storm.droppedUs.filter((us) => atUs - us < windowUs), atUs].slice(-budget.stormDrops);
  if (droppedUs.length < budget.stormDrops) return [{ ...storm, droppedUs }, false];
  return [{ droppedUs, quietUntilUs: atUs + windowUs }, atUs >= storm.quietUntilUs];
}
