// The long form of taps under attack: `CHAOS_TAPS` of them, two thousand if not given. `CHAOS_SEED` draws the same ones again.
import { randomInt } from 'node:crypto';
import test from 'ava';
import { attacked, complaintsOf, tableOf } from '../desktop/suite/adversary.ts';

const TAPS = Number(process.env['CHAOS_TAPS'] ?? 2000);
const SEED = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31));
const WITHIN_MS = 3600_000;
const TELL_EVERY = 100;

test('whatever comes between, no character leaves window, document and pair, and of a password at most one goes astray in its page', async (t) => {
  t.timeout(WITHIN_MS);
  const begin = performance.now();
  const all = await attacked(TAPS, SEED, ({ complaints }, at) => {
    if (complaints.length > 0 || (at + 1) % TELL_EVERY === 0) print(`tap ${at + 1}: ${complaints.join('; ') || 'well'}`);
  });
  for (const row of tableOf(all)) print(row);
  print(`${all.length} taps in ${Math.round((performance.now() - begin) / 1000)} s, seed ${SEED}`);
  t.deepEqual(complaintsOf(all), [], `seed ${SEED}`);
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
