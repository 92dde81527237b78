// What a person can see, on a screen of many pixels: Chromium tells of places in pixels and in units of the page.
import test from 'ava';
import { complaintsOf } from './suite/complaints.ts';
import { unseen } from './suite/cases/decoys.ts';
import { Stand } from './suite/stand.ts';

const SCALE = 2;
let stand: Stand;

test.before(async () => {
  stand = await Stand.start('chromium', SCALE);
});
test.after.always(() => stand?.end());

for (const each of unseen) {
  const [title, , focus, expected, more] = each;
  test.serial(`with ${SCALE} pixels to a unit: ${title}`, async (t) => {
    await stand.open(each);
    t.deepEqual(complaintsOf(await stand.tap(more, focus), expected), []);
  });
}
