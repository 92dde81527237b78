// Recordings: what was written is read again, and of a file that is not whole all that precedes the damage.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McapStreamReader, McapWriter } from '@mcap/core';
import test, { type ExecutionContext } from 'ava';
import { Entry, RECORDING_VERSION, type Header } from '../../contracts/recording.ts';
import { isUnreadable, openRecording, RecordingWriter, type Recording, type Unreadable } from '../../runtime/recording.ts';

const dir = await mkdtemp(join(tmpdir(), 'tapline-recording-'));
test.after.always(() => rm(dir, { recursive: true, force: true }));

const HEADER: Header = {
  version: RECORDING_VERSION, product: '0.1.0', startedWallMs: 1_700_000_000_000, startedUs: 1_000,
  settings: { budget: { ambiguityMs: 100 }, tap: { rssiWindowTap: 10 } }, settingsHash: 'ab'.repeat(32), source: 'recorder',
};
/** A prime: over the whole file it falls on every part of a record. */
const STRIDE = 23;
const BAND = '04A1B2C3D4E5F6';

function entry(index: number): Entry {
  const us = 1_000 + index * 1_000;
  if (index % 10 === 0) return { topic: 'snapshot', us, listener: { open: null }, candidates: { rssi: {} } };
  if (index % 7 === 0) return { topic: 'input', us, event: { event: 'tapped', tap: `tap-${index}`, band: BAND, via: 'nfc', atUs: us } };
  return { topic: 'raw', us, raw: { kind: 'rssi', atUs: us, band: BAND, rssiDbm: -40 - (index % 9) } };
}
const entriesOf = (count: number): Entry[] => Array.from({ length: count }, (_, index) => entry(index));

async function written(name: string, entries: readonly Entry[], chunkBytes = 512): Promise<string> {
  const file = join(dir, name);
  const writer = await RecordingWriter.create(file, HEADER, { chunkBytes });
  for (const one of entries) await writer.append(one);
  await writer.close();
  return file;
}

async function opened(t: ExecutionContext, file: string): Promise<Recording> {
  const recording = await openRecording(file);
  if (isUnreadable(recording)) return t.fail(recording.sentence) as never;
  return recording;
}

async function read(t: ExecutionContext, file: string, from?: { us: number }): Promise<{ entries: Entry[]; damage: string | null }> {
  const recording = await opened(t, file);
  const entries: Entry[] = [];
  for await (const one of recording.entries(from)) entries.push(one);
  await recording.close();
  return { entries, damage: recording.damage?.sentence ?? null };
}

test('what was written is read again, in order, with its header', async (t) => {
  const file = await written('deep/er/whole.mcap', entriesOf(200));
  const recording = await opened(t, file);
  t.deepEqual(recording.header, HEADER);
  await recording.close();
  t.deepEqual(await read(t, file), { entries: entriesOf(200), damage: null });
  t.is((await stat(file)).mode & 0o777, 0o600);
});

test('a recording without entries is whole', async (t) => {
  t.deepEqual(await read(t, await written('nothing.mcap', [])), { entries: [], damage: null });
});

test('the same entries give the same bytes', async (t) => {
  const [one, two] = [await written('one.mcap', entriesOf(50)), await written('two.mcap', entriesOf(50))];
  t.deepEqual(await readFile(one), await readFile(two));
});

test('appends that nobody awaits are all written, in order', async (t) => {
  const file = join(dir, 'unawaited.mcap');
  const writer = await RecordingWriter.create(file, HEADER, { chunkBytes: 256 });
  for (const one of entriesOf(300)) void writer.append(one);
  await writer.close();
  t.deepEqual((await read(t, file)).entries, entriesOf(300));
});

test('a file that exists is not overwritten', async (t) => {
  const file = await written('there.mcap', entriesOf(3));
  await t.throwsAsync(RecordingWriter.create(file, HEADER), { code: 'EEXIST' });
  t.is((await read(t, file)).entries.length, 3);
});

test('other tools find a channel with a JSON schema for each topic', async (t) => {
  const reader = new McapStreamReader();
  reader.append(await readFile(await written('others.mcap', entriesOf(20))));
  const topics = new Map<string, string>();
  const schemas = new Map<number, { encoding: string; properties: string[] }>();
  for (let record; (record = reader.nextRecord()) !== undefined;) {
    if (record.type === 'Schema') {
      const { properties } = JSON.parse(Buffer.from(record.data).toString()) as { properties: object };
      schemas.set(record.id, { encoding: record.encoding, properties: Object.keys(properties) });
    }
    if (record.type === 'Channel') topics.set(record.topic, schemas.get(record.schemaId)!.properties.join());
    if (record.type === 'Message') t.is(record.logTime % 1_000_000n, 0n);
  }
  t.true(reader.done());
  t.deepEqual(topics.get('raw'), 'topic,us,raw');
  t.deepEqual([...topics.keys()].sort(), ['decision', 'gap', 'input', 'raw', 'snapshot']);
});

