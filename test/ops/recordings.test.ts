// recover, export and import as one types them: real processes, private folders.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { RECORDING_VERSION, type Entry, type Header } from '../../contracts/recording.ts';
import { RecordingWriter } from '../../runtime/recording.ts';
import { CLI, typed as typedIn, type Ended } from './typed.ts';

const dir = await mkdtemp(join(tmpdir(), 'tapline-recordings-'));
test.after.always(() => rm(dir, { recursive: true, force: true }));

const HEADER: Header = {
  version: RECORDING_VERSION, product: '0.1.0', startedWallMs: 1_700_000_000_000, startedUs: 1_000,
  settings: { budget: { ambiguityMs: 100 }, tap: {} }, settingsHash: 'ab'.repeat(32), source: 'recorder',
};
const ENTRIES: readonly Entry[] = Array.from({ length: 40 }, (_, index) => ({
  topic: 'input', us: 1_000 + index, event: { event: 'tapped', tap: `tap-${index}`, band: '04A1B2C3D4E5F6', via: 'nfc', atUs: 1_000 + index },
}));
const HEADER_LINE = `{"product":"0.1.0","settings":{"budget":{"ambiguityMs":100},"tap":{}},"settingsHash":"${'ab'.repeat(32)}","source":"recorder","startedUs":1000,"startedWallMs":1700000000000,"topic":"header","version":1}`;
const LAST_LINE = '{"event":{"atUs":1039,"band":"04A1B2C3D4E5F6","event":"tapped","tap":"tap-39","via":"nfc"},"topic":"input","us":1039}';

async function written(name: string): Promise<string> {
  const file = join(dir, name);
  const writer = await RecordingWriter.create(file, HEADER, { chunkBytes: 512 });
  for (const entry of ENTRIES) void writer.append(entry);
  await writer.close();
  return file;
}

const typed = (...words: string[]): Promise<Ended> => typedIn({ TAPLINE_HOME: dir }, ...words);

test('export gives the header and an entry a line, keys in order, and import makes the same recording of them', async (t) => {
  const file = await written('whole.mcap');
  const { code, stdout } = await typed('export', file);
  t.is(code, 0);
  const lines = stdout.trimEnd().split('\n');
  t.is(lines.length, 41);
  t.is(lines[0], HEADER_LINE);
  t.is(lines[40], LAST_LINE);
  const [text, again, second] = [join(dir, 'whole.jsonl'), join(dir, 'again.mcap'), join(dir, 'again.jsonl')];
  t.like(await typed('export', file, '--out', text), { code: 0, stdout: `${text} holds 40 entries of ${file}.\n` });
  t.like(await typed('import', text, '--out', again, '--json'), { code: 0, stdout: `${JSON.stringify({ imported: true, out: again, entries: 40 })}\n` });
  t.like(await typed('export', again, '--out', second), { code: 0 });
  t.is(await readFile(second, 'utf8'), stdout);
});

test('recover makes a whole file of what precedes the damage, and says what was lost', async (t) => {
  const file = await written('to-cut.mcap');
  const bytes = await readFile(file);
  const middle = bytes.indexOf('tap-20');
  await writeFile(file, bytes.subarray(0, middle));
  const cut = await typed('export', file);
  t.is(cut.code, 1);
  t.regex(cut.stderr, /^error: \S+ breaks off after \d+ entries; what precedes is whole\.\n$/);
  const out = join(dir, 'recovered.mcap');
  const { code, stdout } = await typed('recover', file, '--out', out, '--json');
  t.is(code, 0);
  const told = JSON.parse(stdout) as { entries: number; lostBytes: number };
  t.like(told, { recovered: true, out });
  t.true(told.entries > 10 && told.entries <= 20, stdout);
  t.true(told.lostBytes > 0 && told.lostBytes < 1024, stdout);
  const whole = await typed('export', out);
  t.is(whole.code, 0);
  t.is(whole.stdout, cut.stdout);
  t.regex((await typed('recover', out, '--out', `${out}.2`)).stdout, /Nothing was lost/);
});

test('nothing is overwritten, and nothing strange is taken for a recording', async (t) => {
  const file = await written('there.mcap');
  const before = await readFile(file);
  t.like(await typed('recover', file, '--out', file), { code: 1, stdout: '' });
  t.regex((await typed('export', file, '--out', file)).stderr, /there\.mcap exists already/);
  t.deepEqual(await readFile(file), before);
  const { code, stdout, stderr } = await typed('recover', CLI, '--out', join(dir, 'none.mcap'), '--json');
  t.is(code, 1);
  t.deepEqual(JSON.parse(stdout), { recovered: false, sentence: `${CLI} is not a recording of Tapline.` });
  t.regex(stderr, /^error: .*not a recording.*\n.*\n$/);
  t.false(existsSync(join(dir, 'none.mcap')));
  t.is((await typed('export', file, '--json')).code, 2);
  t.regex((await typed('recover', '--out', 'x')).stderr, /missing required argument 'file'/);
});

const WRONG: readonly { readonly name: string; readonly lines: readonly string[]; readonly says: RegExp }[] = [
  { name: 'no line at all', lines: [], says: /:1: the line is empty\./ },
  { name: 'no header', lines: [LAST_LINE], says: /:1: the first line is no header/ },
  { name: 'a header that lacks something', lines: [HEADER_LINE.replace('"source":"recorder",', '')], says: /:1: `source` is not as it must be/ },
  { name: 'a newer version', lines: [HEADER_LINE.replace('"version":1', '"version":2')], says: /:1: it is of version 2; this Tapline reads up to 1\./ },
  { name: 'no JSON', lines: [HEADER_LINE, LAST_LINE, '{"topic":'], says: /:3: the line is no JSON\./ },
  { name: 'an empty line', lines: [HEADER_LINE, '', LAST_LINE], says: /:2: the line is empty\./ },
  { name: 'a field of the wrong kind', lines: [HEADER_LINE, LAST_LINE.replace('"us":1039', '"us":"now"')], says: /:2: `us` is not as it must be/ },
  { name: 'a field below', lines: [HEADER_LINE, LAST_LINE.replace('"nfc"', '"wire"')], says: /:2: `event\.via` is not as it must be/ },
  { name: 'a field that nobody knows', lines: [HEADER_LINE, LAST_LINE.replace('{"event"', '{"password":"hunter2","event"')], says: /:2: the entry is not as it must be \(Unrecognized key: "password"\)/ },
];
for (const { name, lines, says } of WRONG) {
  test(`import tells line and field of ${name}, and writes nothing`, async (t) => {
    const [file, out] = [join(dir, `${name}.jsonl`), join(dir, `${name}.mcap`)];
    await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    const { code, stdout, stderr } = await typed('import', file, '--out', out);
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, says);
    t.notRegex(stderr, /hunter2|^ +at /m);
    t.false(existsSync(out));
  });
}

test('a gigantic line is refused, and so is a file that is not there', async (t) => {
  const file = join(dir, 'gigantic.jsonl');
  await writeFile(file, `${HEADER_LINE}\n${' '.repeat(3_000_000)}`);
  t.regex((await typed('import', file, '--out', join(dir, 'gigantic.mcap'))).stderr, /:2: the line is longer than 1048576 bytes\./);
  t.regex((await typed('import', join(dir, 'nowhere'), '--out', join(dir, 'nowhere.mcap'))).stderr, /nowhere does not exist\./);
});
