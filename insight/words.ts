// The words of the others about a tap, as they were recorded, and when they would not hold by other numbers.
import type { Event, OpenTap } from '../services/tap-listener/decide.ts';

export type Word = Extract<Event, { event: 'resolved' | 'refused' | 'begun' | 'ended' }>;

/** Takes a word of the others to a later time. */
export const shifted = (event: Word, shiftUs: number): Word => ({ ...event, atUs: event.atUs + shiftUs });

/** Somebody gave up at a deadline which is later by these numbers. */
export function hasMoreTime(reason: string, open: OpenTap, was: OpenTap | null): boolean {
  const limit = LIMITS[reason];
  return limit !== undefined && was?.tap === open.tap && open[limit] > was[limit];
}
const LIMITS: Readonly<Record<string, 'resolveByUs' | 'credentialByUs' | 'deadlineUs'>> = {
  'deadline:resolve': 'resolveByUs',
  'deadline:credential': 'credentialByUs',
  'deadline:injection': 'deadlineUs',
  'deadline:total': 'deadlineUs',
};
