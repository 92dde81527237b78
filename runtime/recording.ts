// Recordings as MCAP files, which other tools read too: one channel a topic, JSON with its schema, small chunks with a
// checksum each, so that a file that was cut off or altered keeps all that precedes the damage.
import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { McapStreamReader, McapWriter } from '@mcap/core';
import { z } from 'zod';
import { Entry, Header, RECORDING_VERSION } from '../contracts/recording.ts';

/** Bytes after which a chunk is written: what a kill may lose. */
const CHUNK_BYTES = 32 * 1024;
const READ_BYTES = 128 * 1024;
/** No record is longer: a length beyond it is damage, not a reason to hold the whole file. */
const RECORD_BYTES_MAX = 16 * 1024 * 1024;
/** Name of the metadata that holds the header, before the first entry. */
const NAME = 'tapline';

/** Appends are written one after the other, whether or not each is awaited; after one that failed, all that follow fail. */
export class RecordingWriter {
  readonly #handle: FileHandle;
  readonly #mcap: McapWriter;
  readonly #channels: ReadonlyMap<string, number>;
  #sequence = 0;
  #last: Promise<void> = Promise.resolve();

  /** Creates `file` and its folder; fails if the file exists. */
  static async create(file: string, header: Header, { chunkBytes = CHUNK_BYTES }: { readonly chunkBytes?: number } = {}): Promise<RecordingWriter> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'wx', 0o600);
    const mcap = new McapWriter({ writable: writable(handle), chunkSize: chunkBytes });
    await mcap.start({ profile: NAME, library: NAME });
    const text = JSON.stringify(header);
    await mcap.addMetadata({ name: NAME, metadata: new Map([['header', text], ['sha256', digest(text)]]) });
    const channels = new Map<string, number>();
    for (const option of Entry.options) {
      const topic = option.shape.topic.value;
      const data = Buffer.from(JSON.stringify(z.toJSONSchema(option)));
      const schemaId = await mcap.registerSchema({ name: `tapline.${topic}`, encoding: 'jsonschema', data });
      channels.set(topic, await mcap.registerChannel({ schemaId, topic, messageEncoding: 'json', metadata: new Map() }));
    }
    return new RecordingWriter(handle, mcap, channels);
  }

  private constructor(handle: FileHandle, mcap: McapWriter, channels: ReadonlyMap<string, number>) {
    this.#handle = handle;
    this.#mcap = mcap;
    this.#channels = channels;
  }

  append(entry: Entry): Promise<void> {
    const data = Buffer.from(JSON.stringify(entry));
    const logTime = BigInt(entry.us) * 1000n;
    const channelId = this.#channels.get(entry.topic)!;
    const sequence = this.#sequence++;
    return this.#next(() => this.#mcap.addMessage({ channelId, sequence, logTime, publishTime: logTime, data }));
  }

  /** Writes what is left and the index; the file is whole afterwards. */
  close(): Promise<void> {
    return this.#next(() => this.#mcap.end()).finally(() => this.#handle.close());
  }

  #next(write: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(write);
    // Whoever does not await each write hears of the failure from a later one.
    this.#last.catch(() => {});
    return this.#last;
  }
}

function writable(handle: FileHandle): { write(bytes: Uint8Array): Promise<void>; position(): bigint } {
  let written = 0n;
  return {
    write: async (bytes) => {
      await handle.writeFile(bytes);
      written += BigInt(bytes.length);
    },
    position: () => written,
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Why nothing of a file can be used, with a sentence for people. */
export interface Unreadable {
  readonly unreadable: 'missing' | 'empty' | 'foreign' | 'damaged' | 'newer';
  readonly sentence: string;
}
export const isUnreadable = (opened: Recording | Unreadable): opened is Unreadable => 'unreadable' in opened;

export interface Recording {
  readonly header: Header;
  /** Entry by entry, as it was written; begins at the last snapshot at or before `us`, else at the first entry. */
  entries(from?: { readonly us: number }): AsyncGenerator<Entry>;
  /** Known when `entries` has ended: what it gave is whole, but not all there was. */
  readonly damage: { readonly sentence: string } | null;
  close(): Promise<void>;
}

/** Opens a file of any origin. Expected failures are values; entries are read as they are asked for. */
export async function openRecording(file: string): Promise<Recording | Unreadable> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { unreadable: 'missing', sentence: code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code ?? 'unknown'}).` };
  }
  const header = await headerOf(handle, file);
  if (!('unreadable' in header)) return new OpenRecording(handle, file, header);
  await handle.close();
  return header;
}

type Piece = NonNullable<ReturnType<McapStreamReader['nextRecord']>>;
type Broken = 'cut' | 'altered';

/** Records of the file, some at a time; returns null after a whole file, else how it is broken. */
async function* pieces(handle: FileHandle): AsyncGenerator<Iterable<Piece>, Broken | null> {
  const reader = new McapStreamReader();
  const block = Buffer.allocUnsafe(READ_BYTES);
  let broken: Broken | null = null;
  function* taken(): Generator<Piece> {
    try {
      for (let piece; (piece = reader.nextRecord()) !== undefined;) yield piece;
    } catch {
      broken = 'altered';
    }
  }
  for (let at = 0; broken === null && !reader.done();) {
    const { bytesRead } = await handle.read(block, 0, READ_BYTES, at);
    if (bytesRead === 0) return 'cut';
    at += bytesRead;
    try {
      reader.append(block.subarray(0, bytesRead));
    } catch {
      return 'altered';
    }
    yield taken();
    if (reader.bytesRemaining() > RECORD_BYTES_MAX) return 'altered';
  }
  return broken;
}

async function headerOf(handle: FileHandle, file: string): Promise<Header | Unreadable> {
  const reading = pieces(handle);
  const foreign: Unreadable = { unreadable: 'foreign', sentence: `${file} is not a recording of Tapline.` };
  const damaged: Unreadable = { unreadable: 'damaged', sentence: `${file} is damaged before its first entry; nothing of it can be used.` };
  try {
    if ((await handle.stat()).size === 0) return { unreadable: 'empty', sentence: `${file} is empty.` };
    if (!(await beginsAsMcap(handle))) return foreign;
    for (let next = await reading.next(); next.done !== true; next = await reading.next()) {
      for (const piece of next.value) {
        if (piece.type === 'Metadata' && piece.name === NAME) return headerFrom(piece.metadata, file) ?? damaged;
        if (piece.type !== 'Header') return foreign;
      }
    }
    return damaged;
  } catch (error) {
    return { unreadable: 'missing', sentence: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).` };
  } finally {
    await reading.return(null);
  }
}

