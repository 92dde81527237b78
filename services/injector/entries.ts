// What the injector writes to its journal, and what a successor reads from it: ends to be told, changes to be taken back.
import { Outcome, type Reason } from '../../contracts/reasons.ts';
import type { Change, Target } from '../../platform/port.ts';

export type Entry =
  /** A change to the desktop outside of fields, or that it was taken back. */
  | { readonly e: 'change'; readonly change: Change; readonly undone: boolean }
  /** The tap-listener is asked for the end. */
  | { readonly e: 'asked'; readonly tap: string }
  /** From here on the fields of the target may hold something of ours. */
  | { readonly e: 'begun'; readonly tap: string; readonly target: Target }
  /** A name is written into its field, which was empty. */
  | { readonly e: 'naming'; readonly tap: string }
  | EndEntry
  | { readonly e: 'told'; readonly tap: string };

export interface EndEntry {
  readonly e: 'ended';
  readonly tap: string;
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly atUs: number;
}

export interface LeftBehind {
  /** Changes that were not taken back. */
  readonly changes: readonly Change[];
  /** Where a fill broke off, with a password that may be half written; null if none did. */
  readonly unfinished: Target | null;
  /** The name there is ours, too. */
  readonly named: boolean;
  /** Ends that were not told, and an end for what was asked or begun and never ended. */
  readonly ends: readonly EndEntry[];
}

export function leftBehind(entries: readonly Entry[], nowUs: number): LeftBehind {
  const told = new Set(entries.flatMap((entry) => (entry.e === 'told' ? [entry.tap] : [])));
  const ended = new Map(entries.flatMap((entry) => (entry.e === 'ended' ? [[entry.tap, entry] as const] : [])));
  const open = new Set(entries.flatMap((entry) => (entry.e !== 'change' && !told.has(entry.tap) ? [entry.tap] : [])));
  const broken = (tap: string): EndEntry => ({ e: 'ended', tap, outcome: Outcome.failed, reason: 'restarted', atUs: nowUs });
  const begun = entries.filter((entry) => entry.e === 'begun').at(-1);
  const unfinished = begun === undefined || ended.has(begun.tap) ? null : begun;
  return {
    changes: changesLeft(entries),
    unfinished: unfinished?.target ?? null,
    named: entries.some((entry) => entry.e === 'naming' && entry.tap === unfinished?.tap),
    ends: [...open].map((tap) => ended.get(tap) ?? broken(tap)),
  };
}

function changesLeft(entries: readonly Entry[]): Change[] {
  const left = new Map<string, Change>();
  for (const entry of entries) {
    if (entry.e !== 'change') continue;
    const key = JSON.stringify(entry.change);
    if (entry.undone) left.delete(key);
    else left.set(key, entry.change);
  }
  return [...left.values()];
}
