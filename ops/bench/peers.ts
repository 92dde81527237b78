// The same login typed into the same page of the same Chromium by our actors, xdotool and KeePassXC, in turn, so that a busy
// machine burdens all alike: how long until it stands there, and how much arrives of what no key of the layout gives.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { X11 } from '../../platform/linux/x11.ts';
import { desktopMissing } from '../lab/desktop/packages.ts';
import { findProgram } from '../lab/desktop/processes.ts';
import { counted } from './counted.ts';
import { openChromiumInUse, openDesk, type Login } from './desk.ts';
import { LOGINS } from './fill.ts';
import { FormPage, type FormSeen } from './form-page.ts';
import { ended, livesWithUs } from './hosts.ts';
import { FASTEST, makeDatabase, openKeePassXc, type Delays, type KeePassXc } from './keepassxc.ts';
import { nonAsciiTexts, rightOf } from './non-ascii.ts';
import { quantile } from './quantile.ts';
import { autoTyping, tapping, withXdotool, type TimesOf, type Typing, type Typist } from './typists.ts';

const SIZE = { runs: 20, texts: 50 };
const SEED = 4_001;
const TEXT_CHARACTERS = 20;
/**
 * Not the lab's: that one reads the keyboard anew for two seconds after each text of such characters, at the cost of whoever
 * types next. KeePassXC wants one, to know the window in front.
 */
const WINDOW_MANAGER = 'jwm';
const MANAGES_WITHIN_MS = 10_000;
/** The cursor stands, and what the one before changed of the keyboard has been heard. */
const BEFORE_MS = 100;

export interface PeerOf {
  /** Median from the order to type to the last character in the page, of the runs that came out right; for ours, from the commit of the tap. */
  readonly ms: number;
  readonly runs: number;
  readonly runsRight: number;
  /** Of 1,000 characters beyond ASCII, in passwords of 20. */
  readonly rightOf1000: number;
  /** Passwords of which every character was right, and those of which nothing was typed, of `texts`. */
  readonly textsRight: number;
  readonly textsEmpty: number;
  readonly texts: number;
}
export interface OursOf extends PeerOf {
  /** Until the tap has ended as a verified fill. */
  readonly msVerified: number;
  /** How often taps ended otherwise, by reason. */
  readonly notFilled: Readonly<Record<string, number>>;
}
export interface PeersFigures {
  readonly ours: OursOf | null;
  readonly xdotool: PeerOf | null;
  /** With its default delays, and with none. */
  readonly keepassxc: (PeerOf & { readonly fastest: PeerOf }) | null;
  /** Debian packages for what is null. */
  readonly missing: readonly string[];
}

const PEERS = ['ours', 'xdotool', 'keepassxc', 'fastest'] as const;
type Peer = (typeof PEERS)[number];
type Typists = { readonly [K in Peer]?: Typist };

