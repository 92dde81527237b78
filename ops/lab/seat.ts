// The person at the lab's desktop: opens a page, puts the cursor where it belongs, and sees what arrived in the fields.
// One interface over both desktops, so that demo and lab do not care which it is.
import { setTimeout as after } from 'node:timers/promises';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import type { Dialog } from '../../platform/virtual/model.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import type { DesktopServer } from '../../platform/virtual/server.ts';
import type { LabDesktop, LabBrowser } from './desktop.ts';
import type { PageName, Pages } from './pages/server.ts';

/** What a page of the lab shows; in the same words on both desktops. */
export const SEAT_PAGES = ['login', 'controlled', 'dual', 'select'] as const satisfies readonly (PageName & SceneName)[];
export type SeatPage = (typeof SEAT_PAGES)[number];

/** The pairs of fields of a page, in the order in which people use them. */
export const PAIRS: Readonly<Record<SeatPage, readonly { readonly user: string; readonly password: string }[]>> = {
  login: [{ user: 'user', password: 'password' }],
  controlled: [{ user: 'user', password: 'password' }],
  dual: [{ user: 'user1', password: 'password1' }, { user: 'user2', password: 'password2' }],
  select: [{ user: 'user', password: 'password' }],
};

export interface Seat {
  /** An empty page in front, the cursor in its first user field. */
  open(page: SeatPage): Promise<void>;
  /** The cursor into another field of the page in front. */
  focus(field: string): Promise<void>;
  /** Every field of the page in front holds exactly these bytes (UTF-8), all others nothing, and nothing was submitted. */
  holds(fields: Readonly<Record<string, Uint8Array>>): Promise<boolean>;
  /** What a person sees in the fields of the page in front, by name: passwords as dots. */
  shown(): Promise<Readonly<Record<string, string>>>;
  /**
   * Answers the password form that a tap has opened: on the virtual desktop with these bytes, elsewhere it is cancelled.
   * False if no form came.
   */
  answerForm(bytes: Uint8Array): Promise<boolean>;
  /** A PNG of the screen; false where there is no screen. */
  screenshot(path: string): Promise<boolean>;
  close(): Promise<void>;
}

const ARRIVES_WITHIN_MS = 3000;
const FOCUS_WITHIN_MS = 15_000;
const FORM_WITHIN_MS = 4000;
const ESCAPE_AGAIN_MS = 250;
const LOOK_AGAIN_MS = 25;
/** A browser tells assistive software of a new page a moment after it shows it. */
const EXPOSED_AFTER_MS = 800;
const DOTS_MAX = 24;
const TABS_MAX = 12;
const TAB_KEYSYM = 0xff09;
const ESCAPE_KEYSYM = 0xff1b;
const F5_KEYSYM = 0xffc2;

export function virtualSeat({ world }: DesktopServer): Seat {
  const hands = handsOn(world);
  let window: string | null = null;
  return {
    open: async (page) => {
      if (window !== null) await hands.closeWindow(window);
      window = await hands.openScene(page);
      await hands.click(window ?? '', PAIRS[page][0]!.user);
    },
    focus: async (field) => void (await hands.click(window ?? '', field)),
    holds: async (fields) => {
      const { windows, stray, submits } = await hands.arrived();
      const empty = Object.entries(windows[window ?? ''] ?? {}).every(([name, text]) => name in fields || isBlank(text));
      const right = await Promise.all(Object.entries(fields).map(([name, bytes]) => hands.holds(window ?? '', name, [...bytes])));
      return empty && right.every(Boolean) && stray === '' && submits === 0;
    },
    shown: async () => dotted((await hands.arrived()).windows[window ?? ''] ?? {}),
    answerForm: async (bytes) => {
      const form = (): Dialog | undefined => world.desktop.tray.dialogs.find(({ kind }) => kind === 'password');
      await until(() => form() !== undefined, FORM_WITHIN_MS);
      return hands.answer(form()?.id ?? '', [...bytes]);
    },
    screenshot: async () => false,
    close: async () => undefined,
  };
}

