// Logs: one JSON line an event, one file a zone, kind and day. Messages go in through their contract's public view only.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';

export type Log = Logger;

/** Which log of chapter 6 and 7.2 of the guide: what happens, how long a tap took, or what became of a start. */
export type LogKind = 'App' | 'Profile' | 'Startup';

export interface LogOptions {
  readonly actor: string;
  readonly dir: string;
  readonly kind: LogKind;
  readonly level: string;
  readonly keepDays: number;
}

/** Opens the day's file `<dir>/<kind>/tapline_YYYYMMDD.log` for appending; old files go when a new day begins. */
export function openLog(options: LogOptions): Log {
  const file = new DailyFile(join(options.dir, options.kind), options.keepDays);
  return pino(
    {
      level: options.level,
      base: { actor: options.actor, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    file,
  );
}

class DailyFile {
  readonly #dir: string;
  readonly #keepDays: number;
  #day = '';
  #descriptor = -1;

  constructor(dir: string, keepDays: number) {
    this.#dir = dir;
    this.#keepDays = keepDays;
    mkdirSync(dir, { recursive: true, mode: 0o755 });
  }

  write(line: string): void {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    if (day !== this.#day) this.#turn(day);
    writeSync(this.#descriptor, line);
  }

  #turn(day: string): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#day = day;
    this.#descriptor = openSync(join(this.#dir, `tapline_${day}.log`), 'a', 0o644);
    const kept = readdirSync(this.#dir).filter((name) => /^tapline_\d{8}\.log$/.test(name)).sort();
    for (const name of kept.slice(0, Math.max(0, kept.length - this.#keepDays))) rmSync(join(this.#dir, name), { force: true });
  }
}
