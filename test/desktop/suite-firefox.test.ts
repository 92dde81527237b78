// The pages of the suite in Firefox, but for what it tells otherwise than Chromium.
import test from 'ava';
import type { IncludedEntry } from '../../config/applications.ts';
import type { More } from './suite/case.ts';
import { complaintsOf } from './suite/complaints.ts';
import { CASES } from './suite/cases/index.ts';
import { OTHERWISE } from './suite/firefox.ts';
import { Stand } from './suite/stand.ts';

/** Rules that name Chromium name Firefox here. */
function forFirefox(more: More = {}): More {
  const { rules } = more;
  if (rules === undefined) return more;
  const named = ({ processName, ...entry }: IncludedEntry): IncludedEntry => ({ ...entry, processName: processName === 'chromium' ? 'firefox-esr' : processName });
  return { ...more, rules: (site) => ({ ...rules(site), included: rules(site).included.map(named) }) };
}

let stand: Stand;

test.before(async () => {
  stand = await Stand.start('firefox');
});
test.after.always(() => stand?.end());

for (const [group, cases] of Object.entries(CASES)) {
  for (const each of cases) {
    const [title, , focus, expected, more] = each;
    if (title in OTHERWISE) continue;
    test.serial(`Firefox, ${group}: ${title}`, async (t) => {
      await stand.open(each);
      t.deepEqual(complaintsOf(await stand.tap(forFirefox(more), focus), expected), []);
    });
  }
}

test('each exception is of a case that there is', (t) => {
  const titles = Object.values(CASES).flatMap((cases) => cases.map(([title]) => title));
  t.deepEqual(Object.keys(OTHERWISE).filter((title) => !titles.includes(title)), []);
});
