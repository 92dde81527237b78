// What becomes of an entry: it stays in memory until a tap does not work, or it goes to the file of the day.
import type { Entry } from '../../contracts/recording.ts';
import { Outcome } from '../../contracts/reasons.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import type { RecordingWriter } from '../../runtime/recording.ts';
import type { RecordingFolder } from './folder.ts';
import { Ring } from './ring.ts';

/** What follows the end of a tap belongs to it: the next try of the person above all. */
const KEEP_AFTER_MS = 2000;
/** Entries that wait for a slow disk; what comes on top is lost, and the recording says so. */
const WRITING_MAX = 2000;
const DAY_MS = 86_400_000;
/** About ten megabytes; the index of a file that is being written lies in memory. */
const FILE_ENTRIES_MAX = 100_000;

export interface Keeper {
  readonly take: (entry: Entry) => void;
  readonly stop: () => Promise<void>;
}

export interface KeeperOptions {
  readonly folder: RecordingFolder;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Did a tap end there in a way that somebody will ask about? */
const isTrouble = (entry: Entry): boolean =>
  entry.topic === 'decision' && entry.decision === 'ended' && (entry.outcome === Outcome.failed || entry.outcome === Outcome.unknown);

/** Keeps the last minutes as a file whenever a tap ended as failed or unknown. */
export class RingKeeper implements Keeper {
  readonly #options: KeeperOptions;
  readonly #ring: Ring;
  #waiting: NodeJS.Timeout | null = null;
  #keeping: Promise<void> = Promise.resolve();

  constructor(minutes: number, options: KeeperOptions) {
    this.#options = options;
    this.#ring = new Ring(minutes);
  }

  readonly take = (entry: Entry): void => {
    this.#ring.push(entry);
    if (isTrouble(entry)) this.#waiting ??= setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  };

  readonly stop = async (): Promise<void> => {
    if (this.#waiting !== null) this.#keep();
    await this.#keeping;
  };

  #keep(): void {
    const { folder, log } = this.#options;
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
    const entries = this.#ring.entries();
    this.#keeping = this.#keeping.then(() => folder.keep('kept', entries)).then(
      (name) => log.info({ name, entries: entries.length }, 'recording.kept'),
      (error: unknown) => log.warn({ code: codeOf(error) }, 'recording.failed'),
    );
  }
}

interface Growing {
  readonly day: number;
  readonly name: string;
  readonly writer: RecordingWriter;
  entries: number;
}

/** Writes everything, a file a day, or more on a busy one; each but the first begins with a snapshot. */
export class DayKeeper implements Keeper {
  readonly #options: KeeperOptions;
  #open: Growing | null = null;
  #writing: Promise<void> = Promise.resolve();
  #pending = 0;
  #lost = 0;
  /** The disk did not take something: a new file is begun with the next snapshot. */
  #failed = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  readonly take = (entry: Entry): void => {
    if (this.#pending >= WRITING_MAX) {
      this.#lost += 1;
      return;
    }
    const before: Entry[] = this.#lost === 0 ? [] : [{ topic: 'gap', us: entry.us, lost: this.#lost }];
    this.#lost = 0;
    this.#pending += 1;
    this.#writing = this.#writing.then(() => this.#write([...before, entry])).catch((error: unknown) => this.#fail(error)).finally(() => (this.#pending -= 1));
  };

  readonly stop = async (): Promise<void> => {
    await this.#writing;
    await this.#close();
  };

  async #write(entries: readonly Entry[]): Promise<void> {
    const { folder, clock } = this.#options;
    const day = Math.floor(clock.wallMs() / DAY_MS);
    const last = entries.at(-1)!;
    const isHead = last.topic === 'snapshot';
    if (this.#failed && !isHead) return;
    const isFull = this.#open !== null && (day !== this.#open.day || this.#open.entries >= FILE_ENTRIES_MAX);
    if (this.#open === null || (isHead && isFull)) {
      await this.#close();
      this.#open = { day, entries: 0, ...(await folder.open('day', last)) };
      this.#failed = false;
      await folder.prune(this.#open.name);
    }
    this.#open.entries += entries.length;
    for (const entry of entries) await this.#open.writer.append(entry);
  }

  async #fail(error: unknown): Promise<void> {
    if (!this.#failed) this.#options.log.warn({ code: codeOf(error) }, 'recording.failed');
    this.#failed = true;
    await this.#close();
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.writer.close().catch(() => {});
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';
