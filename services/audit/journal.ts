// Writes the audit log. A promise resolves when its record is on the disk; records that arrive while a sync runs share
// the next one.
//
//   append a ──▶ write a · sync ────────▶ a done
//   append b ─────┐                       write b c · sync ──▶ b, c done
//   append c ─────┘ (wait)
import { fstatSync, writeSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { append } from './chain.ts';
import type { ChainState, Head, Misplaced, OpenIntent } from './chain.ts';
import { FILE_MODE, fileNameOf, openHead, syncDirectory, writeHead } from './folder.ts';
import type { AuditBody, Stamp } from './record.ts';
import { openTail } from './tail.ts';
import type { Tail, TailBroken } from './tail.ts';

const WAITING_MAX = 10_000;
const DIRECTORY_MODE = 0o755;

export interface JournalOptions {
  readonly directory: string;
  /** Taken when a record arrives. */
  readonly now: () => Stamp;
  /** Names a new log; unused where there is one. */
  readonly chain: string;
}

/**
 * Why a record was not kept. `full`: too many wait. `broken`: the disk failed, or somebody else wrote; nothing is kept
 * any more until the log is opened anew. `closed`: after `close`.
 */
export interface NotKept {
  readonly notKept: Misplaced | 'full' | 'broken' | 'closed';
}

/** Opens or makes the log; refuses to go on with one whose tail is broken. Throws where the directory cannot be used. */
export async function openJournal(options: JournalOptions): Promise<Journal | TailBroken> {
  await mkdir(options.directory, { recursive: true, mode: DIRECTORY_MODE });
  const tail = await openTail(options.directory);
  if ('fault' in tail) return tail;
  const journal = new Journal(options, tail);
  const { tornBytes } = tail;
  if (tail.state.head.seq < 0) await kept(journal.append({ kind: 'genesis', session: null, chain: options.chain }));
  if (tornBytes > 0) await kept(journal.append({ kind: 'note', session: null, tap: null, topic: 'torn-line', detail: `${tornBytes} bytes of an unfinished record were cut off` }));
  return journal;
}

interface Waiting {
  readonly file: string;
  readonly line: string;
  readonly head: Head;
  readonly done: (result: Head | NotKept) => void;
}

export class Journal {
  readonly #options: JournalOptions;
  #state: ChainState;
  /** Name of the file that the next record goes to; never an older day than the one before. */
  #file: string;
  #target: { readonly name: string; readonly handle: FileHandle; bytes: number } | null = null;
  #head: FileHandle | null = null;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #stopped: 'broken' | 'closed' | null = null;

  constructor(options: JournalOptions, tail: Tail) {
    this.#options = options;
    this.#state = tail.state;
    this.#file = tail.file ?? '';
  }

  /** Intents without an outcome, oldest first; those of a predecessor too. */
  get open(): readonly OpenIntent[] {
    return this.#state.open;
  }

  /** Resolves with the place of the record once it is on the disk. */
  append(body: AuditBody): Promise<Head | NotKept> {
    const refusal = this.#stopped ?? (this.#waiting.length >= WAITING_MAX ? 'full' : null);
    if (refusal !== null) return Promise.resolve({ notKept: refusal });
    const now = this.#options.now();
    const next = append(this.#state, body, now);
    if (typeof next === 'string') return Promise.resolve({ notKept: next });
    const [state, line] = next;
    this.#state = state;
    const today = fileNameOf(now.wallMs);
    if (today > this.#file) this.#file = today;
    return new Promise((done) => {
      this.#waiting.push({ file: this.#file, line, head: state.head, done });
      this.#writing ??= this.#write();
    });
  }

  /** Writes what waits, then closes the files. */
  async close(): Promise<void> {
    this.#stopped ??= 'closed';
    await this.#writing;
    await this.#head?.sync().catch(() => undefined);
    await this.#head?.close();
    await this.#target?.handle.close();
    this.#head = this.#target = null;
  }

  async #write(): Promise<void> {
    // Records of the same turn of the event loop share the first sync, too.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const { file } = this.#waiting[0] as Waiting;
      const end = this.#waiting.findIndex((waiting) => waiting.file !== file);
      const batch = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
      const failed = await this.#commit(file, batch).then(() => null, (): NotKept => ({ notKept: 'broken' }));
      if (failed !== null) this.#break(batch, failed);
      else batch.forEach(({ head, done }) => done(head));
    }
    this.#writing = null;
  }

  async #commit(file: string, batch: readonly Waiting[]): Promise<void> {
    const target = await this.#fileFor(file);
    // Only the sync waits for the disk; the calls beside it are not worth a turn of the thread pool.
    const { size, nlink } = fstatSync(target.handle.fd);
    if (size !== target.bytes || nlink === 0) throw new Error('the file was changed by somebody else');
    const text = batch.map(({ line }) => `${line}\n`).join('');
    if (writeSync(target.handle.fd, text, null, 'latin1') !== text.length) throw new Error('the disk took a part of the records');
    target.bytes += text.length;
    await target.handle.datasync();
    const { head } = batch.at(-1) as Waiting;
    this.#head ??= await openHead(this.#options.directory, head);
    writeHead(this.#head, head);
  }

  async #fileFor(name: string): Promise<{ readonly handle: FileHandle; bytes: number }> {
    if (this.#target?.name === name) return this.#target;
    await this.#target?.handle.close();
    this.#target = null;
    const handle = await open(join(this.#options.directory, name), 'a', FILE_MODE);
    await handle.chmod(FILE_MODE);
    await syncDirectory(this.#options.directory);
    this.#target = { name, handle, bytes: (await handle.stat()).size };
    return this.#target;
  }

  /** What did not reach the disk is in the chain's memory only: nothing may be written behind it. */
  #break(batch: readonly Waiting[], failed: NotKept): void {
    this.#stopped = 'broken';
    for (const { done } of [...batch, ...this.#waiting.splice(0)]) done(failed);
  }
}

async function kept(appended: Promise<Head | NotKept>): Promise<void> {
  const result = await appended;
  if ('notKept' in result) throw new Error(`the audit log cannot be written: ${result.notKept}`);
}
