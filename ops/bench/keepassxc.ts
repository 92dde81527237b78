// KeePassXC as a person has it: its window with an open database, its auto-type on a global shortcut, which finds the entry by
// the title of the window in front. Its question before it types is switched off: nobody's answer is in the time.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { X11 } from '../../platform/linux/x11.ts';
import type { Login } from './desk.ts';
import { ended, livesWithUs } from './hosts.ts';

/** Milliseconds of `[General]` in its settings; its own defaults where not given. */
export interface Delays {
  readonly AutoTypeStartDelay?: number;
  readonly AutoTypeDelay?: number;
}
/** It waits a tenth of a second before the first key at the least, whatever is set. */
export const FASTEST: Delays = { AutoTypeStartDelay: 0, AutoTypeDelay: 0 };

export interface KeePassXcOptions {
  /** Folder of its own for database and settings. */
  readonly dir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly x11: X11;
  /** The database that `makeDatabase` made. */
  readonly database: string;
  /** Lower-case letter; with Control and Alt it is the shortcut. */
  readonly letter: string;
  readonly delays: Delays;
}

const DATABASE = 'bench';
/** Of a database that holds made-up logins only. */
const DATABASE_PASSWORD = 'bench';
const DERIVATION_MS = 100;
const SHOWS_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 20;
const CONTROL_AND_ALT = 0x0c00_0000;
const CONTROL_KEYSYM = 0xffe3;
const ALT_KEYSYM = 0xffe9;

export interface Entry extends Login {
  /** The window that shows this title is the one to type into. */
  readonly title: string;
}

/** Makes a database in `dir` and returns its path. */
export async function makeDatabase(dir: string, environment: Readonly<Record<string, string>>, entries: readonly Entry[]): Promise<string> {
  const [exported, database] = [join(dir, `${DATABASE}.xml`), join(dir, `${DATABASE}.kdbx`)];
  writeFileSync(exported, exportOf(entries), { mode: 0o600 });
  const importing = execFile('keepassxc-cli', ['import', '-q', '-p', '-t', String(DERIVATION_MS), exported, database], { env: environment });
  importing.stdin?.end(`${DATABASE_PASSWORD}\n${DATABASE_PASSWORD}\n`);
  const [code] = (await once(importing, 'exit')) as [number | null];
  rmSync(exported);
  if (code !== 0) throw new Error(`keepassxc-cli import ended with ${code}`);
  return database;
}

export class KeePassXc {
  readonly #child: ChildProcess;
  readonly #x11: X11;
  readonly #letter: string;

  constructor(child: ChildProcess, x11: X11, letter: string) {
    this.#child = child;
    this.#x11 = x11;
    this.#letter = letter;
  }

  /** Presses and releases its shortcut. */
  press(): void {
    const rows = this.#x11.keyboardMapping();
    const keysyms = [CONTROL_KEYSYM, ALT_KEYSYM, this.#letter.charCodeAt(0)];
    const keycodes = keysyms.map((keysym) => this.#x11.minKeycode + rows.findIndex((row) => row.includes(keysym)));
    for (const keycode of keycodes) this.#x11.key(keycode, true);
    for (const keycode of keycodes.toReversed()) this.#x11.key(keycode, false);
    this.#x11.sync();
  }

  close(): Promise<void> {
    return ended(this.#child);
  }
}

/** Resolves when its window shows the open database. */
export async function openKeePassXc({ dir, environment, x11, database, letter, delays }: KeePassXcOptions): Promise<KeePassXc> {
  const [settings, local] = [join(dir, `${letter}.ini`), join(dir, `${letter}-local.ini`)];
  writeFileSync(settings, settingsOf(letter, delays));
  const args = ['--config', settings, '--localconfig', local, '--pw-stdin', database];
  const child = livesWithUs(spawn('keepassxc', args, { env: { ...environment, QT_QPA_PLATFORM: 'xcb' }, stdio: ['pipe', 'ignore', 'ignore'] }));
  child.stdin?.end(`${DATABASE_PASSWORD}\n`);
  const keePassXc = new KeePassXc(child, x11, letter);
  const shows = (window: number): boolean => x11.pidOf(window) === child.pid && x11.titleOf(window) === `${DATABASE} - KeePassXC`;
  const deadline = Date.now() + SHOWS_WITHIN_MS;
  while (!shows(x11.activeWindow())) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await keePassXc.close();
      throw new Error('KeePassXC did not show its database');
    }
    await sleep(LOOK_EVERY_MS);
  }
  return keePassXc;
}

function settingsOf(letter: string, delays: Delays): string {
  const own = Object.entries(delays).map(([name, ms]) => `${name}=${ms}`);
  return [
    '[General]', 'ConfigVersion=2', 'SingleInstance=false', 'UpdateCheckMessageShown=true',
    `GlobalAutoTypeKey=${letter.toUpperCase().charCodeAt(0)}`, `GlobalAutoTypeModifiers=${CONTROL_AND_ALT}`, ...own,
    '[GUI]', 'CheckForUpdates=false', '[Security]', 'AutotypeAsk=false', '',
  ].join('\n');
}

function exportOf(entries: readonly Entry[]): string {
  const all = entries.map(({ title, user, password }, index) =>
    `<Entry><UUID>${uuidOf(index + 1)}</UUID>${textOf('Title', title)}${textOf('UserName', user)}${textOf('Password', password)}</Entry>`);
  return `<?xml version="1.0" encoding="UTF-8"?><KeePassFile><Meta><DatabaseName>${DATABASE}</DatabaseName></Meta><Root><Group><UUID>${
    uuidOf(0)}</UUID><Name>Root</Name><EnableAutoType>true</EnableAutoType>${all.join('')}</Group></Root></KeePassFile>`;
}

const textOf = (key: string, text: string): string =>
  `<String><Key>${key}</Key><Value>${text.replaceAll(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`)}</Value></String>`;

const uuidOf = (number: number): string => Buffer.from(`tapline-bench-${String(number).padStart(2, '0')}`).toString('base64');