export async function benchPeers(progress: (text: string) => void, size = SIZE): Promise<PeersFigures> {
  const missing = [...desktopMissing(), ...[WINDOW_MANAGER, 'xdotool', 'keepassxc'].filter((program) => findProgram(program) === null)];
  if (desktopMissing().length > 0) return { ours: null, xdotool: null, keepassxc: null, missing };
  const logins: readonly Login[] = [...LOGINS, ...nonAsciiTexts(SEED, size.texts, TEXT_CHARACTERS).map((password) => ({ user: 'ada', password }))];
  progress('peers: starting the desktop');
  const desk = await openDesk(logins, { windowManager: false });
  const { environment, address } = desk.lab.x11!;
  const closers: (() => Promise<void> | void)[] = [desk.close];
  try {
    const x11 = new X11(address.display ?? '');
    const page = new FormPage();
    closers.push(() => x11.close(), () => page.close());
    const openedWith = async (letter: string, delays: Delays, database: string): Promise<KeePassXc> => {
      const opened = await openKeePassXc({ dir: desk.lab.dir, environment, x11, database, letter, delays });
      closers.push(() => opened.close());
      return opened;
    };
    if (!missing.includes(WINDOW_MANAGER)) {
      const manager = livesWithUs(spawn(WINDOW_MANAGER, { env: environment, stdio: 'ignore' }));
      closers.push(() => ended(manager));
      await managed(x11);
    }
    const typists: { -readonly [K in Peer]?: Typist } = { ours: tapping(desk) };
    if (!missing.includes('xdotool')) typists.xdotool = withXdotool(environment, logins);
    if (!missing.includes('keepassxc') && !missing.includes(WINDOW_MANAGER)) {
      const database = await makeDatabase(desk.lab.dir, environment, logins.map((login, index) => ({ ...login, title: titleOf(index) })));
      typists.keepassxc = autoTyping(await openedWith('a', {}, database), page);
      typists.fastest = autoTyping(await openedWith('b', FASTEST, database), page);
    }
    const browser = await openChromiumInUse(desk, await page.open());
    closers.push(() => browser.close());
    const runs = await typeAll(typists, page, size, progress);
    return { ...figuresOf(runs, logins, await desk.times()), missing };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function managed(x11: X11): Promise<void> {
  const deadline = Date.now() + MANAGES_WITHIN_MS;
  while (!x11.managed()) {
    if (Date.now() > deadline) throw new Error('the window manager did not start');
    await sleep(20);
  }
}

/** One login typed by one typist, and what the form then held. */
export interface Run {
  readonly peer: Peer;
  readonly login: number;
  readonly typing: Typing;
  readonly seen: FormSeen;
}

/** None contains another: entries of a database are found by them. */
const titleOf = (login: number): string => `Sign in ${String(login).padStart(2, '0')}`;

async function typeAll(typists: Typists, page: FormPage, size: typeof SIZE, progress: (text: string) => void): Promise<Run[]> {
  const runs: Run[] = [];
  // Timed when all are warm, as on a terminal in use.
  const timed = Array.from({ length: size.runs }, (_, run) => run % LOGINS.length);
  const texted = Array.from({ length: size.texts }, (_, text) => LOGINS.length + text);
  const rounds = [-1, ...texted, ...timed];
  for (const [round, login] of rounds.entries()) {
    if (round % 10 === 0) progress(`peers: round ${round} of ${rounds.length}`);
    for (const peer of PEERS) {
      const typist = typists[peer];
      if (typist === undefined) continue;
      const number = Math.max(login, 0);
      await page.fresh(titleOf(number));
      await sleep(BEFORE_MS);
      const typing = await typist.type(number);
      const seen = await page.seen(typist.quietMs);
      if (login >= 0) runs.push({ peer, login, typing, seen });
    }
  }
  return runs;
}

/** Times are of the logins that the layout's keys give, characters of the others. */
export function figuresOf(runs: readonly Run[], logins: readonly Login[], times: TimesOf): Omit<PeersFigures, 'missing'> {
  const of = (peer: Peer): OursOf | null => {
    const own = runs.filter((run) => run.peer === peer);
    return own.length === 0 ? null : peerOf(own, logins, times);
  };
  const [ours, xdotool, keepassxc, fastest] = [of('ours'), bare(of('xdotool')), bare(of('keepassxc')), bare(of('fastest'))];
  return { ours, xdotool, keepassxc: keepassxc === null || fastest === null ? null : { ...keepassxc, fastest } };
}

/** Who does not look has seen nothing. */
function bare(figures: OursOf | null): PeerOf | null {
  if (figures === null) return null;
  const { msVerified: _, notFilled: __, ...rest } = figures;
  return rest;
}

function peerOf(runs: readonly Run[], logins: readonly Login[], times: TimesOf): OursOf {
  const timed = runs.filter(({ login }) => login < LOGINS.length);
  const texted = runs.filter(({ login }) => login >= LOGINS.length);
  const right = timed.filter(({ login, seen }) => seen.user === logins[login]!.user && seen.password === logins[login]!.password);
  const typed = right.flatMap(({ typing, seen }) => {
    const told = typing(times);
    return typeof told === 'string' ? [] : [{ ms: seen.changedAtMs - told.orderedMs, msVerified: (told.verifiedMs ?? Number.NaN) - told.orderedMs }];
  });
  const troubles = runs.map(({ typing }) => typing(times)).filter((told) => typeof told === 'string');
  const characters = texted.map(({ login, seen }) => rightOf(logins[login]!.password, seen.password));
  const due = texted.reduce((sum, { login }) => sum + [...logins[login]!.password].length, 0);
  return {
    ms: quantile(typed.map(({ ms }) => ms), 0.5), msVerified: quantile(typed.map(({ msVerified }) => msVerified), 0.5),
    runs: timed.length, runsRight: typed.length,
    rightOf1000: Math.round((characters.reduce((sum, count) => sum + count, 0) / due) * 1000),
    textsRight: texted.filter(({ login, seen }) => seen.password === logins[login]!.password).length,
    textsEmpty: texted.filter(({ seen }) => seen.password === '').length, texts: texted.length,
    notFilled: counted(troubles),
  };
}
