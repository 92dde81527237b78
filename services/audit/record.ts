// What the audit log holds: one record a line, written so that there is exactly one way to write it.
import { createHash } from 'node:crypto';
import type { AuditEventName } from '../../contracts/audit-event.ts';
import type { Outcome, Reason } from '../../contracts/reasons.ts';

const LINE_CHARACTERS_MAX = 64 * 1024;

interface Tapped {
  readonly tap: string;
  /** Session zone of the tap. */
  readonly session: string;
}

interface Application {
  /** Base name of its executable. */
  readonly process: string;
  /** Scheme, host and port of its document. */
  readonly origin: string | null;
}

/** What the audit is asked to keep. Band ids are canonical; there is no field that could hold a password. */
export type AuditBody =
  /** The first record of a log; `chain` names the log. */
  | { readonly kind: 'genesis'; readonly session: null; readonly chain: string }
  /** A tap may lead to keystrokes. */
  | (Tapped & { readonly kind: 'intent'; readonly band: string; readonly via: string; readonly application: Application | null })
  /** The person behind the band of a tap. */
  | (Tapped & { readonly kind: 'person'; readonly user: string; readonly domain: string })
  /** The one end of a tap; a refused tap has an end without an intent. */
  | (Tapped & {
    readonly kind: 'outcome'; readonly band: string; readonly via: string;
    readonly outcome: Outcome; readonly reason: Reason; readonly event: AuditEventName | null;
  })
  /** An event that is not the end of a tap. */
  | {
      readonly kind: 'event'; readonly session: string | null; readonly tap: string | null; readonly event: AuditEventName;
      readonly band: string | null; readonly user: string | null; readonly reason: Reason | null;
    }
  /** Something about the log itself, or a report that came after the end. */
  | { readonly kind: 'note'; readonly session: string | null; readonly tap: string | null; readonly topic: 'torn-line' | 'late-report'; readonly detail: string };

/** When and where a record was taken. */
export interface Stamp {
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  /** Changes with each start of the host. */
  readonly bootId: string;
  /** Microseconds of the monotonic clock of that boot. */
  readonly monotonicUs: number;
}

/** A body in its place in the chain. */
export type AuditRecord = AuditBody & {
  readonly v: 1;
  /** From 0, without a gap. */
  readonly seq: number;
  /** Wall time, ISO 8601, UTC. */
  readonly at: string;
  readonly bootId: string;
  readonly us: number;
  /** Hash of the record before; zeros for the first. */
  readonly prev: string;
  /** Of an outcome: sequence number of the intent that it ends, null where there was none. */
  readonly intent?: number | null;
  /** SHA-256 over the record without this field. */
  readonly hash: string;
};

/** The line of a record, without line end, and its hash. */
export function sealed(record: Omit<AuditRecord, 'hash'>): { readonly line: string; readonly hash: string } {
  const hash = hashOf(record);
  return { line: canonical({ ...record, hash }), hash };
}

/** The record of a line; `altered` where text, hash or form do not agree. */
export function unsealed(line: string): AuditRecord | 'altered' {
  if (line.length > LINE_CHARACTERS_MAX) return 'altered';
  let record: AuditRecord;
  try {
    record = JSON.parse(line) as AuditRecord;
    if (canonical(record) !== line) return 'altered';
  } catch {
    return 'altered';
  }
  if (typeof record !== 'object' || record === null || !Number.isSafeInteger(record.seq)) return 'altered';
  const { hash, ...rest } = record;
  return hashOf(rest) === hash ? record : 'altered';
}

function hashOf(record: object): string {
  return createHash('sha256').update(canonical(record)).digest('hex');
}

/** JSON with sorted keys, without spaces, in ASCII: every byte of a line is then one character that counts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return ascii(JSON.stringify(value));
  const pairs = Object.entries(value).filter(([, held]) => held !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, held]) => `${ascii(JSON.stringify(key))}:${canonical(held)}`).join(',')}}`;
}

function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