test('a file that was cut off at any byte gives its beginning, or one sentence', async (t) => {
  const all = entriesOf(24);
  const bytes = await readFile(await written('to-cut.mcap', all));
  let most = 0;
  for (let length = 0; length < bytes.length; length += STRIDE) {
    const file = join(dir, 'cut.mcap');
    await writeFile(file, bytes.subarray(0, length));
    const recording = await openRecording(file);
    if (isUnreadable(recording)) {
      t.is(recording.unreadable, length === 0 ? 'empty' : 'damaged', `${length}`);
      t.is(most, 0);
      continue;
    }
    const entries: Entry[] = [];
    for await (const one of recording.entries()) entries.push(one);
    await recording.close();
    t.deepEqual(entries, all.slice(0, entries.length));
    t.true(entries.length >= most);
    t.regex(recording.damage?.sentence ?? '', /breaks off after \d+ entr/, `${length}`);
    most = entries.length;
  }
  t.is(most, all.length);
});

test('a bit that flipped anywhere never changes an entry, and never loses one in silence', async (t) => {
  const all = entriesOf(12);
  const bytes = await readFile(await written('to-flip.mcap', all, 256));
  const file = join(dir, 'flipped.mcap');
  for (let at = 0; at < bytes.length; at += STRIDE) {
    bytes[at]! ^= 1 << (at % 8);
    await writeFile(file, bytes);
    bytes[at]! ^= 1 << (at % 8);
    const recording = await openRecording(file);
    if (isUnreadable(recording)) {
      t.regex(recording.sentence, /^[^\n]*\.$/);
      continue;
    }
    t.deepEqual(recording.header, HEADER);
    const entries: Entry[] = [];
    for await (const one of recording.entries()) entries.push(one);
    for await (const one of recording.entries({ us: 11_500 })) t.deepEqual(one, all[all.findIndex(({ us }) => us === one.us)], `byte ${at}`);
    for await (const _ of recording.entries());
    await recording.close();
    t.deepEqual(entries, all.slice(0, entries.length), `byte ${at}`);
    if (entries.length < all.length) t.regex(recording.damage?.sentence ?? '', /damaged|breaks off/, `byte ${at}`);
  }
});

test('a chunk that became something else is not passed over in silence', async (t) => {
  const all = entriesOf(60);
  const bytes = await readFile(await written('to-turn.mcap', all, 1024));
  const [chunk, index, unheardOf] = [6, 7, 200];
  const starts: number[] = [];
  for (let at = 8; bytes[at] !== 2; at += 9 + Number(bytes.readBigUInt64LE(at + 1))) if (bytes[at] === chunk) starts.push(at);
  t.true(starts.length > 3);
  for (const [start, op] of [[starts[1]!, index], [starts[1]!, unheardOf], [starts.at(-1)!, index]] as const) {
    const file = join(dir, 'turned.mcap');
    const turned = Buffer.from(bytes);
    turned[start] = op;
    await writeFile(file, turned);
    const { entries, damage } = await read(t, file);
    t.true(entries.length > 0 && entries.length < all.length);
    t.deepEqual(entries, all.slice(0, entries.length));
    t.regex(damage ?? '', new RegExp(`damaged after ${entries.length} entries`));
  }
});

