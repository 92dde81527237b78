// What a program tells of its text cursor, and for how long it is believed to tell.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Caret } from '../../platform/linux/caret.ts';

test('the next place that is told counts, not what was told before the key', async (t) => {
  const caret = new Caret(true);
  caret.hear(3);
  const reached = caret.reaches(3, () => undefined);
  caret.hear(3);
  t.is(await reached, 3);
  t.is(await caret.reaches(3, () => undefined), null);
});

test('another place than the one that is due is no answer: the field is asked', async (t) => {
  const caret = new Caret(true);
  const reached = caret.reaches(3, () => undefined);
  caret.hear(2);
  t.is(await reached, null);
});

test('a program that tells nothing is nudged, then asked, and not waited for again until it tells', async (t) => {
  let nudged = 0;
  const caret = new Caret(true);
  t.is(await caret.reaches(1, () => void nudged++), null);
  t.true(nudged > 1);
  nudged = 0;
  t.is(await caret.reaches(2, () => void nudged++), null);
  t.is(nudged, 0);
  caret.hear(2);
  const reached = caret.reaches(3, () => void nudged++);
  await sleep(0);
  caret.hear(3);
  t.is(await reached, 3);
});

test('nobody waits for a program that was not asked to tell', async (t) => {
  let nudged = 0;
  t.is(await new Caret(false).reaches(1, () => void nudged++), null);
  t.is(nudged, 0);
});
