// What an actor must remember across a kill: one JSON line an entry, written before the deed. Written, not synced: it
// outlives the process, and after a power cut nothing of it matters any more.
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A journal that has grown past this is cut to what is open, as soon as nothing is. */
const CUT_AT_BYTES = 256 * 1024;

export class Journal<Entry extends object> {
  readonly #file: string;
  #descriptor: number;
  #bytes: number;

  /** Opens `file`; `entries` are what a predecessor left, a torn last line left out. */
  static open<Entry extends object>(file: string): { journal: Journal<Entry>; entries: Entry[] } {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const left = text(file);
    const journal = new Journal<Entry>(file, left.length);
    // What a predecessor tore must not tear the next entry too.
    if (left !== '' && !left.endsWith('\n')) writeSync(journal.#descriptor, '\n');
    return { entries: left.split('\n').flatMap((line) => parse<Entry>(line)), journal };
  }

  private constructor(file: string, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
    this.#descriptor = openSync(file, 'a', 0o600);
  }

  append(entry: Entry): void {
    const line = `${JSON.stringify(entry)}\n`;
    this.#bytes += line.length;
    writeSync(this.#descriptor, line);
  }

  /** Replaces all entries by those that still matter; at once, or never. */
  cut(entries: readonly Entry[]): void {
    const draft = `${this.#file}.new`;
    writeFileSync(draft, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 });
    renameSync(draft, this.#file);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#file, 'a', 0o600);
    this.#bytes = 0;
  }

  get wantsCut(): boolean {
    return this.#bytes > CUT_AT_BYTES;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function parse<Entry>(line: string): Entry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}
