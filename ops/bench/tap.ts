// Our own time in a tap: from the Agent's frame to the verified fill, on the virtual desktop, with a lab that answers at
// once and no ambiguity wait (a NES of usual speed hides that one). An X server's or a browser's time is not in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Profile } from '../../config/schema.ts';
import { appsOf } from '../../supervisor/topology.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import { followTaps, STAGES, type Stage, type TapLine } from '../lab/taps.ts';
import { chainMs } from './chain.ts';
import { counted } from './counted.ts';
import { startHosts, stopHosts } from './hosts.ts';
import { quantile } from './quantile.ts';

const TAPS = 200;
const WARM = 20;
/** Taps come faster than people make them, but not faster than what is remembered of them may be forgotten. */
const BETWEEN_TAPS_MS = 130;
const TAP_WITHIN_MS = 5000;

interface Timed {
  readonly ownMsP50: number;
  readonly ownMsP99: number;
  /** Median of each stage's end, milliseconds from the Agent's frame. */
  readonly stagesMsP50: Readonly<Record<string, number>>;
  readonly taps: number;
  readonly filled: number;
  /** How often the taps ended otherwise, by reason. */
  readonly notFilled: Readonly<Record<string, number>>;
}

/** With a process an actor, the default; `compact`: with a process a zone. */
export interface TapFigures extends Timed {
  readonly compact: Timed;
  /** The same ways between bare sockets, in the same run. */
  readonly bareMsP50: number;
  /** And with what the libraries do for each message, but none of our code. */
  readonly leastMsP50: number;
}

export async function benchTap(progress: (text: string) => void): Promise<TapFigures> {
  progress('tap: the same ways between bare sockets');
  const bareMsP50 = quantile(await chainMs(BETWEEN_TAPS_MS, false), 0.5);
  progress('tap: the same ways, and what the libraries do');
  const leastMsP50 = quantile(await chainMs(BETWEEN_TAPS_MS, true), 0.5);
  return { ...(await timed('separate', progress)), compact: await timed('compact', progress), bareMsP50, leastMsP50 };
}

async function timed(profile: Profile, progress: (text: string) => void): Promise<Timed> {
  const dir = mkdtempSync(join(tmpdir(), 'tl-bench-'));
  const lab = await startLab({ dir, desktop: 'virtual', settings: { budget: { acceptMs: 1000, ambiguityMs: 0, bounceMs: 0, pairMs: 0, resolveMs: 1000 } } });
  const hosts = await startHosts(appsOf(profile).map(({ actors }) => actors), { TAPLINE_CONFIG: lab.settingsFile, TAPLINE_HOME: dir });
  try {
    await lab.agent.subscribed(2);
    await sleep(1000); // prekeys and the first report of NES
    const lines: TapLine[] = [];
    for (let tap = 0; tap < TAPS + WARM; tap++) {
      if (tap % 50 === 0) progress(`tap: ${profile}, ${tap} of ${TAPS + WARM}`);
      const line = await oneTap(lab, tap);
      if (line !== null && tap >= WARM) lines.push(line);
    }
    return figures(lines);
  } finally {
    await stopHosts(hosts);
    await lab.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A fresh form in front, the focus in its user field, one tap, and how it ended; null if it did not. */
async function oneTap(lab: Lab, number: number): Promise<TapLine | null> {
  const hands = handsOn(lab.virtual!.world);
  const id = (await hands.openScene('login')) ?? '';
  await hands.click(id, 'user');
  await sleep(BETWEEN_TAPS_MS);
  let unfollow = (): void => undefined;
  const ended = new Promise<TapLine>((resolve) => (unfollow = followTaps(join(lab.dir, 'session'), resolve)));
  lab.agent.tap(number % 2 === 0 ? 'NB-01' : 'NB-02', 'nfc');
  const line = await Promise.race([ended, sleep(TAP_WITHIN_MS, null, { ref: false })]);
  unfollow();
  await hands.closeWindow(id);
  return line;
}

function figures(lines: readonly TapLine[]): Timed {
  const filled = lines.filter(({ outcome }) => outcome === 'filled');
  const of = (stage: Stage): number[] => filled.flatMap(({ ms }) => ms[stage] ?? []);
  return {
    ownMsP50: quantile(of('total'), 0.5),
    ownMsP99: quantile(of('total'), 0.99),
    stagesMsP50: Object.fromEntries(STAGES.map((stage) => [stage, quantile(of(stage), 0.5)])),
    taps: TAPS,
    filled: filled.length,
    notFilled: counted(lines.filter(({ outcome }) => outcome !== 'filled').map(({ reason }) => reason)),
  };
}
