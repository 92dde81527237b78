// Our own time in a tap: from the Agent's frame to the verified fill, on the virtual desktop, with a lab that answers at
// once and no ambiguity wait (a NES of usual speed hides that one). An X server's or a browser's time is not in it.
import { mkdtempSync, rmSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { appsOf } from '../../supervisor/topology.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import { startHosts, stopHosts } from './hosts.ts';
import { quantile } from './quantile.ts';

const TAPS = 200;
const WARM = 20;
/** Taps come faster than people make them, but not faster than what is remembered of them may be forgotten. */
const BETWEEN_TAPS_MS = 130;
const LOOK_EVERY_MS = 2;
const TAP_WITHIN_MS = 5000;

export interface TapFigures {
  readonly ownMsP50: number;
  readonly ownMsP99: number;
  /** Median of each stage's end, milliseconds from the Agent's frame. */
  readonly stagesMsP50: Readonly<Record<string, number>>;
  readonly taps: number;
  readonly filled: number;
  /** How often the taps ended otherwise, by reason. */
  readonly notFilled: Readonly<Record<string, number>>;
}

interface Line {
  readonly outcome: string;
  readonly reason: string;
  readonly stages: Readonly<Record<string, number>>;
}

export async function benchTap(progress: (text: string) => void, profile: 'separate' | 'compact' = 'separate'): Promise<TapFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'tl-bench-'));
  const lab = await startLab({ dir, desktop: 'virtual', settings: { budget: { acceptMs: 1000, ambiguityMs: 0, bounceMs: 0, pairMs: 0, resolveMs: 1000 } } });
  const hosts = await startHosts(appsOf(profile).map(({ actors }) => actors), { TAPLINE_CONFIG: lab.settingsFile, TAPLINE_HOME: dir });
  try {
    await lab.agent.subscribed(2);
    await sleep(1000); // prekeys and the first report of NES
    const lines: Line[] = [];
    for (let tap = 0; tap < TAPS + WARM; tap++) {
      if (tap % 50 === 0) progress(`tap: ${tap} of ${TAPS + WARM}`);
      lines.push(...(await oneTap(lab, tap)));
      await sleep(BETWEEN_TAPS_MS);
    }
    return figures(lines.slice(WARM));
  } finally {
    await stopHosts(hosts);
    await lab.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A fresh form in front, the focus in its user field, one tap, and what the profile log says of it. */
async function oneTap(lab: Lab, number: number): Promise<Line[]> {
  const hands = handsOn(lab.virtual!.world);
  const id = (await hands.openScene('login')) ?? '';
  await hands.click(id, 'user');
  const before = profileLines(lab.dir).length;
  lab.agent.tap(number % 2 === 0 ? 'NB-01' : 'NB-02', 'nfc');
  const deadline = Date.now() + TAP_WITHIN_MS;
  let lines = profileLines(lab.dir);
  while (lines.length <= before && Date.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
    lines = profileLines(lab.dir);
  }
  await hands.closeWindow(id);
  return lines.slice(before);
}

function profileLines(dir: string): Line[] {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const file = join(dir, 'session/logs/Profile', `tapline_${day}.log`);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

function figures(lines: readonly Line[]): TapFigures {
  const filled = lines.filter(({ outcome }) => outcome === 'filled');
  const of = (stage: string): number[] => filled.flatMap(({ stages }) => stages[stage] ?? []);
  return {
    ownMsP50: quantile(of('total'), 0.5),
    ownMsP99: quantile(of('total'), 0.99),
    stagesMsP50: Object.fromEntries(['accept', 'resolve', 'credential', 'inject', 'total'].map((stage) => [stage, quantile(of(stage), 0.5)])),
    taps: lines.length,
    filled: filled.length,
    notFilled: counted(lines.filter(({ outcome }) => outcome !== 'filled').map(({ reason }) => reason)),
  };
}

const counted = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));