/** Opens Chromium with the first page that is asked for. */
export async function x11Seat(desktop: LabDesktop, pages: Pages): Promise<Seat> {
  const { X11 } = await import('../../platform/linux/x11.ts');
  const x11 = new X11(desktop.address.display ?? '');
  let browser: LabBrowser | undefined;
  let page: SeatPage = 'login';

  /** The field that has the cursor, by what the page says. */
  const cursor = (): string | undefined => pages.received().findLast((event) => event.page === page && event.kind === 'focus')?.field;

  const press = (keysym: number): void => {
    const key = x11.minKeycode + x11.keyboardMapping().findIndex((keysyms) => keysyms.includes(keysym));
    x11.key(key, true);
    x11.key(key, false);
    x11.sync();
  };

  const comesToFront = async (field: string): Promise<void> => {
    await until(() => {
      // Without a window manager nobody gives a new window the keyboard.
      if (!x11.managed()) for (const window of x11.topLevels()) if (x11.pidOf(window) === browser?.pid) x11.setInputFocus(window);
      return cursor() === field;
    }, FOCUS_WITHIN_MS);
  };

  return {
    open: async (name) => {
      const isSame = browser !== undefined && page === name;
      page = name;
      pages.forget();
      const { user } = PAIRS[name][0]!;
      const url = pages.url(name, user);
      if (isSame) press(F5_KEYSYM);
      else if (browser === undefined) browser = await desktop.openChromium(url);
      else browser.openWindow(url);
      await comesToFront(user);
      await after(EXPOSED_AFTER_MS);
    },
    focus: async (field) => {
      for (let presses = 0; cursor() !== field && presses < TABS_MAX; presses++) {
        const before = pages.received().length;
        press(TAB_KEYSYM);
        await until(() => pages.received().length > before, ARRIVES_WITHIN_MS);
      }
    },
    holds: (fields) => until(() => arrived(pages, page, fields), ARRIVES_WITHIN_MS),
    shown: async () => dotted(pages.values(page)),
    answerForm: async () => {
      const inFront = (): boolean => x11.pidOf(x11.activeWindow()) === browser?.pid;
      await until(() => !inFront(), FORM_WITHIN_MS);
      await until(() => {
        if (!inFront()) press(ESCAPE_KEYSYM);
        return inFront();
      }, FORM_WITHIN_MS, ESCAPE_AGAIN_MS);
      return false;
    },
    screenshot: async (path) => {
      await desktop.screenshot(path);
      return true;
    },
    close: async () => x11.close(),
  };
}

/** Looks again and again; whether it held before the time was up. */
async function until(holds: () => boolean, withinMs: number, everyMs = LOOK_AGAIN_MS): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > deadline) return false;
    await after(everyMs);
  }
  return true;
}

function arrived(pages: Pages, page: SeatPage, fields: Readonly<Record<string, Uint8Array>>): boolean {
  const values = pages.values(page);
  const right = Object.entries(fields).every(([name, bytes]) => Buffer.from(values[name] ?? '', 'utf8').equals(bytes));
  const empty = Object.entries(values).every(([name, text]) => name in fields || isBlank(text));
  return right && empty && !pages.received().some(({ kind }) => kind === 'submit');
}

function dotted(values: Readonly<Record<string, string>>): Record<string, string> {
  const shown = Object.entries(values).filter(([, text]) => !isBlank(text));
  return Object.fromEntries(shown.map(([name, text]) => [name, name.startsWith('password') ? dots([...text].length) : text]));
}

const dots = (count: number): string => (count <= DOTS_MAX ? '•'.repeat(count) : `${'•'.repeat(DOTS_MAX)}… (${count})`);

/** Nothing, or the first entry of a list, which is no name. */
const isBlank = (text: string): boolean => text === '' || text.startsWith('Choose');
