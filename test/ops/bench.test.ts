// The benches in small, and the arithmetic of those that need a desktop: that they measure what they say, not how fast this machine is.
import test from 'ava';
import { fillOf } from '../../ops/bench/fill.ts';
import { benchJudgement } from '../../ops/bench/judgement.ts';
import { benchListener } from '../../ops/bench/listener.ts';
import { benchReplay } from '../../ops/bench/replay.ts';
import { KINDS } from '../../ops/generate/habits.ts';

test.serial('replay: a whole stream is judged again, beside merely reading it', async (t) => {
  const said: string[] = [];
  const { eventsPerSecond, ratioToRead, peakMB, rawEvents } = await benchReplay((text) => said.push(text), 3_000);
  t.is(rawEvents, 3_000);
  t.true(eventsPerSecond > 1_000 && ratioToRead > 0 && peakMB > 10);
  t.is(said.length, 4);
});

test.serial('listener: each tap is accepted, and its time is that of one process', async (t) => {
  const { msP50, msP99, taps } = await benchListener(() => {}, 50, 0);
  t.is(taps, 50);
  t.true(msP50 > 0 && msP50 <= msP99 && msP99 < 1_000);
});

test.serial('judgement: each kind has its figures', async (t) => {
  const figures = await benchJudgement(() => {}, 10);
  t.deepEqual(Object.keys(figures), [...KINDS]);
  for (const { meant, meantLost, spurious, spuriousAccepted, events } of Object.values(figures)) {
    t.true(events > 1_000 && meant > 0 && spurious > 0 && meantLost <= meant && spuriousAccepted <= spurious);
  }
});

test('fill: a time counts from commit to end, where the fill was told and the form holds it', (t) => {
  const end = (endedUs: number, outcome: string, reason: string) => ({ committedUs: 100_000, endedUs, outcome, reason });
  const ends = [end(130_000, 'filled', 'ok'), end(150_500, 'filled', 'ok'), end(170_000, 'filled', 'ok'), end(180_000, 'failed', 'focus-lost'), null];
  const made = ends.map((_, index) => ({ fromUs: index, toUs: index, holds: index !== 2 }));
  t.deepEqual(fillOf(made, ({ fromUs }) => ends[fromUs]!), {
    msP50: 50.5, msP95: 50.5, taps: 5, filled: 2, notFilled: { 'wrong': 1, 'focus-lost': 1, 'not-committed': 1 },
  });
});
