// Reads recordings, chunk by chunk: of a file that is not whole all that precedes the damage, of a strange one a sentence.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { Header, RECORDING_VERSION, type Entry } from '../contracts/recording.ts';
import { entriesOf, firstSequence } from './recording-chunk.ts';
import { lengthAt, MAGIC, Op, Pieces, type Broken } from './recording-pieces.ts';

/** Name of the metadata that holds the header, before the first entry. */
export const HEADER_NAME = 'tapline';
/** Stands beside the header: metadata has no checksum of its own. */
export const digestOf = (header: string): string => createHash('sha256').update(header).digest('hex');

/** Why nothing of a file can be used, with a sentence for people. */
export interface Unreadable {
  readonly unreadable: 'missing' | 'empty' | 'foreign' | 'damaged' | 'newer';
  readonly sentence: string;
}
export const isUnreadable = (opened: Recording | Unreadable): opened is Unreadable => 'unreadable' in opened;

/** What was given is whole, but not all there was. */
export interface Damage {
  readonly sentence: string;
  /** Entries before the damage, from the beginning of the file. */
  readonly entries: number;
  /** Bytes of the file from the damage on. */
  readonly lostBytes: number;
}

export interface Recording {
  readonly header: Header;
  /** Entry by entry, as written; begins at the last snapshot at or before `us`, else at the first entry. */
  entries(from?: { readonly us: number }): AsyncGenerator<Entry>;
  /** The same, a chunk at a time: for whoever has a million of them. */
  batches(from?: { readonly us: number }): AsyncGenerator<readonly Entry[]>;
  /** Known when `entries` or `batches` has ended. */
  readonly damage: Damage | null;
  close(): Promise<void>;
}

