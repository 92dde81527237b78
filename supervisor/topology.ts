// The one table of what runs: which actors, in which order, under which limits. pm2 runs it; the watchdog holds it.
import { dirname, join } from 'node:path';
import { ACTORS, ACTOR_NAMES, actorsOf, Zone, type ActorName } from '../contracts/actors.ts';
import type { Profile } from '../config/schema.ts';

const PRODUCT = dirname(import.meta.dirname);
const HOST = join(import.meta.dirname, 'host.ts');

/** Order of the zones: sessions find the machine zone there. Stopped in reverse. */
export const WAVES: readonly Zone[] = [Zone.machine, Zone.session];

/** Modules of the actors; loaded by the process that hosts them. */
export const START: Record<ActorName, () => Promise<{ start: import('../runtime/actor.ts').StartActor }>> = {
  'audit': () => import('../services/audit/main.ts'),
  'nes-gateway': () => import('../services/nes-gateway/main.ts'),
  'credential-broker': () => import('../services/credential-broker/main.ts'),
  'recorder': () => import('../services/recorder/main.ts'),
  'tray': () => import('../services/tray/main.ts'),
  'injector': () => import('../services/injector/main.ts'),
  'window-resolver': () => import('../services/window-resolver/main.ts'),
  'tap-listener': () => import('../services/tap-listener/main.ts'),
};

/** One process under pm2. */
export interface App {
  readonly name: string;
  readonly zone: Zone;
  readonly actors: readonly ActorName[];
}

/** `separate`: a process an actor; `compact`: a process a zone. */
export function appsOf(profile: Profile): App[] {
  if (profile === 'compact') return WAVES.map((zone) => ({ name: `tapline-${zone}`, zone, actors: actorsOf(zone) }));
  return ACTOR_NAMES.map((name) => ({ name, zone: ACTORS[name].zone, actors: [name] }));
}

/** Exit codes after which a restart would not help: pm2 leaves the process stopped. */
export const ExitCode = { ok: 0, alreadyRunning: 3, badConfiguration: 4 } as const;

const READY_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 3000;
/**
 * pm2 counts a process that dies sooner as unstable, within its first STABLE_AFTER_MS * UNSTABLE_MAX. Its waits grow by half
 * from BACKOFF_MS to 15 seconds, so that it never comes to give up: what a process lacks may come back.
 */
const STABLE_AFTER_MS = 1000;
const UNSTABLE_MAX = 30;
const BACKOFF_MS = 100;

/**
 * An actor idles between taps and there are many on a terminal server: no helper threads of the collector, a small young
 * generation and small code halve what one weighs.
 */
const SPARING = ['--single-threaded-gc', '--v8-pool-size=1'];
const SMALL = ['--max-semi-space-size=1', '--optimize-for-size'];
/** The injector works between any two keys of a text, while a person waits (docs/decisions/0021). */
const QUICK = ['--max-semi-space-size=4'];

/** Flags of Node for a process of these actors. */
export const nodeFlagsOf = (actors: readonly string[]): string[] => [...SPARING, ...(actors.join() === 'injector' ? QUICK : SMALL)];

/** The app as pm2 wants it. Environment variables name files; nothing secret goes into one. */
export function pm2App({ name, actors }: App, env: Readonly<Record<string, string>> = {}) {
  return {
    name,
    script: HOST,
    args: actors.join(','),
    cwd: PRODUCT,
    interpreter: process.execPath,
    node_args: nodeFlagsOf(actors),
    exec_mode: 'fork',
    wait_ready: true,
    listen_timeout: READY_WITHIN_MS,
    kill_timeout: STOP_WITHIN_MS,
    shutdown_with_message: process.platform === 'win32',
    min_uptime: STABLE_AFTER_MS,
    max_restarts: UNSTABLE_MAX,
    exp_backoff_restart_delay: BACKOFF_MS,
    // Not 0: pm2 calls it exit code 0, too, when a signal killed the process.
    stop_exit_codes: [ExitCode.alreadyRunning, ExitCode.badConfiguration],
    merge_logs: true,
    // No probe of pm2 in our processes, and no look at version control.
    pmx: false,
    vizion: false,
    // An actor ends its own children; the one that restarts the zone for the tray must outlive it.
    treekill: false,
    env,
    // Every other variable contains the empty text: none of them comes along.
    filter_env: [''],
  };
}
