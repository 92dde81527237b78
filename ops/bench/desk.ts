// A real desktop with the actors on it, a NES that answers at once, and when each tap was committed and ended: by what the
// tap-listener itself recorded of it.
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { appsOf } from '../../supervisor/topology.ts';
import { nowUs } from '../../runtime/clock.ts';
import type { LabBrowser } from '../lab/desktop.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import type { NymiAgent } from '../lab/nymi-agent/server.ts';
import type { LabPeople, LabPerson } from '../lab/people.ts';
import { shortFolder } from '../lab/practice.ts';
import { followTaps } from '../lab/taps.ts';
import { recordingIn } from '../recordings.ts';
import { startHosts, stopHosts } from './hosts.ts';

/** What a person of the bench signs in with. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** When a tap was made, by our clock; what became of it is known when the desk is closed. */
export interface Tapped {
  readonly fromUs: number;
  readonly toUs: number;
}

/** By the recording; stamps of the monotonic clock. */
export interface TapTimes {
  readonly committedUs: number;
  /** When the injector began to fill; null if it did not. */
  readonly begunUs: number | null;
  readonly endedUs: number;
  readonly outcome: string;
  readonly reason: string;
}

export interface Desk {
  readonly lab: Lab;
  /** Taps with the band of the login of that number and resolves when the tap has ended, or should have. */
  tap(login: number): Promise<Tapped>;
  /** Ends the actors and says of each tap what became of it; null of one that was not committed. */
  times(): Promise<(tapped: Tapped) => TapTimes | null>;
  close(): Promise<void>;
}

/**
 * Nothing but how long one may wait: a machine that runs all this at once is slower than a terminal. Not longer: a tap is
 * remembered until its deadline, of a bounded number of taps, and here they follow each other faster than people's.
 */
const BUDGET = { acceptMs: 1000, bounceMs: 0, pairMs: 0, resolveMs: 1000, injectionMs: 1500, totalMsNfc: 4000, credentialMsNfc: 2000 };
const ENDS_WITHIN_MS = 6000;
/** One-use keys and the first report of NES are on their way. */
const SETTLES_MS = 1000;
/** A browser that was opened has been looked into, and nobody touched anything for two seconds. */
const IN_USE_AFTER_MS = 5000;
/** The recorder hears of a tap after its end. */
const RECORDED_AFTER_MS = 500;

/** A desk where people with these logins tap, with the lab's window manager unless told. What was started is ended again if a part fails. */
export async function openDesk(logins: readonly Login[], { windowManager = true } = {}): Promise<Desk> {
  const dir = shortFolder();
  let hosts: ChildProcess[] = [];
  let lab: Lab | null = null;
  const close = async (): Promise<void> => {
    await stopHosts(hosts);
    await lab?.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const settings = { budget: BUDGET, recorder: { mode: 'continuous' } } as const;
    lab = await startLab({ dir, desktop: 'x11', windowManager, people: peopleOf(logins), settings });
    const environment = { ...lab.environment, TAPLINE_CONFIG: lab.settingsFile, TAPLINE_HOME: dir };
    hosts = await startHosts(appsOf('separate').map(({ actors }) => actors), environment);
    await lab.agent.subscribed(2);
    await sleep(SETTLES_MS);
    const { agent } = lab;
    const times: Desk['times'] = async () => {
      await sleep(RECORDED_AFTER_MS);
      await stopHosts(hosts);
      const taps = await recordedTaps(join(dir, 'session', 'recordings'));
      return ({ fromUs, toUs }) => taps.find(({ committedUs }) => fromUs <= committedUs && committedUs <= toUs) ?? null;
    };
    return { lab, tap: (login) => tapWith(agent, aliasOf(login), join(dir, 'session')), times, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function tapWith(agent: NymiAgent, alias: string, session: string): Promise<Tapped> {
  const fromUs = nowUs();
  let unfollow = (): void => undefined;
  const ended = new Promise<void>((resolve) => (unfollow = followTaps(session, () => resolve())));
  agent.tap(alias, 'nfc');
  await Promise.race([ended, sleep(ENDS_WITHIN_MS, undefined, { ref: false })]);
  unfollow();
  return { fromUs, toUs: nowUs() };
}

async function recordedTaps(folder: string): Promise<TapTimes[]> {
  const committed = new Map<string, number>();
  const taps: TapTimes[] = [];
  for (const name of readdirSync(folder)) {
    const recording = await recordingIn(join(folder, name));
    for await (const entry of recording.entries()) {
      if (entry.topic !== 'decision' || entry.tap === null) continue;
      if (entry.decision === 'committed') committed.set(entry.tap, entry.us);
      const committedUs = committed.get(entry.tap);
      if (entry.decision !== 'ended' || committedUs === undefined) continue;
      const { inject, total = 0 } = entry.stages ?? {};
      const begunUs = inject === undefined ? null : entry.us - (total - inject) * 1000;
      taps.push({ committedUs, begunUs, endedUs: entry.us, outcome: entry.outcome ?? '', reason: entry.why ?? '' });
    }
    await recording.close();
  }
  return taps;
}

const aliasOf = (login: number): string => `NB-${String(login + 1).padStart(2, '0')}`;

/** One person for each login, whose bands NES and the Agent know. */
function peopleOf(logins: readonly Login[]): LabPeople {
  const all = logins.map(personOf);
  return { all, find: (band) => all.find(({ alias }) => alias === band), secrets: () => all.map(({ domainPassword }) => domainPassword) };
}

function personOf({ user, password }: Login, index: number): LabPerson {
  const octet = (index + 1).toString(16).padStart(2, '0').toUpperCase();
  const bytes = new TextEncoder().encode(password);
  return {
    alias: aliasOf(index), bandId: `02:4E:42:00:01:${octet}`, nfcUid: `044E42000001${octet}`, userId: String(1001 + index), user,
    domain: 'TAPLAB', fullName: user, active: true, bandKey: randomBytes(16), password: bytes, domainPassword: bytes,
  };
}

/** A Chromium as on a terminal in use: until the first pause it is listened to, and slower (docs/decisions/0024). */
export async function openChromiumInUse({ lab }: Desk, url: string): Promise<LabBrowser> {
  const browser = await lab.x11!.openChromium(url);
  await sleep(IN_USE_AFTER_MS);
  return browser;
}
