// replay and explain as one types them: real processes, recordings in private folders.
import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, stat, writeFile, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { decisionLine } from '../../insight/decisions.ts';
import { RecordingWriter } from '../../runtime/recording.ts';
import { BANDS, recorded, type Happening, type Recorded } from '../insight/live.ts';
import { typed as typedIn, type Ended } from './typed.ts';

const dir = await mkdtemp(join(tmpdir(), 'tapline-replay-'));
test.after.always(() => rm(dir, { recursive: true, force: true }));

const [ADA, GRACE] = BANDS;
const tap = (ms: number, band: string): Happening => ({ ms, what: 'raw', raw: { kind: 'nfc', uid: band, band } });
const LIVE = recorded({
  happenings: [tap(0, ADA), tap(700, ADA), { ms: 2_500, what: 'snapshot' }, tap(3_000, GRACE), tap(5_000, ADA), tap(5_040, GRACE)],
  manners: [{ refuses: false, resolvedMs: 9, begunMs: 20, endedMs: 50 }],
  lagsMs: [0.3],
});
const LINES = LIVE.decisions.map(decisionLine);

async function written(name: string, { header, entries }: Recorded = LIVE): Promise<string> {
  const file = join(dir, name);
  const writer = await RecordingWriter.create(file, header, { chunkBytes: 512 });
  for (const entry of entries) void writer.append(entry);
  await writer.close();
  return file;
}

const typed = (...words: string[]): Promise<Ended> => typedWith({}, ...words);
const typedWith = (env: Readonly<Record<string, string>>, ...words: string[]): Promise<Ended> => typedIn({ TAPLINE_HOME: dir, ...env }, ...words);
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

test('--json gives the decisions that were made, one a line, and nothing else, at each speed', async (t) => {
  const file = await written('whole.mcap');
  for (const speed of ['max', '20', '1']) t.deepEqual(await typed('replay', file, '--json', '--speed', speed), { code: 0, stdout: `${LINES.join('\n')}\n`, stderr: '' });
});

test('people read a line a decision, and how many there were of each kind', async (t) => {
  const { code, stdout } = await typed('replay', await written('people.mcap'));
  t.is(code, 0);
  t.regex(stdout, /^00:00:00\.000 {2}accepted {6}nfc {2}04A1B2C3D4E5F6 {2}t0\n/);
  t.regex(stdout, /\n00:00:00\.700 {2}dropped {7}nfc {2}04A1B2C3D4E5F6 {2}bounce {2}t1\n/);
  t.regex(stdout, /\n\naccepted {2}3\ndropped {3}2: bounce 1, two-bands 1\nended {5}3: filled 2, refused 1\n$/);
});

test('--from and --to cut out a part, from the snapshot before it on', async (t) => {
  const file = await written('part.mcap');
  const part = LIVE.decisions.filter(({ us }) => us >= 600_000 && us <= 3_050_000).map(decisionLine);
  t.true(part.length > 1 && part.length < LINES.length);
  t.deepEqual(linesOf((await typed('replay', file, '--json', '--from', '600', '--to', '00:00:03.05')).stdout), part);
  t.deepEqual(linesOf((await typed('replay', file, '--json', '--from', '2900')).stdout), LIVE.decisions.filter(({ us }) => us >= 2_900_000).map(decisionLine));
});

test('--against tells the first difference by its number, and exits with 1', async (t) => {
  const file = await written('against.mcap');
  const [same, other, longer] = [join(dir, 'same.jsonl'), join(dir, 'other.jsonl'), join(dir, 'longer.jsonl')];
  await writeFile(same, `${LINES.join('\n')}\n`);
  await writeFile(other, `${LINES.with(2, LINES[2]!.replace('ended', 'dropped')).join('\n')}\n`);
  await writeFile(longer, `${[...LINES, 'more'].join('\n')}\n`);
  t.deepEqual(await typed('replay', file, '--against', same), { code: 0, stdout: `the same ${LINES.length} decisions as ${same}\n`, stderr: '' });
  const { code, stdout } = await typed('replay', file, '--against', other);
  t.is(code, 1);
  t.deepEqual(linesOf(stdout), ['decision 3 differs', `expected  ${LINES[2]!.replace('ended', 'dropped')}`, `decided   ${LINES[2]}`]);
  const json = await typed('replay', file, '--against', longer, '--json');
  t.is(json.code, 1);
  t.deepEqual(JSON.parse(json.stdout), { same: false, index: LINES.length + 1, expected: 'more', decided: null });
  t.regex((await typed('replay', file, '--against', join(dir, 'none.jsonl'))).stderr, /none\.jsonl does not exist\./);
});

