// pm2 as a tool: one daemon with a home of its own, spoken to through its command line and the pid files that it keeps.
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { isAlive, numberIn } from './ready.ts';
import type { pm2App } from './topology.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Pm2Options {
  /** PM2_HOME; made for `user` if it is not there. */
  readonly home: string;
  /** All that pm2 and its processes see of the environment. Never a secret: pm2 shows and stores it. */
  readonly env: Readonly<Record<string, string>>;
  /** Whose daemon it is; the caller's if not given. Needs root otherwise. */
  readonly user?: User | undefined;
}

/** One process as pm2 knows it. */
export interface Pm2Process {
  readonly name: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  /** pm2's own word: online, stopped, errored, `waiting restart`, ... */
  readonly state: string;
  readonly restarts: number;
  readonly uptimeMs: number;
  readonly memoryBytes: number;
  /** Of the last end; null if it never ended. */
  readonly exitCode: number | null;
}

const CLI = join(import.meta.dirname, '../node_modules/pm2/bin/pm2');
const CALL_WITHIN_MS = 60_000;
const OUTPUT_BYTES_MAX = 4_000_000;
const GONE_WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 20;

/** Without a table of processes at the end, which takes a third of the call. */
const SILENT = '--silent';

/** A process that ran so long starts with a short delay again when it dies; looked at every five seconds. */
const BACKOFF_FORGOTTEN_MS = 3000;
const WORKER_EVERY_MS = 5000;
/** All processes of a wave at once. */
const PARALLEL_MAX = 32;

const SETTINGS: Readonly<Record<string, string>> = {
  // Nothing of pm2 looks for newer versions or reports to anyone.
  PM2_DISABLE_VERSION_CHECK: 'true',
  PM2_NO_INTERACTION: 'true',
  PM2_CONCURRENT_ACTIONS: String(PARALLEL_MAX),
  PM2_WORKER_INTERVAL: String(WORKER_EVERY_MS),
  EXP_BACKOFF_RESET_TIMER: String(BACKOFF_FORGOTTEN_MS),
};

export class Pm2 {
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #user: User | undefined;

  constructor({ home, env, user }: Pm2Options) {
    this.home = home;
    this.#env = { ...env, ...SETTINGS, PM2_HOME: home };
    this.#user = user;
  }

  /** Process id of the daemon; null if it does not run. */
  get daemonPid(): number | null {
    const pid = numberIn(join(this.home, 'pm2.pid'));
    return pid !== null && isAlive(pid) ? pid : null;
  }

  /** Process id of an app, from pm2's own file; null while it does not run. */
  pidOf(name: string): number | null {
    const folder = join(this.home, 'pids');
    const file = existsSync(folder) ? readdirSync(folder).find((entry) => isPidFileOf(entry, name)) : undefined;
    return file === undefined ? null : numberIn(join(folder, file));
  }

  /** File with what an app wrote to stderr. */
  errorLog(name: string): string {
    return join(this.home, 'logs', `${name}-error.log`);
  }

  /** Starts the apps, all at once, and the daemon before if there is none. */
  async start(apps: readonly ReturnType<typeof pm2App>[]): Promise<void> {
    this.#prepare();
    const file = join(this.home, 'apps.json');
    this.#write(file, JSON.stringify({ apps }));
    await this.#call(['start', file, SILENT]);
  }

  /** Ends all processes of the daemon and starts them anew. */
  async restartAll(): Promise<void> {
    await this.#call(['restart', 'all', SILENT]);
  }

  /** Every process of the daemon; none if it does not run. */
  async list(): Promise<Pm2Process[]> {
    if (this.daemonPid === null) return [];
    const line = (await this.#call(['jlist'])).split('\n').findLast((candidate) => candidate.startsWith('['));
    return (JSON.parse(line ?? '[]') as Listed[]).map(processOf);
  }

  /** Ends every process gracefully, then the daemon. A daemon that does not end is killed. */
  async kill(): Promise<void> {
    const pid = this.daemonPid;
    if (pid === null) return;
    const over = new AbortController();
    const call = this.#call(['kill'], over.signal).catch(() => undefined);
    const deadline = Date.now() + GONE_WITHIN_MS;
    while (isAlive(pid) && Date.now() < deadline) await after(LOOK_AGAIN_MS);
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    // The call itself lingers for two seconds after the daemon has gone.
    over.abort();
    await call;
  }

  /** The folder as pm2 wants it, and nothing for it to greet, ask or measure at its first start. */
  #prepare(): void {
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    if (this.#user !== undefined) chownSync(this.home, this.#user.uid, this.#user.gid);
    this.#write(join(this.home, 'touch'), '');
    this.#write(join(this.home, 'module_conf.json'), JSON.stringify({ pm2: { sysmonit: 'false' } }));
  }

  #write(file: string, text: string): void {
    writeFileSync(file, text, { mode: 0o600 });
    if (this.#user !== undefined) chownSync(file, this.#user.uid, this.#user.gid);
  }

  /** In a process group of its own, so that Ctrl-C ends this process and not a call that cleans up. */
  #call(args: readonly string[], signal?: AbortSignal): Promise<string> {
    const child = spawn(process.execPath, [CLI, ...args], {
      ...this.#user, env: this.#env, cwd: this.home, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CALL_WITHIN_MS, killSignal: 'SIGKILL', ...(signal === undefined ? {} : { signal }),
    });
    const printed = { stdout: '', stderr: '' };
    const keep = (stream: 'stdout' | 'stderr') => (text: string) => {
      printed[stream] = (printed[stream] + text).slice(-OUTPUT_BYTES_MAX);
    };
    child.stdout.setEncoding('utf8').on('data', keep('stdout'));
    child.stderr.setEncoding('utf8').on('data', keep('stderr'));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => (code === 0 ? resolve(printed.stdout) : reject(new Pm2Failed(args[0] ?? '', code, printed.stderr))));
    });
  }
}

/** A call of pm2 that did not end with 0. */
export class Pm2Failed extends Error {
  override readonly name = 'Pm2Failed';

  constructor(call: string, code: number | null, stderr: string) {
    super(`pm2 ${call} ended with ${code ?? 'a signal'}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  }
}

/** pm2 adds the number that it gives to the app: `audit-0.pid`. */
const isPidFileOf = (entry: string, name: string): boolean =>
  entry.startsWith(`${name}-`) && /^\d+\.pid$/.test(entry.slice(name.length + 1));

interface Listed {
  readonly name: string;
  readonly pid?: number;
  readonly monit?: { readonly memory?: number };
  readonly pm2_env: { readonly status: string; readonly restart_time?: number; readonly pm_uptime?: number; readonly exit_code?: number };
}

function processOf({ name, pid, monit, pm2_env: env }: Listed): Pm2Process {
  const runs = env.status === 'online' && Boolean(pid);
  return {
    name,
    pid: runs ? (pid ?? null) : null,
    state: env.status,
    restarts: env.restart_time ?? 0,
    uptimeMs: runs ? Math.max(0, Date.now() - (env.pm_uptime ?? Date.now())) : 0,
    memoryBytes: monit?.memory ?? 0,
    exitCode: env.exit_code ?? null,
  };
}
