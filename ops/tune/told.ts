// A tuning as people read it: a line for each combination, the best ones marked.
import type { Counts } from '../generate/judgement.ts';
import type { Swept } from './sweep.ts';

/** One combination, over all recordings. */
export interface Tuned {
  readonly values: readonly number[];
  /** It is the one that was recorded. */
  readonly isRecorded: boolean;
  readonly counts: Counts;
}

/** Shares from 0 to 1; 0 of nothing is 0. */
export const lostShare = ({ counts }: Tuned): number => counts.meantLost / Math.max(1, counts.meant);
export const throughShare = ({ counts }: Tuned): number => counts.spuriousAccepted / Math.max(1, counts.spurious);

/** Of no other combination both shares are as good and one is better. */
export function isOnFront(tuned: Tuned, all: readonly Tuned[]): boolean {
  const [lost, through] = [lostShare(tuned), throughShare(tuned)];
  return !all.some((other) => lostShare(other) <= lost && throughShare(other) <= through && (lostShare(other) < lost || throughShare(other) < through));
}

export const HEADS = ['meant taps lost', 'spurious let through'] as const;
export const lostText = ({ counts }: Tuned): string => `${counts.meantLost} of ${counts.meant}`;
export const throughText = ({ counts }: Tuned): string => `${counts.spuriousAccepted} of ${counts.spurious}`;

export function remarkOf(tuned: Tuned, all: readonly Tuned[]): string {
  return [...(isOnFront(tuned, all) ? ['no other is better in both'] : []), ...(tuned.isRecorded ? ['as recorded'] : [])].join(', ');
}

/** Lines of equal columns; the remark stands last. */
export function tableOf(swept: readonly Swept[], all: readonly Tuned[]): readonly string[] {
  const rows = [
    [...swept.map(({ name }) => name), ...HEADS, ''],
    ...all.map((tuned) => [...tuned.values.map(String), lostText(tuned), throughText(tuned), remarkOf(tuned, all)]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padStart(widths[column]!))).join('  ').trimEnd());
}
