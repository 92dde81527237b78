// A stand for kills: the lab on the virtual desktop, the actors under real pm2, and a person who taps, types nothing and
// watches.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '../../config/schema.ts';
import { startLab, type Lab, type LabSettings } from '../../ops/lab/lab.ts';
import { makePeople, type LabPerson } from '../../ops/lab/people.ts';
import type { Control } from '../../platform/virtual/control.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import type { DesktopServer } from '../../platform/virtual/server.ts';
import type { VirtualDesktop } from '../../platform/virtual/world.ts';
import { openFleet, type Fleet } from '../../supervisor/fleet.ts';
import { numberIn, readyPid } from '../../supervisor/ready.ts';
import type { App } from '../../supervisor/topology.ts';
import { Traces } from './traces.ts';
import { until } from './waiting.ts';

/** On a machine that runs everything at once, looking and typing may take longer than at a real terminal. */
const SETTINGS: LabSettings = { budget: { resolveMs: 400, injectionMs: 800 } };
/** The tap-listener's and the broker's. */
const SUBSCRIBERS = 2;
const CONNECTED_WITHIN_MS = 20_000;
/** The same band again within a second is a bounce. */
const BOUNCE_MS = 1050;

export class Stand {
  readonly lab: Lab;
  readonly fleet: Fleet;
  readonly world: VirtualDesktop;
  readonly hands: Control;
  readonly traces: Traces;
  readonly person: LabPerson;
  #tappedMs = 0;
  #daemons: readonly (number | null)[] = [];

  /** Resolves when everything runs and is connected. */
  static async open(profile: Profile): Promise<Stand> {
    const dir = mkdtempSync(join(tmpdir(), 'tk-'));
    const lab = await startLab({ dir, desktop: 'virtual', settings: SETTINGS });
    const fleet = openFleet({ settingsFile: lab.settingsFile, home: dir, profile });
    const stand = new Stand(lab, lab.virtual!, fleet);
    try {
      await fleet.start();
      stand.#daemons = (['machine', 'session'] as const).map((zone) => numberIn(join(fleet.pm2Home(zone), 'pm2.pid')));
      await stand.connected();
      return stand;
    } catch (error) {
      await stand.close();
      throw error;
    }
  }

  private constructor(lab: Lab, { world }: DesktopServer, fleet: Fleet) {
    this.lab = lab;
    this.fleet = fleet;
    this.world = world;
    this.hands = handsOn(world);
    this.traces = new Traces(lab.dir);
    this.person = makePeople(join(lab.dir, 'nes')).all[0]!;
    process.on('SIGTERM', this.#quit).on('exit', this.#cut);
  }

  get apps(): readonly App[] {
    return this.fleet.apps;
  }

  pidOf({ zone, actors }: App): number | null {
    return readyPid(this.fleet.config[zone].directory, actors.at(-1)!);
  }

  /** All that a person at the terminal can wait for: every actor is ready and the icon says so, a tap would be heard. */
  async connected(): Promise<void> {
    await until('every actor is ready', CONNECTED_WITHIN_MS, () => this.apps.every((app) => this.fleet.isReady(app)));
    let subscribed = false;
    void this.lab.agent.subscribed(SUBSCRIBERS).then(() => (subscribed = true));
    await until('both links are subscribed', CONNECTED_WITHIN_MS, () => subscribed);
    await until('the icon says connected', CONNECTED_WITHIN_MS, () => this.world.desktop.tray.icon?.state === 'connected');
  }

  /** A fresh login page in front, with the cursor in the field for the name. Returns the id of the window. */
  async openLogin(): Promise<string> {
    await this.hands.reset();
    const window = (await this.hands.openScene('login'))!;
    await this.hands.click(window, 'user');
    return window;
  }

  /** Not before the last gesture is a second ago. */
  async tap(): Promise<void> {
    await until('the last gesture is long ago', 2 * BOUNCE_MS, () => performance.now() - this.#tappedMs > BOUNCE_MS);
    this.#tappedMs = performance.now();
    this.lab.agent.tap(this.person.alias, 'nfc');
  }

  async close(): Promise<void> {
    process.off('SIGTERM', this.#quit).off('exit', this.#cut);
    await this.fleet.stop();
    await this.lab.close();
    rmSync(this.lab.dir, { recursive: true, force: true });
  }

  readonly #quit = (): void => process.exit(1);

  /** A test that is cut short leaves no process behind. */
  readonly #cut = (): void => {
    for (const pid of [...this.#daemons, ...this.apps.map((app) => this.pidOf(app))]) {
      try {
        if (pid !== null) process.kill(pid, 'SIGKILL');
      } catch {
        // gone already
      }
    }
  };
}
