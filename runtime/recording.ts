// Recordings as MCAP files, which other tools read too: one channel a topic, JSON with its schema, small chunks with a
// checksum each, so that a file that was cut off or altered keeps all that precedes the damage.
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { McapWriter } from '@mcap/core';
import { z } from 'zod';
import { Entry, type Header } from '../contracts/recording.ts';
import { digestOf, HEADER_NAME } from './recording-reader.ts';

export { isUnreadable, openRecording, type Damage, type Recording, type Unreadable } from './recording-reader.ts';

/** Bytes after which a chunk is written: what a kill may lose. */
const CHUNK_BYTES = 32 * 1024;

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
    await mcap.start({ profile: HEADER_NAME, library: HEADER_NAME });
    const text = JSON.stringify(header);
    await mcap.addMetadata({ name: HEADER_NAME, metadata: new Map([['header', text], ['sha256', digestOf(text)]]) });
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