const FOREIGN: readonly { readonly name: string; readonly bytes: () => Promise<Uint8Array>; readonly is: Unreadable['unreadable']; readonly says: RegExp }[] = [
  { name: 'an empty file', bytes: async () => Buffer.alloc(0), is: 'empty', says: /is empty\.$/ },
  { name: 'a text', bytes: async () => Buffer.from('{"topic":"raw"}\n'.repeat(99)), is: 'foreign', says: /is not a recording/ },
  { name: 'zeroes', bytes: async () => Buffer.alloc(1_000_000), is: 'foreign', says: /is not a recording/ },
  { name: "somebody else's MCAP file", bytes: () => mcapWith(null), is: 'foreign', says: /is not a recording/ },
  { name: 'a header of another shape', bytes: () => mcapWith({ ...HEADER, product: 7 }), is: 'damaged', says: /nothing of it can be used/ },
  { name: 'a recording of a newer version', bytes: () => mcapWith({ version: RECORDING_VERSION + 1, shape: 'unknown' }), is: 'newer', says: /of version 2; this Tapline reads up to 1/ },
];
for (const { name, bytes, is, says } of FOREIGN) {
  test(`${name} is ${is}, in one sentence`, async (t) => {
    const file = join(dir, `${is}-${name.length}.mcap`);
    await writeFile(file, await bytes());
    const recording = await openRecording(file);
    if (!isUnreadable(recording)) return t.fail();
    t.is(recording.unreadable, is);
    t.regex(recording.sentence, says);
    t.true(recording.sentence.startsWith(file));
    return undefined;
  });
}

async function mcapWith(header: object | null): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const length = (): bigint => BigInt(parts.reduce((sum, part) => sum + part.length, 0));
  const mcap = new McapWriter({ writable: { write: async (part) => void parts.push(Buffer.from(part)), position: length } });
  await mcap.start({ profile: 'ros2', library: '' });
  const text = JSON.stringify(header);
  const metadata = new Map([['header', text], ['sha256', createHash('sha256').update(text).digest('hex')]]);
  if (header !== null) await mcap.addMetadata({ name: 'tapline', metadata });
  const channelId = await mcap.registerChannel({ schemaId: 0, topic: 'odometry', messageEncoding: 'cbor', metadata: new Map() });
  await mcap.addMessage({ channelId, sequence: 0, logTime: 1n, publishTime: 1n, data: Buffer.from([1]) });
  await mcap.end();
  return Buffer.concat(parts);
}

test('what is not there and what is a folder is said in one sentence', async (t) => {
  t.like(await openRecording(join(dir, 'nowhere.mcap')), { unreadable: 'missing', sentence: `${dir}/nowhere.mcap does not exist.` });
  t.like(await openRecording(dir), { unreadable: 'missing', sentence: `${dir} cannot be read (EISDIR).` });
});

test('a record that claims to be gigantic is damage, not memory', async (t) => {
  const bytes = await readFile(await written('to-claim.mcap', entriesOf(40)));
  const magicAndHeader = 8 + 9 + Number(bytes.readBigUInt64LE(9));
  for (const [at, length] of [[9, 2n ** 60n], [9, 2n ** 40n], [magicAndHeader + 1, 2n ** 40n]] as const) {
    const file = join(dir, 'claims.mcap');
    const claiming = Buffer.from(bytes);
    claiming.writeBigUInt64LE(length, at);
    await writeFile(file, claiming);
    await truncate(file, 64 * 1024 * 1024 * 1024);
    const recording = await openRecording(file);
    t.is(isUnreadable(recording) ? recording.unreadable : null, 'damaged');
  }
});

test('a seek begins at the last snapshot at or before its time', async (t) => {
  const all = entriesOf(95);
  const file = await written('seek.mcap', all);
  for (const [us, first] of [[0, 0], [1_000, 0], [10_999, 0], [11_000, 10], [11_001, 10], [55_500, 50], [1e9, 90]] as const) {
    t.deepEqual((await read(t, file, { us })).entries, all.slice(first), `${us}`);
  }
});

test('a seek in a file without snapshots begins at its first entry', async (t) => {
  const all = entriesOf(95).filter(({ topic }) => topic !== 'snapshot');
  t.deepEqual((await read(t, await written('no-snapshot.mcap', all), { us: 55_500 })).entries, all);
});

test('two readers of one recording do not disturb each other, and one may stop early', async (t) => {
  const recording = await opened(t, await written('twice.mcap', entriesOf(60)));
  const [one, two] = [recording.entries(), recording.entries()];
  for (const expected of entriesOf(60)) {
    t.deepEqual((await one.next()).value, expected);
    if (expected.us < 20_000) t.deepEqual((await two.next()).value, expected);
  }
  await two.return(undefined);
  t.true((await one.next()).done);
  t.is(recording.damage, null);
  await recording.close();
});

test('an entry that the disk does not take fails those after it and the end, and crashes nobody who did not await', async (t) => {
  const writer = await RecordingWriter.create(join(dir, 'broken.mcap'), HEADER);
  void writer.append({ ...entry(1), topic: 'unheard-of' } as never);
  await t.throwsAsync(writer.append(entry(2)));
  await t.throwsAsync(writer.close());
});
