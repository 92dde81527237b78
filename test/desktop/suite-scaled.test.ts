// What a person can see, on a screen of many pixels: browsers tell of places in pixels, in units of the page, or in those of GTK.
import test from 'ava';
import { complaintsOf } from './suite/complaints.ts';
import { unseen } from './suite/cases/decoys.ts';
import { Stand } from './suite/stand.ts';
import { OTHERWISE } from './suite/firefox.ts';

const SCALE = 2;

for (const browser of ['chromium', 'firefox'] as const) {
  let starting: Promise<Stand> | undefined;
  test.after.always(async () => (await starting)?.end());

  for (const each of unseen) {
    const [title, , focus, expected, more] = each;
    if (browser === 'firefox' && title in OTHERWISE) continue;
    test.serial(`${browser} with ${SCALE} pixels to a unit: ${title}`, async (t) => {
      const stand = await (starting ??= Stand.start(browser, SCALE));
      await stand.open(each);
      t.deepEqual(complaintsOf(await stand.tap(more, focus), expected), []);
    });
  }
}
