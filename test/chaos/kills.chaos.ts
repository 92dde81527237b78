// The long form: each process of both profiles, killed at twenty moments of a tap. `CHAOS_SEED` draws the same moments again.
import { randomInt } from 'node:crypto';
import test from 'ava';
import { campaign, complaintsOf, tableOf } from './campaign.ts';

const KILLS = Number(process.env['CHAOS_KILLS'] ?? 20);
const SEED = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31));
const WITHIN_MS = 3600_000;

for (const profile of ['separate', 'compact'] as const) {
  test.serial(`${profile}: whatever process is killed at whatever moment of a tap, the tap ends once and the next one works`, async (t) => {
    t.timeout(WITHIN_MS);
    const begin = performance.now();
    const done = await campaign({ profile, seed: SEED, kills: KILLS, print });
    for (const row of tableOf(done)) print(row);
    print(`${done.length} kills in ${Math.round((performance.now() - begin) / 1000)} s, seed ${SEED}`);
    t.deepEqual(complaintsOf(done, SEED), []);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
