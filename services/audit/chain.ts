// The audit log as a chain: each record carries the hash of the one before, each tap ends once. Pure: no clock, no disk.
import { sealed, unsealed } from './record.ts';
import type { AuditBody, Stamp } from './record.ts';

const NO_HASH = '0'.repeat(64);
/** How many ended taps are remembered, to refuse a second end. */
const ENDED_MAX = 256;

/** The last record that is known to be on the disk. A log that ends before it has lost its tail. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export interface OpenIntent {
  readonly tap: string;
  readonly seq: number;
}

export interface ChainState {
  /** The last record; `seq` -1 before the first. */
  readonly head: Head;
  /** Intents without an outcome, oldest first. */
  readonly open: readonly OpenIntent[];
  /** Taps that have ended of late. */
  readonly ended: readonly string[];
}

export const EMPTY_CHAIN: ChainState = { head: { seq: -1, hash: NO_HASH }, open: [], ended: [] };

/** Why a body cannot be the next record: the tap has an intent already, or an end already, or the log no first record. */
export type Misplaced = 'intent-twice' | 'ended-before' | 'no-genesis';

/** The next line, without line end, or why there is none. */
export function append(state: ChainState, body: AuditBody, { wallMs, bootId, monotonicUs }: Stamp): readonly [ChainState, string] | Misplaced {
  const misplaced = misplacement(state, body);
  if (misplaced !== null) return misplaced;
  const seq = state.head.seq + 1;
  const intent = body.kind === 'outcome' ? { intent: intentOf(state, body.tap) } : {};
  const { line, hash } = sealed({ ...body, ...intent, v: 1, seq, at: new Date(wallMs).toISOString(), bootId, us: monotonicUs, prev: state.head.hash });
  return [advanced(state, body, { seq, hash }), line];
}

export type Fault = 'altered' | 'deleted' | 'reordered' | 'duplicated' | 'missing' | 'truncated' | 'unpaired';

export interface Broken {
  readonly ok: false;
  /** From 1, over all lines; one past the end where the tail is missing. */
  readonly line: number;
  readonly seq: number;
  readonly fault: Fault;
  /** For an auditor. Holds no text of the log. */
  readonly sentence: string;
}

export interface Intact {
  readonly ok: true;
  /** Number of records. */
  readonly events: number;
  readonly head: Head;
  readonly open: readonly OpenIntent[];
  /** A last line that was being written and was never confirmed. */
  readonly torn: boolean;
}

/** Whether these lines are a whole log. `head` is what the head file says, null: there is none; `rest` is what stands behind the last line end. */
export function verify(lines: Iterable<string>, head: Head | null, rest = ''): Intact | Broken {
  let walk = beginWalk(head);
  for (const line of lines) walk = walkOn(walk, line);
  return endWalk(rest === '' ? walk : walkOn(walk, rest, false));
}

/** A verification under way. */
export interface Walk {
  readonly state: ChainState;
  readonly line: number;
  readonly head: Head | null;
  readonly fault: Broken | null;
  /** Begins in the middle of a log: the first record is believed, and so are ends whose intents lie before it. */
  readonly partial: boolean;
}

export function beginWalk(head: Head | null, partial = false): Walk {
  return { state: EMPTY_CHAIN, line: 0, head, fault: null, partial };
}

