// Actors as plain child processes, without pm2: what the benchmarks of taps and memory measure.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nodeFlagsOf } from '../../supervisor/topology.ts';

const HOST = join(import.meta.dirname, '../../supervisor/host.ts');

/** Starts one process for each list of actors, with compiled code kept in `env`'s home as under pm2; resolves when all said `ready`. */
export async function startHosts(apps: readonly (readonly string[])[], env: Readonly<Record<string, string>>): Promise<ChildProcess[]> {
  const options = { env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_COMPILE_CACHE: join(env['TAPLINE_HOME'] ?? '', 'cache'), ...env } };
  const children = apps.map((actors) => livesWithUs(fork(HOST, [actors.join(',')], { ...options, execArgv: nodeFlagsOf(actors) })));
  await Promise.all(children.map(ready));
  return children;
}

export async function stopHosts(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(children.map((child) => new Promise<void>((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  })));
}

const living = new Set<ChildProcess>();

/** A benchmark that is interrupted leaves none of its processes behind. */
export function livesWithUs(child: ChildProcess): ChildProcess {
  if (living.size === 0) for (const signal of SIGNALS) process.on(signal, interrupted);
  living.add(child);
  child.once('exit', () => {
    living.delete(child);
    if (living.size === 0) for (const signal of SIGNALS) process.off(signal, interrupted);
  });
  return child;
}

/** Ends such a process at once. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const INTERRUPTED = 130;

function interrupted(): void {
  for (const child of living) child.kill('SIGKILL');
  process.exit(INTERRUPTED);
}

const ready = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`a process ended with ${code} before it was ready`)));
  });
