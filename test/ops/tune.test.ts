// Tuning: which combinations are tried, what was meant by what people did next, and the whole command over real files.
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Decision } from '../../contracts/recording.ts';
import { Mistyped } from '../../ops/replay/numbers.ts';
import { labelsFromBehaviour } from '../../ops/tune/behaviour.ts';
import { pageOf } from '../../ops/tune/picture.ts';
import { gridOf, sweptBy } from '../../ops/tune/sweep.ts';
import { isOnFront, tableOf, type Tuned } from '../../ops/tune/told.ts';
import { typed as typedIn, type Ended } from './typed.ts';

const dir = await mkdtemp(join(tmpdir(), 'tapline-tune-'));
test.after.always(() => rm(dir, { recursive: true, force: true }));

const SWEEPS: readonly (readonly [string, string, readonly number[]])[] = [
  ['debounce.bounceMs=200..2000/200', 'budget.bounceMs', [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]],
  ['budget.pairMs=0..250/100', 'budget.pairMs', [0, 100, 200]],
  ['tap.rssiTapThresholdDbm=-46..-42/2', 'tap.rssiTapThresholdDbm', [-46, -44, -42]],
  ['budget.bounceMs=500,1000', 'budget.bounceMs', [500, 1000]],
];
for (const [word, name, values] of SWEEPS) test(`--sweep ${word}`, (t) => t.deepEqual(sweptBy([word]), [{ name, values }]));

test('two sweeps are every combination', (t) => {
  const grid = gridOf(sweptBy(['budget.bounceMs=500,1000', 'tap.rssiTapThresholdDbm=-45,-42']));
  t.deepEqual(grid.map(({ values }) => values), [[500, -45], [500, -42], [1000, -45], [1000, -42]]);
  t.deepEqual(grid[1]!.changes, { budget: { bounceMs: 500 }, rssi: { tapThresholdDbm: -42 } });
});

for (const word of ['bounceMs', 'budget.bounce=1,2', 'budget.bounceMs=', 'budget.bounceMs=1..', 'budget.bounceMs=1..9/0', 'budget.bounceMs=9..1/1', 'budget.bounceMs=0..10000/1', 'budget.bounceMs=1,x', 'budget.bounceMs=99999']) {
  test(`--sweep ${word} is refused in a sentence`, (t) => {
    t.throws(() => gridOf(sweptBy([word])), { instanceOf: Mistyped });
  });
}
test('a name is swept once', (t) => void t.throws(() => sweptBy(['budget.bounceMs=1,2', 'debounce.bounceMs=3,4']), { instanceOf: Mistyped }));

const S = 1_000_000;
const at = (us: number, decision: Decision['decision'], tap: string, more: Partial<Decision> = {}): Decision =>
  ({ topic: 'decision', us, decision, tap, band: 'A', via: 'nfc', why: null, outcome: null, stages: null, ...more });
const filled = (us: number, tap: string): Decision => at(us, 'ended', tap, { outcome: 'filled', why: 'ok' });
const BEHAVIOUR: readonly (readonly [string, readonly Decision[], readonly boolean[]])[] = [
  ['a form was filled', [at(S, 'accepted', 'a'), filled(1.3 * S, 'a')], [true]],
  ['a bounce of a tap that was filled', [at(S, 'accepted', 'a'), at(1.1 * S, 'dropped', 'b'), filled(1.3 * S, 'a'), at(4 * S, 'accepted', 'c'), filled(4.3 * S, 'c')], [true, false, true]],
  ['a drop, and again within five seconds', [at(S, 'dropped', 'a'), at(4 * S, 'accepted', 'b'), filled(4.3 * S, 'b')], [true, true]],
  ['a drop, and again much later', [at(S, 'dropped', 'a'), at(7 * S, 'accepted', 'b'), filled(7.3 * S, 'b')], [false, true]],
  ['reads of one hand are no second try', [at(S, 'dropped', 'a'), at(1.2 * S, 'dropped', 'b'), at(1.4 * S, 'dropped', 'c')], [false, false, false]],
  ['another band is not the same person', [at(S, 'dropped', 'a'), at(3 * S, 'accepted', 'b', { band: 'B' }), filled(3.3 * S, 'b')], [false, true]],
  ['an accepted tap that came to nothing, and nobody cared', [at(S, 'accepted', 'a'), at(1.1 * S, 'ended', 'a', { outcome: 'refused' })], [false]],
];
for (const [title, decisions, meant] of BEHAVIOUR) {
  test(`what people did next: ${title}`, (t) => t.deepEqual(labelsFromBehaviour(decisions).map((label) => label.meant), meant));
}

