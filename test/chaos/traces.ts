// What taps leave behind on the disk: lines of the logs, entries of the journals, records of the audit.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Reason } from '../../contracts/reasons.ts';
import { verifyFolder } from '../../services/audit/folder.ts';
import type { AuditRecord } from '../../services/audit/record.ts';
import * as injector from '../../services/injector/entries.ts';
import * as listener from '../../services/tap-listener/entries.ts';

export interface Logged {
  readonly msg: string;
  readonly tap?: string;
  readonly outcome?: Outcome;
  readonly reason?: Reason;
}

/** Traces below the folder of a lab. */
export class Traces {
  readonly #dir: string;
  readonly #app: Lines<Logged>;
  readonly #profile: Lines<Logged>;
  readonly #audit: Lines<AuditRecord>;

  constructor(dir: string) {
    this.#dir = dir;
    this.#app = new Lines(join(dir, 'session/logs/App'), ({ msg }) => msg === 'tap.accepted');
    this.#profile = new Lines(join(dir, 'session/logs/Profile'), ({ msg }) => msg === 'tap.profile');
    this.#audit = new Lines(join(dir, 'machine/logs/Audit'), ({ kind }) => kind !== undefined);
  }

  /** How each tap ended, as the tap-listener measured it. */
  profile(): readonly Logged[] {
    return this.#profile.all();
  }

  accepted(): readonly Logged[] {
    return this.#app.all();
  }

  audit(): readonly AuditRecord[] {
    return this.#audit.all();
  }

  /** Nothing is open, nothing waits to be told: neither at the tap-listener, nor at the injector, nor in the record. */
  isSettled(): boolean {
    const { open, untold } = listener.leftBehind(this.#journal<listener.Entry>('tap-listener'));
    const { ends, unfinished } = injector.leftBehind(this.#journal<injector.Entry>('injector'), 0);
    const over = new Set(this.audit().flatMap((record) => (record.kind === 'outcome' ? [record.tap] : [])));
    const isRecorded = this.audit().every((record) => record.kind !== 'intent' || over.has(record.tap));
    return open === null && untold.length === 0 && ends.length === 0 && unfinished === null && isRecorded;
  }

  /** How often a word stands in a file, or in the files of a folder. */
  count(path: string, word: string): number {
    const whole = join(this.#dir, path);
    const files = path.endsWith('.jsonl') ? [whole] : filesOf(whole);
    return files.reduce((sum, file) => sum + textOf(file).split(word).length - 1, 0);
  }

  /** Null: the audit log is whole and every intent has its end. */
  async auditFault(): Promise<string | null> {
    const verified = await verifyFolder(join(this.#dir, 'machine/logs/Audit'));
    if (!verified.ok) return `audit: ${verified.fault}: ${verified.sentence}`;
    return verified.open.length === 0 ? null : `audit: ${verified.open.length} intents without an end`;
  }

  #journal<T extends object>(actor: string): T[] {
    return textOf(join(this.#dir, 'session/state', `${actor}.jsonl`)).split('\n').flatMap((line) => parsed<T>(line));
  }
}

/** Lines of a folder of logs; each is read once. */
class Lines<T extends object> {
  readonly #folder: string;
  readonly #counts: (line: T) => boolean;
  readonly #read = new Map<string, number>();
  readonly #lines: T[] = [];

  constructor(folder: string, counts: (line: T) => boolean) {
    this.#folder = folder;
    this.#counts = counts;
  }

  all(): readonly T[] {
    for (const file of filesOf(this.#folder)) {
      const from = this.#read.get(file) ?? 0;
      if (statSync(file).size <= from) continue;
      const fresh = readFileSync(file).subarray(from);
      const end = fresh.lastIndexOf('\n') + 1;
      this.#read.set(file, from + end);
      this.#lines.push(...fresh.subarray(0, end).toString('utf8').split('\n').flatMap((line) => parsed<T>(line)).filter(this.#counts));
    }
    return this.#lines;
  }
}

const LOG = /_\d{8}\.(log|jsonl)$/;
const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).filter((name) => LOG.test(name)).sort() : []);
const filesOf = (folder: string): string[] => namesIn(folder).map((name) => join(folder, name));
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** A line that is being written, or was torn by a kill, is none yet. */
function parsed<T>(line: string): T[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as T];
  } catch {
    return [];
  }
}