/** Opens a file of any origin. Expected failures are values; entries are read as they are asked for. */
export async function openRecording(file: string): Promise<Recording | Unreadable> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const header = await headerOf(handle, file);
    if (!('unreadable' in header)) return new OpenRecording(handle, file, header);
    await handle.close();
    return header;
  } catch (error) {
    await handle?.close();
    const { code } = error as NodeJS.ErrnoException;
    return { unreadable: 'missing', sentence: code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code ?? 'unknown'}).` };
  }
}

async function headerOf(handle: FileHandle, file: string): Promise<Header | Unreadable> {
  const foreign: Unreadable = { unreadable: 'foreign', sentence: `${file} is not a recording of Tapline.` };
  const damaged: Unreadable = { unreadable: 'damaged', sentence: `${file} is damaged before its first entry; nothing of it can be used.` };
  const pieces = new Pieces(handle, 0);
  const { size } = await handle.stat();
  const magic = await pieces.take(Math.min(size, MAGIC.length));
  if (size === 0) return { unreadable: 'empty', sentence: `${file} is empty.` };
  if (magic === null || !magic.equals(MAGIC.subarray(0, magic.length))) return foreign;
  const first = await pieces.next();
  if (typeof first === 'string' || first.op !== Op.header) return damaged;
  const second = await pieces.next();
  if (typeof second === 'string') return damaged;
  const [name, ...metadata] = second.op === Op.metadata ? stringsOf(second.content) : [];
  return name === HEADER_NAME ? (headerFrom(metadata, file) ?? damaged) : foreign;
}

/** The strings of a metadata record: its name, then keys and values in turn. */
function stringsOf(content: Buffer): string[] {
  const strings: string[] = [];
  for (let at = 0; at + 4 <= content.length;) {
    const length = content.readUInt32LE(at);
    strings.push(content.toString('utf8', at + 4, Math.min(at + 4 + length, content.length)));
    // Behind the name stands the length of the map.
    at += 4 + length + (strings.length === 1 ? 4 : 0);
  }
  return strings;
}

function headerFrom(metadata: readonly string[], file: string): Header | Unreadable | null {
  const valueOf = (key: string): string => metadata[metadata.indexOf(key) + 1] ?? '';
  const text = valueOf('header');
  if (valueOf('sha256') !== digestOf(text)) return null;
  const value = parsed(text) as { readonly version?: unknown } | null;
  if (typeof value?.version === 'number' && value.version > RECORDING_VERSION) {
    return { unreadable: 'newer', sentence: `${file} is a recording of version ${value.version}; this Tapline reads up to ${RECORDING_VERSION}.` };
  }
  return Header.safeParse(value).data ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

class OpenRecording implements Recording {
  readonly header: Header;
  readonly #handle: FileHandle;
  readonly #file: string;
  #damage: Damage | null = null;

  constructor(handle: FileHandle, file: string, header: Header) {
    this.#handle = handle;
    this.#file = file;
    this.header = header;
  }

  get damage(): Damage | null {
    return this.#damage;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async *entries(from?: { readonly us: number }): AsyncGenerator<Entry> {
    for await (const batch of this.batches(from)) yield* batch;
  }

  async *batches(from?: { readonly us: number }): AsyncGenerator<readonly Entry[]> {
    const seek = from === undefined ? null : await this.#snapshotBefore(from.us);
    const pieces = new Pieces(this.#handle, seek?.at ?? MAGIC.length);
    let { sequence: next, skip } = seek ?? { sequence: 0, skip: 0 };
    this.#damage = null;
    for (;;) {
      const { at } = pieces;
      const piece = await pieces.next();
      if (typeof piece === 'string') return this.#broken(piece, next, at);
      if (piece.op === Op.statistics && countIn(piece.content) !== next) return this.#broken('altered', next, at);
      if (piece.op === Op.footer) {
        const magic = await pieces.take(MAGIC.length);
        return magic?.equals(MAGIC) === true ? undefined : this.#broken(magic === null ? 'cut' : 'altered', next, at);
      }
      if (piece.op !== Op.chunk) continue;
      const entries = entriesOf(piece.content, next);
      if (entries === null) return this.#broken('altered', next, at);
      next += entries.length;
      yield skip === 0 ? entries : entries.slice(skip);
      skip = 0;
    }
  }

  async #broken(broken: Broken, entries: number, at: number): Promise<void> {
    const { size } = await this.#handle.stat();
    const counted = entries === 1 ? '1 entry' : `${entries} entries`;
    const sentence = `${this.#file} ${broken === 'cut' ? 'breaks off' : 'is damaged'} after ${counted}; what precedes is whole.`;
    this.#damage = { sentence, entries, lostBytes: Math.max(0, size - at) };
  }

  /** The chunk with the last snapshot at or before that time, the number of its first entry, and how many of it precede the snapshot. */
  async #snapshotBefore(us: number): Promise<{ readonly at: number; readonly sequence: number; readonly skip: number } | null> {
    const candidates: number[] = [];
    const hop = new Pieces(this.#handle, MAGIC.length);
    for (let piece = await hop.next(); typeof piece !== 'string' && piece.op !== Op.footer; piece = await hop.next()) {
      if (piece.op === Op.chunk && firstStamp(piece.content) <= us) candidates.push(piece.at);
    }
    for (const at of candidates.reverse()) {
      const piece = await new Pieces(this.#handle, at).next();
      const sequence = typeof piece === 'string' ? null : firstSequence(piece.content);
      if (typeof piece === 'string' || sequence === null) continue;
      const skip = entriesOf(piece.content, sequence)?.findLastIndex((entry) => entry.topic === 'snapshot' && entry.us <= us) ?? -1;
      if (skip >= 0) return { at, sequence, skip };
    }
    return null;
  }
}

/** Entries in the whole file, as its statistics have it. */
const countIn = (statistics: Buffer): number => (statistics.length < 8 ? -1 : lengthAt(statistics, 0));

/** Microseconds of the first entry of a chunk. */
const firstStamp = (chunk: Buffer): number => (chunk.length < 8 ? Infinity : Number(chunk.readBigUInt64LE(0) / 1000n));
