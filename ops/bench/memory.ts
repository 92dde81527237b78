// What the actors weigh: PSS of each process (shared pages divided among those who share them), per actor and per zone,
// with a crowd of session zones on one host as on a terminal server.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Profile } from '../../config/schema.ts';
import { appsOf } from '../../supervisor/topology.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import { startHosts, stopHosts } from './hosts.ts';
import { quantile } from './quantile.ts';

const SESSIONS = 20;
const SETTLE_MS = 5000;
/** Started at a time: more would only compete. */
const TOGETHER = 2;

export interface MemoryFigures {
  /** MB by actor, a process each. */
  readonly separate: Readonly<Record<string, number>>;
  /** MB by zone, a process each; `session` is the median of the crowd. */
  readonly compact: Readonly<Record<string, number>>;
}

export async function benchMemory(progress: (text: string) => void): Promise<MemoryFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'tl-bench-'));
  const lab = await startLab({ dir, desktop: 'virtual' });
  try {
    progress('memory: a process an actor');
    // Compiles; from then on the code is kept, as on any start but the first.
    for (const profile of ['separate', 'compact'] as const) await stopHosts(await startHosts(actorsOf(profile), environment(lab, lab.settingsFile)));
    const separate = await weighSeparate(lab);
    progress(`memory: ${SESSIONS} session zones, a process each`);
    return { separate, compact: await weighCompact(lab, progress) };
  } finally {
    await lab.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function weighSeparate(lab: Lab): Promise<Record<string, number>> {
  const hosts = await startHosts(actorsOf('separate'), environment(lab, lab.settingsFile));
  try {
    await sleep(SETTLE_MS);
    return Object.fromEntries(appsOf('separate').map(({ name }, index) => [name, pssMb(hosts[index]!)]));
  } finally {
    await stopHosts(hosts);
  }
}

async function weighCompact(lab: Lab, progress: (text: string) => void): Promise<Record<string, number>> {
  const [machine, session] = actorsOf('compact');
  const hosts = await startHosts([machine!], environment(lab, lab.settingsFile));
  try {
    for (let begun = 0; begun < SESSIONS; begun += TOGETHER) {
      progress(`memory: ${begun} of ${SESSIONS} session zones`);
      const some = Array.from({ length: TOGETHER }, (_, index) => startHosts([session!], environment(lab, sessionSettings(lab, begun + index))));
      hosts.push(...(await Promise.all(some)).flat());
    }
    await sleep(SETTLE_MS);
    const [machineMb, ...sessionsMb] = hosts.map(pssMb);
    return { machine: machineMb!, session: quantile(sessionsMb, 0.5) };
  } finally {
    await stopHosts(hosts);
  }
}

const actorsOf = (profile: Profile): (readonly string[])[] => appsOf(profile).map(({ actors }) => actors);

/** The lab's settings with a session folder of its own. */
function sessionSettings(lab: Lab, number: number): string {
  const settings = JSON.parse(readFileSync(lab.settingsFile, 'utf8')) as object;
  const file = join(lab.dir, `session-${number}.json`);
  writeFileSync(file, JSON.stringify({ ...settings, session: { directory: join(lab.dir, `s${number}`) } }));
  return file;
}

const environment = (lab: Lab, settingsFile: string): Record<string, string> => ({ TAPLINE_CONFIG: settingsFile, TAPLINE_HOME: lab.dir });

/** Proportional set size in MB (10^6 bytes). */
function pssMb({ pid }: ChildProcess): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Math.round((Number(match?.[1] ?? Number.NaN) * 1024) / 1e5) / 10;
}
