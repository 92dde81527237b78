// Real pages in a real browser: each is looked at, resolved and filled as the product does it, while sniffers in every
// document and every other window take note of whatever arrives there.
import test from 'ava';
import { complaintsOf } from './suite/complaints.ts';
import { CASES } from './suite/cases/index.ts';
import { Stand } from './suite/stand.ts';

let stand: Stand;

test.before(async () => {
  stand = await Stand.start();
});
test.after.always(() => stand?.end());

for (const [group, cases] of Object.entries(CASES)) {
  for (const each of cases) {
    const [title, , focus, expected, more] = each;
    test.serial(`${group}: ${title}`, async (t) => {
      await stand.open(each);
      t.deepEqual(complaintsOf(await stand.tap(more, focus), expected), []);
    });
  }
}
