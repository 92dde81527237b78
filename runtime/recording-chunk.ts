// The entries of one chunk of a recording: all of them or none, as its checksum and their numbers tell.
import { crc32 } from 'node:zlib';
import type { Entry } from '../contracts/recording.ts';
import { HEAD_BYTES, lengthAt, Op } from './recording-pieces.ts';

/** Bytes of a message before its data: opcode and length, channel, sequence, two stamps. */
const MESSAGE_HEAD_BYTES = HEAD_BYTES + 2 + 4 + 8 + 8;
const [SPACE, COMMA] = [0x20, 0x2c];

/** Entries of a chunk, of which the first has the number `next`; null if one is missing or is no entry. Spoils the chunk. */
export function entriesOf(chunk: Buffer, next: number): readonly Entry[] | null {
  const records = recordsOf(chunk);
  if (records === null) return null;
  // The texts of all messages become one JSON array where they stand: what is between them turns to space and comma.
  let count = 0;
  for (let at = 0; at < records.length;) {
    if (at + HEAD_BYTES > records.length) return null;
    const end = at + HEAD_BYTES + lengthAt(records, at + 1);
    if (end > records.length) return null;
    const isMessage = records[at] === Op.message;
    if (isMessage && (end - at < MESSAGE_HEAD_BYTES || records.readUInt32LE(at + HEAD_BYTES + 2) !== next + count)) return null;
    records.fill(SPACE, at, isMessage ? at + MESSAGE_HEAD_BYTES : end);
    if (isMessage && count++ > 0) records[at] = COMMA;
    at = end;
  }
  const entries = parsed(`[${records.toString()}]`);
  return entries?.length === count && entries.every(isEntry) ? entries : null;
}

/** Number of the first entry; null if there is none. */
export function firstSequence(chunk: Buffer): number | null {
  const records = recordsOf(chunk);
  if (records === null) return null;
  for (let at = 0; at + MESSAGE_HEAD_BYTES <= records.length; at += HEAD_BYTES + lengthAt(records, at + 1)) {
    if (records[at] === Op.message) return records.readUInt32LE(at + HEAD_BYTES + 2);
  }
  return null;
}

/** The records in a chunk, if its checksum holds and it is not compressed. */
function recordsOf(chunk: Buffer): Buffer | null {
  if (chunk.length < 40 || chunk.readUInt32LE(28) !== 0 || lengthAt(chunk, 32) !== chunk.length - 40) return null;
  const records = chunk.subarray(40);
  return crc32(records) === chunk.readUInt32LE(24) ? records : null;
}

const TOPICS: ReadonlySet<unknown> = new Set<Entry['topic']>(['raw', 'input', 'decision', 'snapshot', 'gap']);
/** Cheap: the checksum tells that it is what was written, and only what the contracts know is written. */
const isEntry = (entry: Entry | null): boolean => typeof entry === 'object' && entry !== null && TOPICS.has(entry.topic) && Number.isSafeInteger(entry.us);

function parsed(text: string): readonly Entry[] | null {
  try {
    return JSON.parse(text) as readonly Entry[];
  } catch {
    return null;
  }
}
