// The short form of `test/chaos/kills.chaos.ts`: a few moments for each process.
import test from 'ava';
import { campaign, complaintsOf } from '../chaos/campaign.ts';

const WITHIN_MS = 170_000;
const SEED = 20;
const CASES = [
  { profile: 'separate', kills: 3 },
  { profile: 'compact', kills: 4 },
] as const;

for (const { profile, kills } of CASES) {
  test.serial(`${profile}: a process that is killed in the midst of a tap ends it once and comes back`, async (t) => {
    t.timeout(WITHIN_MS);
    const done = await campaign({ profile, seed: SEED, kills, print: (line) => t.log(line) });
    t.deepEqual(complaintsOf(done, SEED), []);
  });
}
