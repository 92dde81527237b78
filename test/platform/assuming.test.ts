// What was found last is used while it is looked for anew, and counts only where the same is found again.
import test from 'ava';
import { Assuming } from '../../platform/linux/assuming.ts';

/** Looks for what `found` says, and notes in which order is looked and used. */
function noting(): { readonly steps: string[]; found: string; readonly of: (key?: string) => Promise<string> } {
  const assuming = new Assuming<string>((a, b) => a === b);
  const noted = {
    steps: [] as string[],
    found: 'window',
    of: (key = 'key'): Promise<string> => assuming.use(key, async () => (noted.steps.push('find'), noted.found), async (found) => {
      noted.steps.push(found);
      if (found === 'gone') throw new Error('gone');
      return `field of ${found}`;
    }),
  };
  return noted;
}

test('the first time it is found, then used', async (t) => {
  const noted = noting();
  t.is(await noted.of(), 'field of window');
  t.deepEqual(noted.steps, ['find', 'window']);
});

test('later both are asked at once, and nothing twice', async (t) => {
  const noted = noting();
  await noted.of();
  noted.steps.length = 0;
  const again = noted.of();
  t.deepEqual(noted.steps, ['find', 'window']);
  t.is(await again, 'field of window');
  t.deepEqual(noted.steps, ['find', 'window']);
});

test('what is found otherwise is used in its place, and what was found under another key is not', async (t) => {
  const noted = noting();
  await noted.of();
  noted.found = 'dialog';
  t.is(await noted.of(), 'field of dialog');
  noted.steps.length = 0;
  t.is(await noted.of('other'), 'field of dialog');
  t.deepEqual(noted.steps, ['find', 'dialog']);
});

test('what was found last may be gone without harm; what is found now and is gone is told', async (t) => {
  const noted = noting();
  noted.found = 'gone';
  await t.throwsAsync(noted.of(), { message: 'gone' });
  noted.found = 'window';
  t.is(await noted.of(), 'field of window');
  noted.found = 'gone';
  await t.throwsAsync(noted.of(), { message: 'gone' });
});
