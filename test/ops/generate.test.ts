// Streams of people: pure and whole, judged as live, and what the default settings make of seeds that they were not chosen on.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Entry, Header, type Decision } from '../../contracts/recording.ts';
import { decisionLine } from '../../insight/decisions.ts';
import { replayer } from '../../insight/replay.ts';
import type { Doubt } from '../../insight/fold.ts';
import { HABITS, KINDS, type Kind } from '../../ops/generate/habits.ts';
import { judged, summed, type Counts } from '../../ops/generate/judgement.ts';
import { readLabels, WHYS, type Label } from '../../ops/generate/labels.ts';
import { defaultSettings, generated, headerOf, type Stream } from '../../ops/generate/recording.ts';
import { typed as typedIn, type Ended } from './typed.ts';

const dir = await mkdtemp(join(tmpdir(), 'tapline-generate-'));
test.after.always(() => rm(dir, { recursive: true, force: true }));

/** The habits and settings were looked at on seeds below 1,000. */
const HELD_OUT = [1_001, 1_002, 1_003];

function whole(stream: Stream): { readonly entries: readonly Entry[]; readonly labels: readonly Label[]; readonly decisions: readonly Decision[] } {
  const parts = [...generated(stream)];
  const entries = parts.flatMap((part) => part.entries);
  return { entries, labels: parts.flatMap((part) => part.labels), decisions: entries.filter((entry) => entry.topic === 'decision') };
}

for (const kind of KINDS) {
  test(`${kind}: the same seed gives the same stream, another one another, of sound entries in the order of time`, (t) => {
    const { entries, labels } = whole({ seed: 5, kind, minutes: 10 });
    t.deepEqual(whole({ seed: 5, kind, minutes: 10 }), { entries, labels, decisions: entries.filter((entry) => entry.topic === 'decision') });
    t.notDeepEqual(whole({ seed: 6, kind, minutes: 10 }).labels, labels);
    t.true(entries.every((entry, at) => entry.us >= (entries[at - 1]?.us ?? 0)));
    for (const entry of entries) t.deepEqual(Entry.parse(entry), entry);
    t.true(labels.some(({ meant }) => meant) && labels.some(({ meant }) => !meant));
    t.true(labels.every(({ meant, why, t0Us, untilUs }) => meant === (why === null) && t0Us < untilUs));
  });

  test(`${kind}: a replay by the recorded numbers decides the same, with and without the recorded timers`, (t) => {
    const stream = { seed: 8, kind, minutes: 20 };
    const { entries, decisions } = whole(stream);
    for (const changes of [null, {}]) {
      const doubts: Doubt[] = [];
      const { take, end } = replayer(headerOf(stream), changes, (doubt) => doubts.push(doubt));
      t.deepEqual([...entries.flatMap(take), ...end()].map(decisionLine), decisions.map(decisionLine));
      t.deepEqual(doubts, []);
    }
  });
}

test('on seeds that nothing was chosen on: no meant tap is lost where gestures do not overlap, and hardly one spurious tap gets through', (t) => {
  const of = (kind: Kind): Counts => summed(HELD_OUT.map((seed) => {
    const { labels, decisions } = whole({ seed, kind, minutes: 60 });
    return judged(labels, decisions);
  }));
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as Record<Kind, Counts>;
  t.log(KINDS.map((kind) => `${kind}: lost ${counts[kind].meantLost} of ${counts[kind].meant}, let through ${counts[kind].spuriousAccepted} of ${counts[kind].spurious}`).join('\n'));
  for (const kind of ['normal', 'hurried'] as const) {
    t.is(counts[kind].meantLost, 0, kind);
    t.true(counts[kind].meant > 100);
  }
  const all = summed(Object.values(counts));
  t.true(all.spuriousAccepted / all.spurious <= 0.001, JSON.stringify(all));
});

test('a storm is told a few times, and ends by itself', (t) => {
  const { entries, decisions } = whole({ seed: 1_004, kind: 'storm', minutes: 60 });
  const storms = decisions.filter(({ decision }) => decision === 'storm-warned').length;
  const drops = decisions.filter(({ decision }) => decision === 'dropped').length;
  t.true(storms > 0 && storms * 20 < drops, `${storms} warnings, ${drops} drops`);
  t.true(entries.length > 0);
});

