// Both zones as real processes with the lab on a virtual desktop; the session's may be another user's.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actorsOf, Zone } from '../../contracts/actors.ts';
import { startLab, type Lab } from '../../ops/lab/lab.ts';
import type { Control } from '../../platform/virtual/control.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { nodeFlagsOf } from '../../supervisor/topology.ts';

const HOST = join(import.meta.dirname, '../../supervisor/host.ts');
const WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 10;
/**
 * What is tested here is who may do what, not how fast: a busy machine must not end a tap,
 * and a tap may follow another at once.
 */
export const PATIENT = { acceptMs: 1000, resolveMs: 1500, injectionMs: 1500, credentialMsNfc: 4000, totalMsNfc: 6000, ambiguityMs: 0, bounceMs: 0, pairMs: 0 };

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Ended {
  readonly tap: string;
  readonly outcome: string;
  readonly reason: string;
}

/** Resolves with what `look` gives once that is neither false nor null nor undefined; rejects after a while. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && (seen as unknown) !== false) return seen;
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

export class ZoneStage {
  readonly dir: string;
  readonly lab: Lab;
  readonly hands: Control;
  readonly children: ChildProcess[] = [];
  /** What the processes wrote to their outputs. */
  printed = '';
  #window: string | null = null;

  static async open(user?: User): Promise<ZoneStage> {
    const dir = mkdtempSync(join(tmpdir(), 'zones-'));
    chmodSync(dir, 0o711);
    const stage = new ZoneStage(dir, await startLab({ dir, desktop: 'virtual', settings: { budget: PATIENT } }));
    try {
      await stage.start(Zone.machine);
      stage.makeSessionFolder('session', user);
      await stage.start(Zone.session, user);
      await stage.enrolled();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  constructor(dir: string, lab: Lab) {
    this.dir = dir;
    this.lab = lab;
    this.hands = handsOn(lab.virtual!.world);
  }

  makeSessionFolder(name: string, user: User | undefined): string {
    const folder = join(this.dir, name);
    mkdirSync(folder, { mode: 0o711 });
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    return folder;
  }

  /** Starts a zone as one process; resolves when its actors are ready. */
  async start(zone: Zone, user?: User, settingsFile = this.lab.settingsFile): Promise<ChildProcess> {
    const env = { PATH: process.env['PATH'], HOME: this.dir, USER: `user${user?.uid ?? ''}`, TAPLINE_HOME: this.dir, TAPLINE_CONFIG: settingsFile };
    const child = fork(HOST, [actorsOf(zone).join(',')], { env, execArgv: nodeFlagsOf(actorsOf(zone)), stdio: ['ignore', 'pipe', 'pipe', 'ipc'], ...user });
    this.children.push(child);
    for (const output of [child.stdout, child.stderr]) output?.on('data', (chunk) => (this.printed += String(chunk)));
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (message !== 'ready') throw new Error(`${zone}: ended before it was ready: ${this.printed.slice(0, 500)}`);
    return child;
  }

  /** All actors of the session know the machine zone, and both zones hear the Agent. */
  async enrolled(): Promise<void> {
    await this.lab.agent.subscribed(2);
    await until('the session has enrolled', () => this.log(Zone.session).filter(({ msg }) => msg === 'session.enrolled').length === actorsOf(Zone.session).length);
  }

  /** Lines of the application log of a zone. */
  log(zone: Zone, root: string = join(this.dir, zone)): Record<string, unknown>[] {
    return linesIn(join(root, 'logs', 'App'));
  }

  ends(): Ended[] {
    return linesIn(join(this.dir, 'session', 'logs', 'Profile')).filter(({ msg }) => msg === 'tap.profile') as unknown as Ended[];
  }

  /** Opens a login page, taps and waits for the end of the tap. */
  async tap(band: string): Promise<Ended> {
    await this.openPage();
    return this.tapHere(band);
  }

  async openPage(): Promise<string> {
    if (this.#window !== null) await this.hands.closeWindow(this.#window);
    this.#window = await this.hands.openScene('login');
    await this.hands.click(this.#window!, 'user');
    return this.#window!;
  }

  async tapHere(band: string): Promise<Ended> {
    const before = this.ends().length;
    this.lab.agent.tap(band, 'nfc');
    return until(`an end of the tap of ${band}`, () => this.ends()[before]);
  }

  /** The page in front holds user name and password of that person, byte for byte. */
  async isFilled(band: string): Promise<boolean> {
    const { user, domainPassword } = this.lab.nes.people.find(band)!;
    const window = this.#window!;
    return (await this.hands.holds(window, 'user', [...Buffer.from(user)])) && (await this.hands.holds(window, 'password', [...domainPassword]));
  }

  async close(): Promise<void> {
    for (const child of this.children.reverse()) await end(child);
    await this.lab.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

function linesIn(folder: string): Record<string, unknown>[] {
  const names = namesIn(folder);
  const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Record<string, unknown>);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
