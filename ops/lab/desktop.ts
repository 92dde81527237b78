// A real desktop of the lab's own: X server, session bus, accessibility and its programs.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { DesktopKind } from '../../platform/index.ts';
import type { DesktopAddress } from '../../platform/index.ts';
import { connectBus } from '../../platform/linux/bus.ts';
import { X11 } from '../../platform/linux/x11.ts';
import { SCENES } from '../../platform/virtual/scenes.ts';
import type { PageSpec } from '../../platform/virtual/scenes.ts';
import { chromium, firefox } from './desktop/browsers.ts';
import type { Browser, BrowserOptions, ChromiumOptions } from './desktop/browsers.ts';
import { Dialog, scriptOf } from './desktop/dialog.ts';
import type { Toolkit } from './desktop/dialog.ts';
import { Processes, findProgram } from './desktop/processes.ts';
import { encodePng } from './desktop/png.ts';

export const DIALOGS = { plain: SCENES.login, dual: SCENES.dual, combo: SCENES.select } as const;
export type DialogKind = keyof typeof DIALOGS;

/** A program on the lab desktop. */
export interface LabProgram {
  readonly pid: number;
  close(): Promise<void>;
}

export interface LabBrowser extends LabProgram {
  /** Opens a further window of the same process and profile; resolves before it shows. */
  openWindow(url: string): void;
}

export interface LabDialog extends LabProgram {
  readonly dialog: Dialog;
}