test('the truth has a label for each reason, and each trouble is at least in one kind', (t) => {
  const seen = new Set(KINDS.flatMap((kind) => whole({ seed: 2, kind, minutes: 120 }).labels.flatMap(({ why }) => why ?? [])));
  t.deepEqual(WHYS.filter((why) => !seen.has(why)), []);
  for (const habit of Object.keys(HABITS.normal) as (keyof (typeof HABITS)['normal'])[]) t.true(KINDS.some((kind) => Boolean(HABITS[kind][habit])), habit);
});

const label = (t0Us: number, untilUs: number, why: Label['why'] = null): Label => ({ t0Us, untilUs, band: 'A', via: 'nfc', meant: why === null, why });
const decided = (decision: Decision['decision'], us: number, tap: string, why: string | null = null): Decision =>
  ({ topic: 'decision', us, decision, tap, band: 'A', via: 'nfc', why, outcome: null, stages: null });
const S = 1_000_000;
const CANCELLED = 'cancelled:two-bands';
const BOUNCE = label(3 * S, 3 * S + 1, 'bounce');
const judgements: readonly (readonly [string, readonly Label[], readonly Decision[], Partial<Counts>])[] = [
  ['a meant tap that counted', [label(S, 2 * S)], [decided('accepted', S, 'a')], { meant: 1, meantLost: 0, spuriousAccepted: 0 }],
  ['a meant tap that was dropped', [label(S, 2 * S)], [decided('dropped', S, 'a', 'busy')], { meantLost: 1, lostWhy: { busy: 1 } }],
  ['a meant tap that nobody saw', [label(S, 2 * S)], [], { meantLost: 1, lostWhy: { unseen: 1 } }],
  ['a meant tap that was cancelled', [label(S, 2 * S)], [decided('accepted', S, 'a'), decided('ended', S + 9, 'a', CANCELLED)], { meantLost: 1, lostWhy: { [CANCELLED]: 1 } }],
  ['a bounce that counted', [label(S, 2 * S), BOUNCE], [decided('accepted', S, 'a'), decided('accepted', 3 * S, 'b')], { meantLost: 0, spurious: 1, acceptedWhy: { bounce: 1 } }],
  ['a gesture that counted twice', [label(S, 2 * S)], [decided('accepted', S, 'a'), decided('accepted', S + 500, 'b')], { meantLost: 0, spuriousAccepted: 1, acceptedWhy: { again: 1 } }],
  ['a tap of nobody', [], [decided('accepted', S, 'a')], { spuriousAccepted: 1, acceptedWhy: { unlabelled: 1 } }],
];
for (const [title, labels, decisions, expected] of judgements) test(`judgement of ${title}`, (t) => t.like(judged(labels, decisions), expected));

const typed = (...words: string[]): Promise<Ended> => typedIn({ TAPLINE_HOME: dir }, 'generate', ...words);

test('as one types it: recording and labels, byte for byte the same again, and never over what is there', async (t) => {
  const [one, two] = [join(dir, 'one.mcap'), join(dir, 'two.mcap')];
  const words = ['--seed', '3', '--kind', 'two-people', '--minutes', '5'];
  const { code, stdout } = await typed(...words, '--out', one, '--json');
  t.is(code, 0);
  const said = JSON.parse(stdout) as { entries: number; meant: number; spurious: number };
  t.is((await typed(...words, '--out', two)).code, 0);
  for (const end of ['', '.labels.jsonl']) t.deepEqual(await readFile(two + end), await readFile(one + end));
  t.is((await readLabels(`${one}.labels.jsonl`) as readonly Label[]).length, said.meant + said.spurious);
  t.notThrows(() => Header.parse(headerOf({ seed: 3, kind: 'two-people', minutes: 5 })));
  const again = await typed(...words, '--out', one);
  t.is(again.code, 1);
  t.regex(again.stderr, /exists already/);
  t.like(await typed('--kind', 'normal', '--minutes', '0', '--out', join(dir, 'no.mcap')), { code: 2, stdout: '' });
  t.like(await typed('--kind', 'normal', '--minutes', '1', '--out', join(dir, 'no', 'such', 'folder.mcap')), { code: 1, stdout: '' });
  t.false(existsSync(join(dir, 'no.mcap')));
});

test('settings of the generator are the defaults', (t) => {
  t.like(defaultSettings(), { budget: { bounceMs: 1_000, pairMs: 400 }, rssi: { windowReadings: 10, tapThresholdDbm: -42 } });
});
