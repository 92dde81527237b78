// Real pages in a real browser: each is looked at, resolved and filled as the product does it, while sniffers in every
// document and every other window take note of whatever arrives there.
import { spawnSync } from 'node:child_process';
import test from 'ava';
import type { Case } from './suite/case.ts';
import { complaintsOf } from './suite/complaints.ts';
import { CASES } from './suite/cases/index.ts';
import { Stand } from './suite/stand.ts';

/** From this version on a Chromium with the flag that is recommended does what an action asks for; those before have to expose everything. */
const ACTS_SINCE = 156;
const version = Number(/\d+/.exec(String(spawnSync('chromium', ['--version']).stdout))?.[0]);

let stand: Stand;
let exposing: Promise<Stand> | undefined;

test.before(async () => {
  stand = await Stand.start();
});
test.after.always(() => stand?.end());
test.after.always(async () => (await exposing)?.end());

const standFor = async (cases: readonly Case[]): Promise<Stand> =>
  cases === CASES['ownLists'] && version < ACTS_SINCE ? (exposing ??= Stand.start('chromium', 1, 'complete')) : stand;

for (const [group, cases] of Object.entries(CASES)) {
  for (const each of cases) {
    const [title, , focus, expected, more] = each;
    test.serial(`${group}: ${title}`, async (t) => {
      const itsStand = await standFor(cases);
      await itsStand.open(each);
      t.deepEqual(complaintsOf(await itsStand.tap(more, focus), expected), []);
    });
  }
}