test('--set judges by other numbers, under both names, and refuses what it does not know or what cannot be', async (t) => {
  const file = await written('set.mcap');
  const { stdout } = await typed('replay', file, '--json', '--set', 'debounce.bounceMs=500');
  t.true(linesOf(stdout).some((line) => line.includes('"decision":"accepted","tap":"t1"') && line.endsWith('"assumed":true}')));
  t.is((await typed('replay', file, '--json', '--set', 'budget.bounceMs=500')).stdout, stdout);
  t.is((await typed('replay', file, '--json', '--set', 'budget.bounceMs=1000', 'tap.rssiTapThresholdDbm=-42')).stdout, `${LINES.join('\n')}\n`);
  for (const [word, sentence] of [
    ['budget.bouncMs=500', /did you mean "budget\.bounceMs"\?/], ['budget.bounceMs=-1', /must be at least 0/], ['budget.bounceMs=soon', /must be a number/],
    ['budget.bounceMs', /has no "="/],
  ] as const) {
    const { code, stderr } = await typed('replay', file, '--set', word);
    t.is(code, 2);
    t.regex(stderr, sentence);
  }
});

test('of a damaged file all that precedes is replayed, and stderr says so; of a foreign one nothing is', async (t) => {
  const file = await written('cut.mcap');
  await truncate(file, Math.floor((await stat(file)).size / 2));
  const { code, stdout, stderr } = await typed('replay', file, '--json');
  t.is(code, 0);
  t.deepEqual(linesOf(stdout), LINES.slice(0, linesOf(stdout).length));
  t.true(stdout !== '');
  t.regex(stderr, /^note: .*cut\.mcap breaks off after \d+ entries; what precedes is whole\.\n$/);
  for (const [name, bytes] of [['empty.mcap', ''], ['foreign.mcap', 'a text, and no recording']] as const) {
    await writeFile(join(dir, name), bytes);
    const refused = await typed('replay', join(dir, name));
    t.is(refused.code, 1);
    t.regex(refused.stderr, new RegExp(`^error: .*${name} is .*\\n`));
    t.notRegex(refused.stderr, /\n\s+at /);
  }
});

test('a recording that decided otherwise is told of', async (t) => {
  const entries = LIVE.entries.map((entry) => (entry.topic === 'decision' && entry.decision === 'dropped' ? { ...entry, why: 'busy' } : entry));
  const { stderr } = await typed('replay', await written('otherwise.mcap', { ...LIVE, entries }));
  t.regex(stderr, /^note: At 00:00:00\.700: It was decided otherwise: .*"why":"busy".*"why":"bounce".* And 1 more of its kind\.\n$/);
});