export interface LabDesktop {
  readonly address: DesktopAddress;
  /** Environment for further programs on this desktop. */
  readonly environment: Readonly<Record<string, string>>;
  /** Opens a Chromium with a new profile and resolves when its window is in front. */
  openChromium(url: string, options?: ChromiumOptions): Promise<LabBrowser>;
  /** Opens a Firefox with a new profile and resolves when its window is in front. */
  openFirefox(url: string, options?: BrowserOptions): Promise<LabBrowser>;
  /** Opens a native dialog with the fields of a page, and resolves when its window is in front. */
  openDialog(toolkit: Toolkit, page: DialogKind | PageSpec): Promise<LabDialog>;
  /** Writes the picture of the whole screen as a PNG file. */
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface DesktopOptions {
  /** Folder for sockets and profiles; a new folder inside it is used and removed again. */
  readonly dir: string;
  /**
   * Starts openbox where it is installed; false if not given. It is busy for a quarter of a second after each change of
   * a key's meaning, and moves the focus late meanwhile.
   */
  readonly windowManager?: boolean;
  /** `WIDTHxHEIGHT`, `1280x900` if not given. */
  readonly size?: string;
}

const SESSION_START_MS = 10_000;
const WINDOW_START_MS = 30_000;
const LOOK_AGAIN_MS = 20;
const SYSTEM_PYTHON = '/usr/bin/python3';

/** Starts a desktop that belongs to the calling user alone. Throws if a part of it does not start. */
export async function startDesktop(options: DesktopOptions): Promise<LabDesktop> {
  await mkdir(options.dir, { recursive: true });
  const dir = await mkdtemp(join(options.dir, 'desktop-'));
  const environment = await prepareEnvironment(dir);
  const processes = new Processes(environment);
  try {
    const display = await startServer(processes, options.size ?? '1280x900');
    const sessionBus = `unix:path=${join(dir, 'runtime', 'bus')}`;
    const full = { ...environment, DISPLAY: display, DBUS_SESSION_BUS_ADDRESS: sessionBus };
    await startSessionBus(processes, sessionBus, full);
    const openbox = options.windowManager === true ? findProgram('openbox') : null;
    if (openbox !== null) processes.start(openbox, ['--sm-disable'], 'ignore', full);
    await startAccessibility(sessionBus);
    const x11 = new X11(display);
    if (openbox !== null) await until(() => x11.managed(), SESSION_START_MS, 'the window manager');
    return new Desktop({ dir, processes, x11, environment: full, address: { kind: DesktopKind.x11, display, sessionBus } });
  } catch (error) {
    await processes.endAll();
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

interface DesktopParts {
  readonly dir: string;
  readonly processes: Processes;
  readonly x11: X11;
  readonly environment: Readonly<Record<string, string>>;
  readonly address: DesktopAddress;
}

class Desktop implements LabDesktop {
  readonly address: DesktopAddress;
  readonly environment: Readonly<Record<string, string>>;
  readonly #parts: DesktopParts;

  constructor(parts: DesktopParts) {
    this.#parts = parts;
    this.address = parts.address;
    this.environment = parts.environment;
  }

  async openChromium(url: string, options: ChromiumOptions = {}): Promise<LabBrowser> {
    return this.#open(await chromium(this.#parts.dir, options), url);
  }

  async openFirefox(url: string, options: BrowserOptions = {}): Promise<LabBrowser> {
    return this.#open(await firefox(this.#parts.dir, options), url);
  }

  async openDialog(toolkit: Toolkit, page: DialogKind | PageSpec): Promise<LabDialog> {
    const spec = typeof page === 'string' ? DIALOGS[page] : page;
    // -B: no compiled scripts beside ours.
    const child = this.#start(SYSTEM_PYTHON, ['-B', scriptOf(toolkit), JSON.stringify(spec)], ['pipe', 'pipe', 'ignore']);
    const dialog = new Dialog(child);
    return { ...(await this.#inFront(child)), dialog };
  }

  async screenshot(path: string): Promise<void> {
    const picture = this.#parts.x11.picture();
    if (picture === null) throw new Error('the X server gave no picture of the screen');
    await writeFile(path, encodePng(picture));
  }

  async close(): Promise<void> {
    this.#parts.x11.close();
    await this.#parts.processes.endAll();
    await rm(this.#parts.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  async #open({ program, environment, argsFor }: Browser, url: string): Promise<LabBrowser> {
    const start = (page: string): ChildProcess => this.#start(program, argsFor(page), 'ignore', environment);
    return { ...(await this.#inFront(start(url))), openWindow: (page) => void start(page) };
  }

  #start(program: string, args: readonly string[], stdio: StdioOptions, environment: Readonly<Record<string, string>> = {}): ChildProcess {
    return this.#parts.processes.start(program, args, stdio, { ...this.environment, ...environment });
  }

  async #inFront(child: ChildProcess): Promise<LabProgram> {
    const { processes, x11 } = this.#parts;
    const pid = child.pid ?? -1;
    const inFront = (): boolean => {
      // Without a window manager nobody gives a new window the keyboard.
      if (!x11.managed()) for (const window of x11.topLevels()) if (x11.pidOf(window) === pid) x11.setInputFocus(window);
      return x11.pidOf(x11.activeWindow()) === pid;
    };
    await until(() => child.exitCode !== null || inFront(), WINDOW_START_MS, 'the window');
    if (child.exitCode !== null) throw new Error(`the program ended with code ${child.exitCode} before it showed a window`);
    return { pid, close: () => processes.end(child) };
  }
}

async function prepareEnvironment(dir: string): Promise<Record<string, string>> {
  const [home, runtime] = [join(dir, 'home'), join(dir, 'runtime')];
  await mkdir(home, { mode: 0o700 });
  await mkdir(runtime, { mode: 0o700 });
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home, XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME: join(home, 'config'), XDG_CACHE_HOME: join(home, 'cache'), TMPDIR: runtime,
    LANG: 'C.UTF-8', GTK_THEME: 'Adwaita', GSETTINGS_BACKEND: 'memory', GDK_BACKEND: 'x11', QT_LINUX_ACCESSIBILITY_ALWAYS_ON: '1',
  };
}

async function startServer(processes: Processes, size: string): Promise<string> {
  // Without -noreset the server forgets the accessibility bus as soon as its last client leaves.
  const args = ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-noreset'];
  const server = processes.start('Xvfb', args, ['ignore', 'ignore', 'ignore', 'pipe']);
  return `:${await firstLine(server, server.stdio[3] as Readable, 'the X server')}`;
}

async function startSessionBus(processes: Processes, address: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const args = ['--session', '--nofork', '--nopidfile', `--address=${address}`, '--print-address=3'];
  const bus = processes.start('dbus-daemon', args, ['ignore', 'ignore', 'ignore', 'pipe'], environment);
  await firstLine(bus, bus.stdio[3] as Readable, 'the session bus');
}

// The first call activates the accessibility bus; programs expose themselves once it says that it is enabled.
async function startAccessibility(sessionBus: string): Promise<void> {
  const bus = await connectBus(sessionBus);
  await bus.enableAccessibility();
  bus.close();
}

function firstLine(child: ChildProcess, output: Readable, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`${what} did not start`));
    const timer = setTimeout(fail, SESSION_START_MS);
    createInterface({ input: output }).once('line', (line) => resolve(line.trim()));
    child.once('error', fail);
    child.once('exit', fail);
    void output.once('close', () => clearTimeout(timer));
  });
}

async function until(holds: () => boolean, withinMs: number, what: string): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not appear in ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
