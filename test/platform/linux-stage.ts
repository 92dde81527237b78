// The real Linux desktop as a stage of the acceptance suite: pages in a real browser, on a lab desktop of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDesktop } from '../../ops/lab/desktop.ts';
import type { LabBrowser, LabDesktop } from '../../ops/lab/desktop.ts';
import { platform } from '../../platform/linux/platform.ts';
import { X11 } from '../../platform/linux/x11.ts';
import type { Act, Field, Look, Trace } from '../../platform/port.ts';
import { SCENES, SCENE_NAMES } from '../../platform/virtual/scenes.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import { Pages } from './pages.ts';
import { Ability, eventually } from './stage.ts';
import type { Seen, Stage, StageFactory, WindowKey } from './stage.ts';

export const CHROMIUM_CAN: StageFactory['can'] = new Set([...SCENE_NAMES, ...Object.values(Ability)]);
/** Firefox tells the ids of its fields, not their names. */
export const FIREFOX_CAN: StageFactory['can'] = new Set([...CHROMIUM_CAN].filter((can) => can !== Ability.htmlNames));
/** What every stage on a lab desktop shares. */
export interface Lab {
  readonly desktop: LabDesktop;
  readonly x11: X11;
  readonly look: Look;
  readonly act: Act;
  end(): Promise<void>;
}

/** A lab desktop with the adapter on it; `size` of its screen as in `1280x900`. */
export async function startLab(trace: Trace = () => undefined, windowManager = false, size?: string): Promise<Lab> {
  const dir = await mkdtemp(join(tmpdir(), 'tapline-stage-'));
  const desktop = await startDesktop({ dir, windowManager, ...(size === undefined ? {} : { size }) }).catch(async (error: unknown) => {
    await rm(dir, { recursive: true });
    throw error;
  });
  const x11 = new X11(desktop.address.display ?? '');
  const [look, act] = await Promise.all([platform.look(desktop.address), platform.act(desktop.address, trace)]);
  const end = async (): Promise<void> => {
    await Promise.all([look.close(), act.close()]);
    x11.close();
    await desktop.close();
    await rm(dir, { recursive: true });
  };
  return { desktop, x11, look, act, end };
}

export type BrowserName = 'chromium' | 'firefox';

/** A browser with one window for each scene; a first window stays open, so that the process does. */
export class BrowserStage implements Stage {
  readonly look: Look;
  readonly act: Act;
  readonly pages = new Pages();
  readonly #lab: Lab;
  readonly #windows = new Map<WindowKey, number>();
  #browser: LabBrowser | undefined;
  #opened = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
    [this.look, this.act] = [lab.look, lab.act];
  }

  static async start(lab: Lab, name: BrowserName = 'chromium'): Promise<BrowserStage> {
    const stage = new BrowserStage(lab);
    await stage.pages.listen();
    await stage.pages.loaded('home', async () => {
      const url = stage.pages.urlOf('nopassword', 'home');
      stage.#browser = await (name === 'firefox' ? lab.desktop.openFirefox(url) : lab.desktop.openChromium(url));
    });
    return stage;
  }

  async open(scene: SceneName): Promise<WindowKey> {
    const key = `w${++this.#opened}`;
    const { x11 } = this.#lab;
    const known = new Set(x11.topLevels());
    await this.pages.loaded(key, () => this.#browser?.openWindow(this.pages.urlOf(scene, key)));
    const isNew = (window: number): boolean => !known.has(window) && x11.titleOf(window).startsWith(SCENES[scene].title);
    const opened = await eventually(async () => x11.topLevels().find(isNew) ?? 0, (window) => window !== 0);
    this.#windows.set(key, opened);
    await bringToFront(x11, opened);
    return key;
  }

  async focus(window: WindowKey, field: string): Promise<void> {
    await this.raise(window);
    let obeyed = false;
    const obeying = this.pages.order(window, { focus: field }).then(() => (obeyed = true));
    await eventually(async () => hasKeyboard(this.#lab.x11, this.#windows.get(window) ?? 0) || void (await this.raise(window)), () => obeyed);
    await obeying;
  }

  async raise(window: WindowKey): Promise<void> {
    await bringToFront(this.#lab.x11, this.#windows.get(window) ?? 0);
  }

  async close(window: WindowKey): Promise<void> {
    const id = this.#windows.get(window) ?? 0;
    this.#windows.delete(window);
    await this.pages.order(window, { close: 'now' });
    await eventually(async () => this.pages.shows(window) || this.#lab.x11.activeWindow() === id, (there) => !there);
  }

  async replace(window: WindowKey, field: string): Promise<void> {
    await this.pages.order(window, { replace: field });
  }

  async navigate(window: WindowKey, scene: SceneName): Promise<void> {
    await this.pages.loaded(window, async () => void (await this.pages.order(window, { navigate: this.pages.urlOf(scene, window) })));
  }

  /** After so many inputs the page moves the focus to its button. */
  async elsewhereAfter(window: WindowKey, inputs: number): Promise<void> {
    await this.pages.order(window, { elsewhereAfter: inputs });
  }

  async seen(): Promise<Seen> {
    const keys = [...this.#windows.keys()];
    const reports = await Promise.all([...keys, 'home'].map((key) => this.pages.order(key, { report: 'now' })));
    return {
      windows: Object.fromEntries(keys.map((key, index) => [key, reports[index]?.values ?? {}])),
      stray: reports.map(({ stray }) => stray).join('') + Object.values(reports.at(-1)?.values ?? {}).join(''),
      submits: reports.reduce((sum, { submits }) => sum + submits, 0),
    };
  }

  nameOf(field: Field): string {
    return field.htmlId;
  }

  async reset(): Promise<void> {
    for (const key of this.#windows.keys()) await this.close(key);
  }

  async end(): Promise<void> {
    await this.#lab.end();
    await this.pages.close();
  }
}

// The window manager names a window active before the keyboard is its own, and may take it back for one that closes.
export async function bringToFront(x11: X11, window: number): Promise<void> {
  const front = await eventually(async () => hasKeyboard(x11, window) || void x11.setInputFocus(window), (has) => has === true);
  if (front !== true) throw new Error('the window did not come to the front');
}

const hasKeyboard = (x11: X11, window: number): boolean => x11.activeWindow() === window && x11.within(x11.inputFocus(), window);