test('--html writes one page that loads nothing, with the gestures in it, beside what is printed', async (t) => {
  const out = join(dir, 'taps.html');
  const { code, stdout } = await typed('replay', await written('html.mcap'), '--html', out, '--set', 'budget.bounceMs=500', '--json');
  t.is(code, 0);
  t.true(linesOf(stdout).length > LINES.length);
  const page = await readFile(out, 'utf8');
  t.notRegex(page, /https?:|src=|<link|@import|url\(/);
  const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/.exec(page) ?? [];
  const picture = JSON.parse(json) as { taps: { tap: string; assumed: boolean }[]; drops: { why: string }[]; changed: string[] };
  t.deepEqual(picture.taps.map(({ tap: id, assumed }) => `${id} ${assumed}`), ['t0 false', 't1 true', 't2 false', 't3 false']);
  t.deepEqual(picture.drops.map(({ why }) => why), ['two-bands']);
  t.deepEqual(picture.changed, ['budget.bounceMs=500']);
  t.is((await typed('replay', await written('nowhere.mcap'), '--html', join(dir, 'no', 'folder.html'))).code, 1);
});

test('explain tells of a tap what was seen, by which number it was decided, and where the time went', async (t) => {
  const file = await written('explain.mcap');
  const bounce = await typed('explain', 't1', '--recording', file);
  t.is(bounce.code, 0);
  t.regex(bounce.stdout, /The reader saw the band 04A1B2C3D4E5F6\.\n.*0\.700 s after the recording began/);
  t.regex(bounce.stdout, /a bounce\. The same band had tapped 700 ms before; within 1,000 ms .*\(budget\.bounceMs\)/);
  const filled = await typed('explain', 't2', '--recording', file);
  t.regex(filled.stdout, /It was committed 100 ms after the gesture: .* within 100 ms \(budget\.ambiguityMs\)/);
  t.regex(filled.stdout, /The whole tap took 170 ms of 2,500 ms\./);
  t.regex(filled.stdout, /9 ms to find the window and its fields \(window-resolver\), over after 9 ms of 20 ms\./);
  const last = JSON.parse((await typed('explain', 'last', '--recording', file, '--json')).stdout) as { tap: string; decided: string[] };
  t.is(last.tap, 't4');
  t.regex(last.decided[0]!, /the band 04A1B2C3D4E5F6 had tapped 40 ms before; within 100 ms nobody can say which was meant \(budget\.ambiguityMs\)/);
  t.like(await typed('explain', 't99', '--recording', file), { code: 1, stdout: '' });
});

test('without a file explain reads the newest recording of the session, else its log, and says so', async (t) => {
  const home = join(dir, 'home');
  const session = join(home, 'session');
  await mkdir(join(session, 'logs', 'Profile'), { recursive: true });
  const config = join(home, 'config.json');
  await writeFile(config, JSON.stringify({ session: { directory: session } }));
  const asked = (): Promise<Ended> => typedWith({ TAPLINE_CONFIG: config }, 'explain', 'last');
  t.like(await asked(), { code: 1, stdout: '' });
  const line = { msg: 'tap.profile', tap: 'logged', outcome: 'failed', reason: 'deadline:resolve', via: 'nfc', stages: { accept: 0.4, total: 70.2 } };
  await writeFile(join(session, 'logs', 'Profile', 'tapline_20260101.log'), `${JSON.stringify(line)}\n{"broken`);
  const logged = await asked();
  t.regex(logged.stdout, /^Tap logged, from .*tapline_20260101\.log\n/);
  t.regex(logged.stdout, /as failed, deadline:resolve: The window was not resolved in time\. It had 20 ms \(budget\.resolveMs\)\./);
  t.regex(logged.stderr, /^note: Nothing was recorded/);
  await mkdir(join(session, 'recordings'));
  await copyFile(await written('session.mcap'), join(session, 'recordings', 'taps.mcap'));
  t.regex((await asked()).stdout, /^Tap t4, from .*taps\.mcap\n/);
  const later = new Date(Date.now() + 60_000);
  await utimes(join(session, 'logs', 'Profile', 'tapline_20260101.log'), later, later);
  t.regex((await asked()).stdout, /^Tap logged, from .*log\n/, 'taps since then stand in the log alone');
  t.regex((await typedWith({ TAPLINE_CONFIG: config }, 'explain', 't1')).stdout, /^Tap t1, from .*taps\.mcap\n/);
  t.regex((await typedWith({ TAPLINE_CONFIG: config }, 'explain', 'logged')).stdout, /^Tap logged, from .*log\n/);
});

test('--step wants a terminal, and a moment wants to be one', async (t) => {
  const file = await written('step.mcap');
  t.like(await typed('replay', file, '--step'), { code: 2, stdout: '', stderr: 'error: --step waits for a key after each decision, and here is no terminal to press one.\n' });
  for (const words of [['--from', 'noon'], ['--to', '-3'], ['--from', '5', '--to', '4'], ['--against', 'a', '--html', 'b']]) t.is((await typed('replay', file, ...words)).code, 2);
});
