// The topology, running under pm2: one daemon a zone, machine before session, ready only when every actor said so itself.
//
//   pm2 start machine ──▶ pm2 start session ──▶ every actor wrote its ready file
//   pm2 kill session  ──▶ pm2 kill machine      (each call ends its processes gracefully, then the daemon)
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { loadConfig, type Config } from '../config/load.ts';
import { isProblem, problemLine } from '../config/problem.ts';
import type { Profile } from '../config/schema.ts';
import { Zone } from '../contracts/actors.ts';
import { holdAlone, isHeld } from '../runtime/solo.ts';
import { checkFiles, checkLength } from './checks.ts';
import { passed } from './environment.ts';
import { FleetFailed, whyNotReady } from './failure.ts';
import { Pm2, type Pm2Process, type User } from './pm2.ts';
import { readyPid } from './ready.ts';
import { appsOf, ExitCode, pm2App, WAVES, type App } from './topology.ts';

export { FleetFailed, type FleetFailure } from './failure.ts';

export interface FleetOptions {
  /** TAPLINE_CONFIG of the actors; the file that `home` has, or defaults, if not given. */
  readonly settingsFile?: string | undefined;
  /** TAPLINE_HOME. Keep it short: sockets lie below it, and their paths may have 107 bytes. */
  readonly home: string;
  /** Both if not given. */
  readonly zones?: readonly Zone[] | undefined;
  /** That of the settings if not given. */
  readonly profile?: Profile | undefined;
  /** DISPLAY and the like for the actors: only `PASSED` names are taken, first from here, then from the own environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Whose session zone it is, with pm2 and actors; needs root. The machine zone stays the caller's. */
  readonly user?: User | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface AppStatus {
  readonly name: string;
  readonly zone: Zone;
  readonly pid: number | null;
  /** pm2's word, or `absent` where pm2 does not know the app. */
  readonly state: string;
  readonly restarts: number;
  readonly uptimeMs: number;
  readonly memoryBytes: number;
  /** Every actor in it said that it is ready, in this very process. */
  readonly ready: boolean;
}

const READY_WITHIN_MS = 20_000;
const LOOK_AGAIN_MS = 10;
/** Without a process for so long, pm2 is asked what happened. */
const ABSENT_MS = 500;
/** So many restarts before the first sign of readiness: it will not start. */
const RESTARTS_MAX = 3;
const LOCK = 'fleet';
const FINAL: readonly (number | null)[] = [ExitCode.alreadyRunning, ExitCode.badConfiguration];

/**
 * Starts all processes of the zones and resolves when every actor said that it is ready. Throws `FleetFailed` otherwise,
 * and nothing of it is left running then.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = openFleet(options);
  await fleet.start();
  return fleet;
}

/** A fleet that may run already or not: for looking at it, and for ending it from another process. Throws `FleetFailed`. */
export function openFleet(options: FleetOptions): Fleet {
  const env = environmentOf(options);
  const config = loadConfig({ env });
  if (isProblem(config)) throw new FleetFailed({ code: 'bad-configuration', sentence: `${config.message} (${problemLine(config)})` });
  return new Fleet(config, env, options);
}

export class Fleet {
  readonly config: Config;
  readonly apps: readonly App[];
  readonly #zones: readonly Zone[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #user: User | undefined;
  readonly #pm2: Readonly<Record<Zone, Pm2>>;
  readonly #progress: (text: string) => void;
  #starting: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(config: Config, env: Readonly<Record<string, string>>, { zones = WAVES, profile, user, onProgress }: FleetOptions) {
    const userOf = (zone: Zone): User | undefined => (zone === Zone.session ? user : undefined);
    const pm2Of = (zone: Zone): Pm2 => new Pm2({ home: join(config[zone].directory, 'pm2'), env: this.#envOf(zone), user: userOf(zone) });
    this.config = config;
    this.#env = env;
    this.#zones = WAVES.filter((zone) => zones.includes(zone));
    this.apps = appsOf(profile ?? config.profile).filter(({ zone }) => this.#zones.includes(zone));
    this.#user = user;
    this.#pm2 = { machine: pm2Of(Zone.machine), session: pm2Of(Zone.session) };
    this.#progress = onProgress ?? (() => undefined);
  }

  /** PM2_HOME of a zone. */
  pm2Home(zone: Zone): string {
    return this.#pm2[zone].home;
  }

  /** See `startFleet`. */
  start(): Promise<void> {
    this.#starting = this.#startAlone();
    return this.#starting;
  }

  /** Does any actor of these zones run, under whomever? */
  async isRunning(): Promise<boolean> {
    const held = await Promise.all(this.apps.flatMap(({ zone, actors }) => actors.map((actor) => isHeld(this.#root(zone), actor))));
    return held.includes(true);
  }

  /** In the order of the topology. */
  async status(): Promise<AppStatus[]> {
    const lists = await Promise.all(this.#zones.map((zone) => this.#pm2[zone].list()));
    const known = new Map(lists.flat().map((listed) => [listed.name, listed]));
    return this.apps.map((app) => statusOf(app, known.get(app.name), this.isReady(app)));
  }

  /** Said in the process that pm2 runs now? */
  isReady({ name, zone, actors }: App): boolean {
    const pid = this.#pm2[zone].pidOf(name);
    return pid !== null && actors.every((actor) => readyPid(this.#root(zone), actor) === pid);
  }

  /**
   * Ends the session zone, then the machine zone, each gracefully and with its pm2; a start that is under way is called off
   * first. Does not throw.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#starting.catch(() => undefined);
    await this.#end();
  }
  /** Ends and starts all processes of a zone; starts the zone if it does not run. Resolves and throws as `startFleet`. */
  async restart(zone: Zone): Promise<void> {
    this.#progress(`restarting the ${zone} zone`);
    if (this.#pm2[zone].daemonPid === null) await this.#startWave(zone);
    else await this.#pm2[zone].restartAll();
    await this.#allReady(this.apps.filter((app) => app.zone === zone));
  }

  async #startAlone(): Promise<void> {
    for (const zone of this.#zones) checkLength(zone, this.#root(zone), this.#user?.uid ?? process.getuid?.() ?? 0);
    if (this.#zones.includes(Zone.machine)) checkFiles(this.config);
    const locks = await Promise.all(this.#zones.map((zone) => holdAlone(this.#root(zone), LOCK)));
    try {
      if (locks.includes(null) || (await this.isRunning())) throw new FleetFailed({ code: 'already-running', sentence: `${this.config.product} is already running.` });
      await this.#startWaves();
    } finally {
      for (const lock of locks) lock?.close();
    }
  }

  async #startWaves(): Promise<void> {
    try {
      for (const zone of this.#zones) await this.#startWave(zone);
      await this.#allReady(this.apps);
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #startWave(zone: Zone): Promise<void> {
    if (this.#stopping) throw new FleetFailed({ code: 'stopped', sentence: 'The start was called off.' });
    const root = this.#root(zone);
    mkdirSync(root, { recursive: true, mode: 0o711 });
    if (zone === Zone.session && this.#user !== undefined) chownSync(root, this.#user.uid, this.#user.gid);
    await this.#pm2[zone].kill();
    const apps = this.apps.filter((app) => app.zone === zone);
    this.#progress(`starting the ${zone} zone (${apps.length === 1 ? '1 process' : `${apps.length} processes`})`);
    // The ready files tell more than pm2's waiting, and the next wave need not wait for it.
    await this.#pm2[zone].start(apps.map((app) => ({ ...pm2App(app, this.#envOf(zone)), wait_ready: false })));
  }

  async #allReady(apps: readonly App[]): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    const absentSince = new Map<App, number>();
    let waiting = [...apps];
    for (;;) {
      waiting = waiting.filter((app) => !this.isReady(app));
      if (waiting.length === 0) return;
      if (this.#stopping) throw new FleetFailed({ code: 'stopped', sentence: 'The start was called off.' });
      const now = Date.now();
      for (const app of waiting) {
        if (this.#pm2[app.zone].pidOf(app.name) !== null) absentSince.delete(app);
        else if (!absentSince.has(app)) absentSince.set(app, now);
      }
      const suspect = waiting.find((app) => now - (absentSince.get(app) ?? now) > ABSENT_MS);
      if (suspect !== undefined) await this.#judge(suspect, false);
      if (now > deadline) await this.#judge(waiting[0]!, true);
      if (suspect !== undefined) absentSince.delete(suspect);
      await after(LOOK_AGAIN_MS);
    }
  }

  /** Throws if the app will not become ready, or is `late`. */
  async #judge(app: App, late: boolean): Promise<void> {
    const listed = (await this.#pm2[app.zone].list()).find(({ name }) => name === app.name);
    const isOver = listed === undefined || isAtRest(listed) || listed.restarts >= RESTARTS_MAX;
    if (!isOver && !late) return;
    throw whyNotReady({ app, listed, root: this.#root(app.zone), errorLog: this.#pm2[app.zone].errorLog(app.name) });
  }

  /** Compiled code is kept in the zone, which no other user can write to: a second start takes two thirds of the time. */
  #envOf(zone: Zone): Readonly<Record<string, string>> {
    return { NODE_COMPILE_CACHE: join(this.#root(zone), 'cache'), ...this.#env };
  }

  async #end(): Promise<void> {
    for (const zone of [...this.#zones].reverse()) {
      if (this.#pm2[zone].daemonPid !== null) this.#progress(`stopping the ${zone} zone`);
      await this.#pm2[zone].kill();
    }
    if (!this.#zones.includes(Zone.machine) && this.#user === undefined) await this.#leave();
  }

  /** The machine zone lives on: the doors of this session close at once, not after its silence. */
  async #leave(): Promise<void> {
    const { leaveMachineZone } = await import('../runtime/actor.ts');
    await leaveMachineZone(this.config);
  }

  #root(zone: Zone): string {
    return this.config[zone].directory;
  }
}

function statusOf({ name, zone }: App, listed: Pm2Process | undefined, ready: boolean): AppStatus {
  if (listed === undefined) return { name, zone, pid: null, state: 'absent', restarts: 0, uptimeMs: 0, memoryBytes: 0, ready: false };
  const { pid, state, restarts, uptimeMs, memoryBytes } = listed;
  return { name, zone, pid, state: isAtRest(listed) ? 'stopped' : state, restarts, uptimeMs, memoryBytes, ready };
}

/** pm2 says `waiting restart` also of a process whose exit code forbids one. */
function isAtRest({ state, pid, exitCode }: Pm2Process): boolean {
  return state === 'stopped' || state === 'errored' || (pid === null && FINAL.includes(exitCode));
}

function environmentOf({ settingsFile, home, env = {} }: FleetOptions): Record<string, string> {
  const { TAPLINE_CONFIG: _, ...rest } = passed({ ...env, TAPLINE_HOME: home }, process.env);
  return settingsFile === undefined ? rest : { ...rest, TAPLINE_CONFIG: settingsFile };
}
