// The records of an MCAP file one after the other, in bounded memory. They are taken apart here and not by @mcap/core, which
// makes two big numbers and an object of each message: a replay of a million entries would wait more for those than for its steps.
import type { FileHandle } from 'node:fs/promises';

/** Records of MCAP, by their first byte. */
export const Op = { header: 1, footer: 2, message: 5, chunk: 6, statistics: 11, metadata: 12, last: 15 } as const;
export const MAGIC = Buffer.from([0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a]);
/** Opcode and length of the content. */
export const HEAD_BYTES = 9;
/** No record is longer: a length beyond it is damage, not a reason to hold the whole file. */
const RECORD_BYTES_MAX = 16 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

export interface Piece {
  readonly op: number;
  /** Overwritten by the next one. */
  readonly content: Buffer;
  /** Where it begins in the file. */
  readonly at: number;
}
/** The file ends too early, or is not as it was written. */
export type Broken = 'cut' | 'altered';

/** The records of a file one after the other, read ahead in blocks. */
export class Pieces {
  readonly #handle: FileHandle;
  #buffer = Buffer.allocUnsafe(READ_BYTES);
  #from = 0;
  #to = 0;
  #readAt: number;

  constructor(handle: FileHandle, at: number) {
    this.#handle = handle;
    this.#readAt = at;
  }

  /** Where the next record begins. */
  get at(): number {
    return this.#readAt - (this.#to - this.#from);
  }

  async next(): Promise<Piece | Broken> {
    const { at } = this;
    const head = await this.take(HEAD_BYTES);
    if (head === null) return 'cut';
    const op = head[0]!;
    const length = lengthAt(head, 1);
    if (op === 0 || op === Op.message || op > Op.last || length > RECORD_BYTES_MAX) return 'altered';
    const content = await this.take(length);
    return content === null ? 'cut' : { op, content, at };
  }

  /** Null: the file has no more so many bytes. */
  async take(bytes: number): Promise<Buffer | null> {
    if (this.#to - this.#from < bytes && !(await this.#fill(bytes))) return null;
    this.#from += bytes;
    return this.#buffer.subarray(this.#from - bytes, this.#from);
  }

  async #fill(bytes: number): Promise<boolean> {
    const room = bytes > this.#buffer.length ? Buffer.allocUnsafe(bytes) : this.#buffer;
    this.#to = this.#buffer.copy(room, 0, this.#from, this.#to);
    this.#from = 0;
    this.#buffer = room;
    while (this.#to < bytes) {
      const { bytesRead } = await this.#handle.read(room, this.#to, room.length - this.#to, this.#readAt);
      if (bytesRead === 0) return false;
      this.#to += bytesRead;
      this.#readAt += bytesRead;
    }
    return true;
  }
}

/** Infinite where it is more than any file has. */
export const lengthAt = (bytes: Buffer, at: number): number => (bytes.readUInt32LE(at + 4) === 0 ? bytes.readUInt32LE(at) : Infinity);