const MAGIC = Buffer.from([0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a]);

async function beginsAsMcap(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
  return buffer.subarray(0, bytesRead).equals(MAGIC.subarray(0, bytesRead));
}

function headerFrom(metadata: ReadonlyMap<string, string>, file: string): Header | Unreadable | null {
  const text = metadata.get('header') ?? '';
  if (metadata.get('sha256') !== digest(text)) return null;
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
  #damage: { readonly sentence: string } | null = null;

  constructor(handle: FileHandle, file: string, header: Header) {
    this.#handle = handle;
    this.#file = file;
    this.header = header;
  }

  get damage(): { readonly sentence: string } | null {
    return this.#damage;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async *entries(from?: { readonly us: number }): AsyncGenerator<Entry> {
    const skip = from === undefined ? 0 : await this.#snapshotBefore(BigInt(from.us) * 1000n);
    const counted = new Counted(skip);
    const reading = pieces(this.#handle);
    try {
      let next = await reading.next();
      for (; next.done !== true && counted.whole; next = await reading.next()) {
        for (const piece of next.value) {
          const entry = counted.take(piece);
          if (!counted.whole) break;
          if (entry !== null) yield entry;
        }
      }
      const broken = next.done === true && counted.whole ? next.value : 'altered';
      this.#damage = broken === null ? null : { sentence: broken === 'cut' ? this.#cut(counted.next) : this.#altered(counted.next) };
    } finally {
      await reading.return(null);
    }
  }

  #cut(entries: number): string {
    return `${this.#file} breaks off after ${counting(entries)}; what precedes is whole.`;
  }

  #altered(entries: number): string {
    return `${this.#file} is damaged after ${counting(entries)}; what precedes is whole.`;
  }

  /** How many entries precede the last snapshot at or before that time. */
  async #snapshotBefore(logTime: bigint): Promise<number> {
    let found = 0;
    const channels = new Map<number, string>();
    for await (const some of pieces(this.#handle)) {
      for (const piece of some) {
        if (piece.type === 'Channel') channels.set(piece.id, piece.topic);
        if (piece.type !== 'Message') continue;
        if (piece.logTime > logTime) return found;
        if (channels.get(piece.channelId) === 'snapshot') found = piece.sequence;
      }
    }
    return found;
  }
}

const counting = (entries: number): string => (entries === 1 ? '1 entry' : `${entries} entries`);

/** Takes entries as long as none is missing: they are numbered, and the file tells at its end how many there are. */
class Counted {
  readonly #skip: number;
  readonly #topics = new Map<number, string>();
  next = 0;
  whole = true;

  constructor(skip: number) {
    this.#skip = skip;
  }

  take(piece: Piece): Entry | null {
    if (piece.type === 'Message') return this.#message(piece);
    if (piece.type === 'Channel') this.#topics.set(piece.id, piece.topic);
    if (piece.type === 'Unknown' || (piece.type === 'Statistics' && piece.messageCount !== BigInt(this.next))) this.whole = false;
    return null;
  }

  #message({ channelId, sequence, data }: Extract<Piece, { type: 'Message' }>): Entry | null {
    if (sequence !== this.next) {
      this.whole = false;
      return null;
    }
    if (this.next < this.#skip) {
      this.next += 1;
      return null;
    }
    const entry = parsed(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as Entry | null;
    if (entry === null || entry.topic !== this.#topics.get(channelId) || !Number.isSafeInteger(entry.us)) {
      this.whole = false;
      return null;
    }
    this.next += 1;
    return entry;
  }
}
