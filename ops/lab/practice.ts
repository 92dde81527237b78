// A lab with actors that work with it and a person at its desktop: what the demo shows and what `npm run lab` lets one play with.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { openFleet, type Fleet } from '../../supervisor/fleet.ts';
import type { Ending } from '../ending.ts';
import { startLab, type Lab, type LabSettings } from './lab.ts';
import { virtualSeat, x11Seat, type Seat, type SeatPage } from './seat.ts';
import { followTaps, NOTHING_MEASURED, type TapLine } from './taps.ts';

export interface Practice {
  readonly lab: Lab;
  readonly fleet: Fleet;
  readonly seat: Seat;
  /** Taps and resolves with the end of that tap. One at a time. */
  tap(band: string, via: 'nfc' | 'ble'): Promise<TapLine>;
}

export interface PracticeOptions {
  /** Private folder with a short path; everything lies below it. */
  readonly dir: string;
  readonly desktop: 'virtual' | 'x11';
  readonly page: SeatPage;
  /** Kept compiled code of actors, so that the next start takes less time. */
  readonly cache: string;
  readonly onProgress: (text: string) => void;
  /** Budgets other than those of a practice. */
  readonly budget?: LabSettings['budget'];
}

/** On a machine that runs browser, servers and actors at once, looking and typing may take longer than at a real terminal. */
const BUDGET: LabSettings['budget'] = { resolveMs: 400, injectionMs: 1000 };
const ENDS_WITHIN_MS = 6000;
/** The tap-listener's and the broker's. */
const SUBSCRIBERS = 2;
const SUBSCRIBED_WITHIN_MS = 10_000;
/** One-use keys and the first word of NES are on their way. */
const SETTLES_MS = 400;
const SHORT_ENOUGH_CHARS = 24;

/** Starts everything; each part is given to `ending` as soon as it begins to start. */
export async function startPractice({ dir, desktop, page, cache, onProgress, budget }: PracticeOptions, ending: Ending): Promise<Practice> {
  onProgress(desktop === 'x11' ? 'starting the lab: NES, Nymi Agent, pages, X server' : 'starting the lab: NES, Nymi Agent, virtual desktop');
  const lab = await ending.opening(startLab({ dir, desktop, settings: { budget: { ...BUDGET, ...budget } } }), (opened) => opened.close());
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const env = { ...process.env, ...lab.environment, NODE_COMPILE_CACHE: cache };
  const fleet = openFleet({ settingsFile: lab.settingsFile, home: dir, env, onProgress });
  ending.add(() => fleet.stop());
  const [seat] = await ending.unlessCalled(Promise.all([takeSeat(lab, page, ending), fleet.start()]));
  onProgress('connecting');
  await ending.unlessCalled(Promise.race([lab.agent.subscribed(SUBSCRIBERS), after(SUBSCRIBED_WITHIN_MS, null, { ref: false })]));
  await ending.unlessCalled(after(SETTLES_MS));
  return { lab, fleet, seat, tap: tapper(lab, ending) };
}

/** A new private folder with a path that leaves room for names of sockets. */
export function shortFolder(): string {
  return mkdtempSync(join(tmpdir().length <= SHORT_ENOUGH_CHARS ? tmpdir() : '/tmp', 'tl-'));
}

/** What one looks at afterwards, copied out of a practice's folder: logs of actors and pm2, the audit log, pictures. Replaces `to`. */
export function keepLogs(dir: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const picture of readdirSync(dir).filter((name) => name.endsWith('.png'))) cpSync(join(dir, picture), join(to, picture));
  for (const zone of ['machine', 'session']) {
    for (const [from, name] of [['logs', zone], ['pm2/logs', `pm2-${zone}`]] as const) {
      const folder = join(dir, zone, from);
      if (existsSync(folder)) cpSync(folder, join(to, name), { recursive: true });
    }
  }
}

async function takeSeat(lab: Lab, page: SeatPage, ending: Ending): Promise<Seat> {
  const seat = lab.x11 === null ? virtualSeat(lab.virtual!) : await x11Seat(lab.x11, lab.pages);
  ending.add(() => seat.close());
  await seat.open(page);
  return seat;
}

function tapper({ agent, dir }: Lab, ending: Ending): Practice['tap'] {
  const waiting: ((line: TapLine) => void)[] = [];
  const stop = followTaps(join(dir, 'session'), (line) => waiting.shift()?.(line));
  ending.add(stop);
  let last: Promise<unknown> = Promise.resolve();
  const tapNow = async (band: string, via: 'nfc' | 'ble'): Promise<TapLine> => {
    const end = new Promise<TapLine>((resolve) => waiting.push(resolve));
    const told = agent.tap(band, via);
    const none: TapLine = { outcome: 'unanswered', reason: told === 0 ? 'no-listener' : 'no-end', ms: NOTHING_MEASURED };
    return Promise.race([end, after(ENDS_WITHIN_MS, none, { ref: false })]).finally(() => waiting.splice(0));
  };
  return (band, via) => {
    const tapped = last.then(() => tapNow(band, via));
    last = tapped;
    return ending.unlessCalled(tapped);
  };
}
