// The benches in small, and the arithmetic of those that need a desktop: that they measure what they say, not how fast this machine is.
import test from 'ava';
import { fillOf, LOGINS } from '../../ops/bench/fill.ts';
import { benchJudgement } from '../../ops/bench/judgement.ts';
import { benchListener } from '../../ops/bench/listener.ts';
import { nonAsciiTexts, rightOf } from '../../ops/bench/non-ascii.ts';
import { figuresOf, type Run } from '../../ops/bench/peers.ts';
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
  const end = (endedUs: number, outcome: string, reason: string) => ({ committedUs: 100_000, begunUs: 104_000, endedUs, outcome, reason });
  const ends = [end(130_000, 'filled', 'ok'), end(150_500, 'filled', 'ok'), end(170_000, 'filled', 'ok'), end(180_000, 'failed', 'focus-lost'), null];
  const made = ends.map((_, index) => ({ fromUs: index, toUs: index, holds: index !== 2 }));
  t.deepEqual(fillOf(made, ({ fromUs }) => ends[fromUs]!), {
    msP50: 50.5, msP95: 50.5, msToBeginP50: 4, taps: 5, filled: 2, notFilled: { 'wrong': 1, 'focus-lost': 1, 'not-committed': 1 },
  });
});

test('peers: the texts are of the seed, and no character of them is of ASCII', (t) => {
  const texts = nonAsciiTexts(7, 12, 20);
  t.deepEqual(texts, nonAsciiTexts(7, 12, 20));
  t.notDeepEqual(texts, nonAsciiTexts(8, 12, 20));
  for (const text of texts) t.regex(text, /^[^\0-\x9f]{20}$/u);
  t.is(new Set(texts).size, 12);
});

test('peers: a lost or a strange character costs itself alone', (t) => {
  const table = [['äöü', 'äöü', 3], ['äöü', 'äü', 2], ['äöü', 'xäöyü', 3], ['äöü', 'üöä', 1], ['äöü', '', 0], ['😀ж漢', '\ud83dж漢', 2], ['ääää', 'ää', 2]] as const;
  for (const [due, arrived, right] of table) t.is(rightOf(due, arrived), right, `${due} ${arrived}`);
});

test('peers: times are of runs that came out right, characters of the texts; who was not there has no figure', (t) => {
  const logins = [...LOGINS, { user: 'ada', password: 'äöüß' }, { user: 'ada', password: 'жзик' }];
  const run = (peer: Run['peer'], login: number, password: string, tookMs: number): Run => ({
    peer, login, seen: { user: logins[login]!.user, password, changedAtMs: 1000 + tookMs },
    typing: () => (password === '' ? 'untypable' : { orderedMs: 1000, verifiedMs: peer === 'ours' ? 1090 : null }),
  });
  const [first, second] = LOGINS.map(({ password }) => password) as [string, string];
  const figures = figuresOf([
    run('ours', 0, first, 60), run('ours', 1, second, 70), run('ours', 2, 'äöüß', 0), run('ours', 3, '', 0),
    run('xdotool', 0, first, 30), run('xdotool', 1, second.slice(1), 10), run('xdotool', 2, 'äüß', 0), run('xdotool', 3, 'жжж', 0),
  ], logins, () => null);
  t.deepEqual(figures, {
    ours: { ms: 70, msVerified: 90, runs: 2, runsRight: 2, rightOf1000: 500, textsRight: 1, textsEmpty: 1, texts: 2, notFilled: { untypable: 1 } },
    xdotool: { ms: 30, runs: 2, runsRight: 1, rightOf1000: 500, textsRight: 0, textsEmpty: 0, texts: 2 },
    keepassxc: null,
  });
});
