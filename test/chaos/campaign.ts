// Many rounds on one stand: every process in turn, each at so many moments drawn from one seed.
import type { Profile } from '../../config/schema.ts';
import { moments, momentText, seeded, type Moment } from './moments.ts';
import { round, type Round } from './round.ts';
import { Stand } from './stand.ts';

export interface CampaignOptions {
  readonly profile: Profile;
  readonly seed: number;
  /** Kills of each process. */
  readonly kills: number;
  readonly print: (line: string) => void;
}

export interface Done {
  readonly app: string;
  readonly moment: Moment;
  readonly result: Round;
}

/** Opens a stand, runs all rounds and closes it. The processes take turns, so that pm2's waits do not grow. */
export async function campaign({ profile, seed, kills, print }: CampaignOptions): Promise<readonly Done[]> {
  const random = seeded(seed);
  const stand = await Stand.open(profile);
  const done: Done[] = [];
  try {
    const drawn = stand.apps.map((app) => ({ app, drawing: moments(random, app.actors.includes('injector')) }));
    for (let turn = 1; turn <= kills; turn++) {
      for (const { app, drawing } of drawn) {
        const moment = drawing.next().value;
        const result = await round(stand, app, moment);
        done.push({ app: app.name, moment, result });
        print(lineOf(`${profile} ${turn}/${kills}`, done.at(-1)!));
      }
    }
  } finally {
    await stand.close();
  }
  return done;
}

const lineOf = (where: string, { app, moment, result: { end, readyMs, complaints } }: Done): string =>
  [`${where}  ${app} killed ${momentText(moment)}: ${end}, ready after ${Math.round(readyMs)} ms`, ...complaints.map((complaint) => `    ! ${complaint}`)].join('\n');

/** What did not hold, with what it takes to see it again. */
export const complaintsOf = (done: readonly Done[], seed: number): string[] =>
  done.flatMap(({ app, moment, result }) => result.complaints.map((complaint) => `${app} killed ${momentText(moment)}, seed ${seed}: ${complaint}`));

/** A line a process and end, with how often it came. */
export function tableOf(done: readonly Done[]): string[] {
  const rows = new Map<string, number>();
  for (const { app, result } of done) {
    const row = `${app.padEnd(18)} ${result.end}`;
    rows.set(row, (rows.get(row) ?? 0) + 1);
  }
  return [...rows].sort().map(([row, times]) => `${String(times).padStart(4)}  ${row}`);
}
