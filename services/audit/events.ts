// From records of the log to the events of chapter 6.2. A tap's records lie apart: its end gets person and application
// from those before it.
import { AUDIT_EVENTS, type AuditEvent } from '../../contracts/audit-event.ts';
import { Outcome } from '../../contracts/reasons.ts';
import type { AuditRecord } from './record.ts';

interface Known {
  readonly user: string | null;
  readonly application: string | null;
}
/** What is known of taps that have not ended, by tap. */
export type Taps = Readonly<Record<string, Known>>;
export const NO_TAPS: Taps = {};

const TAPS_MAX = 1000;
type EventName = (typeof AUDIT_EVENTS)[number];

/** Which event an outcome is. */
export const eventOf = (outcome: Outcome): EventName =>
  outcome === Outcome.filled || outcome === Outcome.filledUnverified ? 'PasswordAutofillSuccess' : 'PasswordAutofillFailed';

/** Takes the next record of the log `chain`; null where it is no event. */
export function stepEvents(taps: Taps, record: AuditRecord, chain: string): readonly [Taps, AuditEvent | null] {
  const base = { id: `${chain}:${record.seq}`, at: record.at, tap: 'tap' in record ? record.tap : null, session: record.session };
  switch (record.kind) {
    case 'intent': return [known(taps, record.tap, { application: record.application === null ? null : named(record.application) }), null];
    case 'person': return [known(taps, record.tap, { user: `${record.domain}\\${record.user}` }), null];
    case 'outcome': {
      const { user, application } = taps[record.tap] ?? NOTHING;
      const { [record.tap]: _, ...rest } = taps;
      return [rest, { ...base, event: record.event ?? eventOf(record.outcome), band: record.band, user, application, reason: record.reason }];
    }
    case 'event': {
      const application = record.tap === null ? null : (taps[record.tap]?.application ?? null);
      return [taps, { ...base, event: record.event, band: record.band, user: record.user, application, reason: record.reason }];
    }
    case 'genesis':
    case 'note': return [taps, null];
  }
}

const NOTHING: Known = { user: null, application: null };

function known(taps: Taps, tap: string, more: Partial<Known>): Taps {
  const next = { ...taps, [tap]: { ...(taps[tap] ?? NOTHING), ...more } };
  const names = Object.keys(next);
  if (names.length > TAPS_MAX) delete next[names[0]!];
  return next;
}

const named = ({ process, origin }: { readonly process: string; readonly origin: string | null }): string => `${process} ${origin ?? ''}`.trim();
