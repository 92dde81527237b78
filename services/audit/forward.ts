// Hands the events of the log on to NES, each once: it reads the log itself, remembers how far NES has it, and goes on
// from there after a restart or when NES comes back. NES keeps each id once, so that a repeated batch does no harm.
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AUDIT_EVENTS_MAX, type AuditEvent } from '../../contracts/audit-event.ts';
import { NO_TAPS, stepEvents } from './events.ts';
import { auditFiles } from './folder.ts';
import { unsealed } from './record.ts';

const CHUNK_BYTES = 256 * 1024;
/** The records of one tap are handed on together, and not while it is under way. */
const QUIET_MS = 250;
const RETRY_MS_MIN = 1000;
const RETRY_MS_MAX = 60_000;

export interface ForwardOptions {
  readonly directory: string;
  /** Names the log for ever: the first part of each event's id. */
  readonly chain: string;
  /** Where the mark lies. */
  readonly markFile: string;
  /** True if NES accounts for every one of them. */
  readonly post: (events: readonly AuditEvent[]) => Promise<boolean>;
}

interface Pending {
  readonly seq: number;
  readonly event: AuditEvent;
}

export class Forwarder {
  readonly #options: ForwardOptions;
  #taps = NO_TAPS;
  #file = '';
  #offset = 0;
  #mark = -1;
  #pending: Pending[] = [];
  #working: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #alarm: { readonly atMs: number; readonly timer: NodeJS.Timeout } | null = null;
  #retryMs = RETRY_MS_MIN;

  static async open(options: ForwardOptions): Promise<Forwarder> {
    const forwarder = new Forwarder(options);
    forwarder.#mark = await readMark(options.markFile);
    return forwarder;
  }

  private constructor(options: ForwardOptions) {
    this.#options = options;
  }

  /** There is something new in the log. */
  kept(): void {
    this.#again = true;
    if (this.#working === null) this.#wakeWithin(QUIET_MS);
  }

  /** NES may be back. Returns at once. */
  wake(): void {
    this.#again = true;
    if (this.#closed) return;
    this.#sleep();
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      if (this.#again) this.#wakeWithin(QUIET_MS);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sleep();
    await this.#working;
  }

  async #work(): Promise<void> {
    this.#again = false;
    while (!this.#closed && (await this.#read())) {
      while (this.#pending.length > 0) {
        const batch = this.#pending.slice(0, AUDIT_EVENTS_MAX);
        if (this.#closed || !(await this.#options.post(batch.map(({ event }) => event)))) return this.#later();
        this.#pending = this.#pending.slice(batch.length);
        this.#retryMs = RETRY_MS_MIN;
        await this.#keepMark(batch.at(-1)!.seq);
      }
    }
  }

  #later(): void {
    this.#wakeWithin(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  /** Unless it wakes earlier anyway. */
  #wakeWithin(ms: number): void {
    const atMs = performance.now() + ms;
    if (this.#closed || (this.#alarm !== null && this.#alarm.atMs <= atMs)) return;
    this.#sleep();
    this.#alarm = { atMs, timer: setTimeout(() => this.wake(), ms).unref() };
  }

  #sleep(): void {
    clearTimeout(this.#alarm?.timer);
    this.#alarm = null;
  }

  /** Reads the next chunk of the log; false at its end. What is pending is bounded by a chunk. */
  async #read(): Promise<boolean> {
    if (this.#pending.length > 0) return true;
    const files = await auditFiles(this.#options.directory);
    if (this.#file === '') this.#file = files[0] ?? '';
    if (this.#file === '') return false;
    const text = await chunk(join(this.#options.directory, this.#file), this.#offset);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== '') {
      this.#offset += whole.length;
      for (const line of whole.split('\n')) this.#take(line);
      return true;
    }
    const next = files[files.indexOf(this.#file) + 1];
    if (next === undefined) return false;
    this.#file = next;
    this.#offset = 0;
    return true;
  }

  #take(line: string): void {
    const record = line === '' ? 'torn' : unsealed(line);
    if (typeof record === 'string') return;
    const [taps, event] = stepEvents(this.#taps, record, this.#options.chain);
    this.#taps = taps;
    if (event !== null && record.seq > this.#mark) this.#pending.push({ seq: record.seq, event });
  }

  async #keepMark(seq: number): Promise<void> {
    this.#mark = seq;
    const draft = `${this.#options.markFile}.new`;
    await writeFile(draft, JSON.stringify({ seq }), { mode: 0o600 });
    await rename(draft, this.#options.markFile);
  }
}

async function chunk(file: string, offset: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function readMark(file: string): Promise<number> {
  try {
    const { seq } = JSON.parse(await readFile(file, 'utf8')) as { seq: unknown };
    return typeof seq === 'number' ? seq : -1;
  } catch {
    return -1;
  }
}
