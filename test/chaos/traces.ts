// What taps leave behind on the disk: lines of the logs, entries of the journals, records of the audit.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** How each tap ended, as the tap-listener measured it. */
  profile(): Logged[] {
    return this.#lines<Logged>('session/logs/Profile').filter(({ msg }) => msg === 'tap.profile');
  }

  accepted(): string[] {
    return this.#lines<Logged>('session/logs/App').flatMap(({ msg, tap }) => (msg === 'tap.accepted' && tap !== undefined ? [tap] : []));
  }

  audit(): AuditRecord[] {
    return this.#lines<AuditRecord>('machine/logs/Audit').filter(({ kind }) => kind !== undefined);
  }

  /** Nothing is open, nothing waits to be told: neither at the tap-listener, nor at the injector. */
  isSettled(): boolean {
    const { open, untold } = listener.leftBehind(this.#lines<listener.Entry>('session/state/tap-listener.jsonl'));
    const { ends, unfinished } = injector.leftBehind(this.#lines<injector.Entry>('session/state/injector.jsonl'), 0);
    return open === null && untold.length === 0 && ends.length === 0 && unfinished === null;
  }

  /** Text of a file, or of all files of a folder. */
  text(path: string): string {
    const whole = join(this.#dir, path);
    if (!existsSync(whole)) return '';
    if (path.endsWith('.jsonl')) return readFileSync(whole, 'utf8');
    const names = readdirSync(whole).filter((name) => name.endsWith('l') || name.endsWith('.log')).sort();
    return names.map((name) => readFileSync(join(whole, name), 'utf8')).join('');
  }

  /** Null: the audit log is whole and every intent has its end. */
  async auditFault(): Promise<string | null> {
    const verified = await verifyFolder(join(this.#dir, 'machine/logs/Audit'));
    if (!verified.ok) return `audit: ${verified.fault}: ${verified.sentence}`;
    return verified.open.length === 0 ? null : `audit: ${verified.open.length} intents without an end`;
  }

  #lines<T extends object>(path: string): T[] {
    return this.text(path).split('\n').flatMap((line) => parsed<T>(line));
  }
}

/** A line that is being written, or was torn by a kill, is none yet. */
function parsed<T>(line: string): T[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as T];
  } catch {
    return [];
  }
}
