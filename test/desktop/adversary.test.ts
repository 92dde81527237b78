// The short form of taps under attack: an adversary moves the focus, takes the keyboard, navigates and renders anew.
import { randomInt } from 'node:crypto';
import test from 'ava';
import { attacked, complaintsOf, tableOf } from './suite/adversary.ts';

const TAPS = 60;
const WITHIN_MS = 240_000;

test('whatever comes between, no character leaves window, document and pair, and of a password at most one goes astray in its page', async (t) => {
  t.timeout(WITHIN_MS);
  const seed = randomInt(2 ** 31);
  const all = await attacked(TAPS, seed);
  for (const row of tableOf(all)) t.log(row);
  t.deepEqual(complaintsOf(all), [], `seed ${seed}`);
});