const tuned = (value: number, meantLost: number, spuriousAccepted: number, isRecorded = false): Tuned =>
  ({ values: [value], isRecorded, counts: { meant: 10, meantLost, spurious: 20, spuriousAccepted, acceptedWhy: {}, lostWhy: {} } });
const ALL = [tuned(200, 0, 9), tuned(400, 0, 3), tuned(600, 1, 3, true), tuned(800, 2, 0)];
const SWEPT = [{ name: 'budget.bounceMs', values: [200, 400, 600, 800] }];

test('those that no other beats are marked, in the table and in the picture', (t) => {
  t.deepEqual(ALL.map((one) => isOnFront(one, ALL)), [false, true, false, true]);
  t.deepEqual(tableOf(SWEPT, ALL), [
    'budget.bounceMs  meant taps lost  spurious let through',
    '            200          0 of 10               9 of 20',
    '            400          0 of 10               3 of 20  no other is better in both',
    '            600          1 of 10               3 of 20  as recorded',
    '            800          2 of 10               0 of 20  no other is better in both',
  ]);
  const page = pageOf({ swept: SWEPT, all: ALL, files: ['<b>.mcap'], labels: 'told' });
  t.is(page.match(/class="point front"/g)?.length, 2);
  t.is(page.match(/class="point"/g)?.length, 2);
  t.is(page.match(/class="recorded"/g)?.length, 1);
  t.false(page.includes('<b>'), 'a file name is text');
  t.false(/https?:|<script|NaN/.test(page), 'nothing from elsewhere');
});

const typed = (...words: string[]): Promise<Ended> => typedIn({ TAPLINE_HOME: dir }, ...words);

interface Row {
  readonly settings: Readonly<Record<string, number>>;
  readonly recorded: boolean;
  readonly meantLost: number;
  readonly spuriousAccepted: number;
}

test.serial('as one types it: labels from the sidecar, a picture, and the same again', async (t) => {
  const files = [join(dir, 'one.mcap'), join(dir, 'two.mcap')];
  for (const [n, file] of files.entries()) t.is((await typed('generate', '--seed', String(n), '--kind', 'hurried', '--minutes', '8', '--out', file)).code, 0);
  const html = join(dir, 'tuned.html');
  const words = ['tune', ...files, '--sweep', 'debounce.bounceMs=0..1500/250'];
  const { code, stdout, stderr } = await typed(...words, '--json');
  t.is(code, 0, stderr);
  const { labels, tuned: rows } = JSON.parse(stdout) as { labels: string; tuned: Row[] };
  t.regex(labels, /labels beside/);
  t.deepEqual(rows.map(({ settings }) => settings['budget.bounceMs']), [0, 250, 500, 750, 1000, 1250, 1500]);
  t.deepEqual(rows.filter(({ recorded }) => recorded).map(({ settings }) => settings['budget.bounceMs']), [1000]);
  t.true(rows[0]!.spuriousAccepted > rows[4]!.spuriousAccepted, 'without a window bounces get through');
  t.is(rows[4]!.meantLost, 0);
  const shown = await typed(...words, '--html', html);
  t.is(shown.code, 0);
  t.regex(shown.stdout, /1000 .* as recorded/);
  t.regex(await readFile(html, 'utf8'), /<svg /);
  t.is((await typed(...words, '--html', html)).code, 1, 'nothing is written over');
});

test.serial('as one types it: by what people did next, of a damaged file, and mistakes', async (t) => {
  const file = join(dir, 'three.mcap');
  t.is((await typed('generate', '--kind', 'two-people', '--minutes', '8', '--out', file)).code, 0);
  const behaviour = await typed('tune', file, '--sweep', 'budget.bounceMs=500,1000', '--labels', 'behaviour');
  t.is(behaviour.code, 0, behaviour.stderr);
  t.regex(behaviour.stdout, /what people did next/);
  await truncate(file, 100_000);
  const damaged = await typed('tune', file, '--sweep', 'budget.bounceMs=500,1000');
  t.is(damaged.code, 0);
  t.regex(damaged.stderr, /breaks off/);
  await writeFile(`${file}.labels.jsonl`, '{"t0Us":1}\n');
  for (const [words, code, sentence] of [
    [[file, '--sweep', 'budget.bounceMs=500,1000'], 1, /Line 1 of .* is no label/],
    [[join(dir, 'no.mcap'), '--sweep', 'budget.bounceMs=500,1000'], 1, /does not exist/],
    [[file, '--sweep', 'budget.bounceMs=x'], 2, /neither/],
    [[file], 2, /required option/],
  ] as const) {
    const ended = await typed('tune', ...words);
    t.is(ended.code, code, ended.stderr);
    t.regex(ended.stderr, sentence);
    t.notRegex(ended.stderr, /\n\s+at /);
  }
});
