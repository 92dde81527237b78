// The processes of one lab desktop: started, watched, and ended by their ids, grandchildren included.
import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';

const END_POLITE_MS = 2000;
const END_HARD_MS = 2000;
const LOOK_AGAIN_MS = 20;

/** Absolute path of a program in PATH, null if it is not installed. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter)) {
    const path = join(folder, name);
    if (executable(path)) return path;
  }
  return null;
}

/** Starts and ends processes that all carry the same `XDG_RUNTIME_DIR`, by which their descendants are known. */
export class Processes {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #children = new Set<ChildProcess>();
  readonly #guardian = findProgram('setpriv');

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  /** Starts a program that dies with this process, however this process dies. */
  start(program: string, args: readonly string[], stdio: StdioOptions = 'ignore', extra: Readonly<Record<string, string>> = {}): ChildProcess {
    const guarded = this.#guardian === null ? [program, ...args] : [this.#guardian, '--pdeathsig', 'KILL', program, ...args];
    const [file = program, ...rest] = guarded;
    const child = spawn(file, rest, { stdio, env: { ...this.#environment, ...extra }, cwd: '/' });
    child.on('error', () => undefined);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Ends one started process and waits for it. */
  async end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    if ((await Promise.race([ended, after(END_POLITE_MS, null, { ref: false })])) !== null) return;
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends all started processes, last first, then what those left behind. */
  async endAll(): Promise<void> {
    for (const child of [...this.#children].reverse()) await this.end(child);
    const mark = `XDG_RUNTIME_DIR=${this.#environment['XDG_RUNTIME_DIR'] ?? ''}`;
    const deadline = Date.now() + END_HARD_MS;
    for (let left = marked(mark); left.length > 0 && Date.now() < deadline; left = marked(mark)) {
      for (const pid of left) endQuietly(pid);
      await after(LOOK_AGAIN_MS);
    }
  }
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function marked(mark: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => pid !== process.pid && environmentOf(pid).includes(mark));
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself between the look and the signal.
  }
}