/** Takes one line; `ended`: with its line end. After the first fault it only looks whether what follows explains it otherwise. */
export function walkOn(walk: Walk, text: string, ended = true): Walk {
  const line = walk.line + 1;
  if (walk.fault !== null) return { ...walk, line, fault: reconsidered(walk.fault, text) };
  const { state } = walk;
  const read = unsealed(text);
  const expected = state.head.seq + 1;
  const stop = (fault: Fault, sentence: string): Walk => ({ ...walk, line, fault: { ok: false, line, seq: expected, fault, sentence } });
  if (!ended) return stop('truncated', `Record ${expected} breaks off.`);
  if (read === 'altered') return stop('altered', `Record ${expected} was altered: its text and its hash do not agree.`);
  if (walk.partial && line === 1) return { ...walk, line, state: advanced(state, read, read) };
  if (read.seq > expected) return stop('deleted', `${range(expected, read.seq - 1)} deleted: record ${read.seq} stands in the place.`);
  if (read.seq < expected) return stop('duplicated', `Record ${read.seq} stands here again, where record ${expected} belongs.`);
  if (read.prev !== state.head.hash) return stop('altered', `A record before record ${read.seq} was replaced: the chain of hashes does not lead to it.`);
  if (walk.head?.seq === read.seq && walk.head.hash !== read.hash) return stop('altered', `Record ${read.seq} is not the one that the head file names: the log was replaced.`);
  const misplaced = misplacement(state, read);
  if (misplaced !== null) return stop('unpaired', MISPLACED[misplaced]);
  if (!walk.partial && read.kind === 'outcome' && read.intent !== intentOf(state, read.tap)) return stop('unpaired', `The outcome in record ${read.seq} does not name the intent of its tap.`);
  return { ...walk, line, state: advanced(state, read, read) };
}

export function endWalk({ state, line, head, fault }: Walk): Intact | Broken {
  const torn = fault?.fault === 'truncated' && head !== null && fault.seq > head.seq;
  if (fault !== null && !torn) return fault;
  const next = state.head.seq + 1;
  const missing = (sentence: string): Broken => ({ ok: false, line: line + 1, seq: next, fault: 'missing', sentence });
  if (head !== null && head.seq >= next) return missing(`${range(next, head.seq)} missing at the end of the log: the head file names record ${head.seq}.`);
  // The head file is made right after the first record.
  if (head === null && next > 1) return missing('The head file is missing: nobody can say whether the end of the log was removed.');
  return { ok: true, events: next, head: state.head, open: state.open, torn };
}

const MISPLACED: Record<Misplaced, string> = {
  'intent-twice': 'A tap has two intents.',
  'ended-before': 'A tap has two outcomes.',
  'no-genesis': 'The log does not begin with its first record.',
};

function misplacement({ head, open, ended }: ChainState, body: AuditBody): Misplaced | null {
  if ((body.kind === 'genesis') !== (head.seq === -1)) return 'no-genesis';
  if (body.kind !== 'intent' && body.kind !== 'outcome') return null;
  if (ended.includes(body.tap)) return 'ended-before';
  return body.kind === 'intent' && open.some(({ tap }) => tap === body.tap) ? 'intent-twice' : null;
}

function intentOf({ open }: ChainState, tap: string): number | null {
  return open.find((intent) => intent.tap === tap)?.seq ?? null;
}

function advanced({ open, ended }: ChainState, body: AuditBody, { seq, hash }: Head): ChainState {
  const head = { seq, hash };
  if (body.kind === 'intent') return { head, open: [...open, { tap: body.tap, seq }], ended };
  if (body.kind !== 'outcome') return { head, open, ended };
  return { head, open: open.filter(({ tap }) => tap !== body.tap), ended: [...ended, body.tap].slice(-ENDED_MAX) };
}

/** Records that come later were moved, not deleted; a line that more lines follow was altered, not cut off. */
function reconsidered(fault: Broken, text: string): Broken {
  if (fault.fault === 'truncated') return { ...fault, fault: 'altered', sentence: `Record ${fault.seq} was altered: it is no record any more.` };
  if (fault.fault !== 'deleted' || seqOf(text) !== fault.seq) return fault;
  return { ...fault, fault: 'reordered', sentence: `Record ${fault.seq} stands further down: the records were put in another order.` };
}

function seqOf(text: string): number | null {
  const read = unsealed(text);
  return read === 'altered' ? null : read.seq;
}

function range(from: number, to: number): string {
  return from === to ? `Record ${from} is` : `Records ${from} to ${to} are`;
}
