// The session's folder of recordings: whole files under names that tell when and why, and never more than is wanted.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/load.ts';
import { RECORDING_VERSION, type Entry, type Header } from '../../contracts/recording.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { RecordingWriter } from '../../runtime/recording.ts';

const ENDING = '.mcap';
/** Not whole yet: what a kill leaves of it is removed in the end like any other. */
const DRAFT = '.part';
/** A chunk is what a kill may lose of a file that grows: about two taps. */
const CHUNK_BYTES = 4 * 1024;
const DAY_MS = 86_400_000;
const MEGABYTE = 1_000_000;

export class RecordingFolder {
  readonly #dir: string;
  readonly #config: Config;
  readonly #clock: Clock;

  constructor(dir: string, config: Config, clock: Clock) {
    this.#dir = dir;
    this.#config = config;
    this.#clock = clock;
  }

  /** Writes a whole file and returns its name. Rejects where the disk does not take it. */
  async keep(why: string, entries: readonly Entry[]): Promise<string> {
    const { name, writer } = await this.open(why, entries[0]!, DRAFT);
    try {
      for (const entry of entries) await writer.append(entry);
    } finally {
      await writer.close();
    }
    const whole = name.slice(0, -DRAFT.length);
    await rename(join(this.#dir, name), join(this.#dir, whole));
    await this.prune();
    return whole;
  }

  /** A file that grows. What writes files is loaded when the first one is: most sessions never need it. */
  async open(why: string, first: Entry, ending = ''): Promise<{ readonly name: string; readonly writer: RecordingWriter }> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const header = this.#header(first);
    const name = `${new Date(this.#clock.wallMs()).toISOString().replaceAll(/[-:.]/g, '')}-${why}${ENDING}${ending}`;
    const { RecordingWriter: Writer } = await import('../../runtime/recording.ts');
    return { name, writer: await Writer.create(join(this.#dir, name), header, { chunkBytes: CHUNK_BYTES }) };
  }

  /** Removes what is too old, and the oldest while all is too big. `spared` is being written. */
  async prune(spared?: string): Promise<void> {
    const { keepDays, maxMegabytes } = this.#config.recorder;
    const oldestMs = this.#clock.wallMs() - keepDays * DAY_MS;
    let left = maxMegabytes * MEGABYTE;
    for (const name of (await this.#names()).sort().reverse()) {
      const { size, mtimeMs } = await stat(join(this.#dir, name)).catch(() => ({ size: 0, mtimeMs: 0 }));
      left -= size;
      if (name !== spared && (left < 0 || mtimeMs < oldestMs)) await rm(join(this.#dir, name), { force: true });
    }
  }

  #names(): Promise<string[]> {
    return readdir(this.#dir).then((names) => names.filter((name) => name.endsWith(ENDING) || name.endsWith(DRAFT)), () => []);
  }

  #header({ us }: Entry): Header {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
    const { budget, tap } = this.#config;
    return {
      version: RECORDING_VERSION, product: version, startedUs: us,
      startedWallMs: Math.round(this.#clock.wallMs() - (this.#clock.nowUs() - us) / 1000),
      settings: { budget, tap }, settingsHash: createHash('sha256').update(JSON.stringify(this.#config)).digest('hex'), source: 'recorder',
    };
  }
}
