// A replay gives what was decided, byte for byte: from the beginning, after a seek, and in virtual time by the same numbers.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { Entry } from '../../contracts/recording.ts';
import { decisionLine } from '../../insight/decisions.ts';
import type { Doubt } from '../../insight/fold.ts';
import { Painter } from '../../insight/picture.ts';
import { replay, replayer } from '../../insight/replay.ts';
import { recordedSettings, type Changes } from '../../insight/replay-settings.ts';
import { openRecording, RecordingWriter } from '../../runtime/recording.ts';
import { PLAY, recorded, type Recorded } from './live.ts';

const RUNS = { numRuns: 300 };

function replayed({ header, entries }: Pick<Recorded, 'header' | 'entries'>, changed: Changes | null = null): { lines: string[]; doubts: Doubt[] } {
  const doubts: Doubt[] = [];
  const { take, end } = replayer(header, changed, (doubt) => doubts.push(doubt));
  return { lines: [...entries.flatMap((entry) => take(entry)), ...end()].map(decisionLine), doubts };
}

test('a replay decides what was decided, and finds nothing that contradicts it', (t) => {
  fc.assert(fc.property(PLAY, (play) => {
    const live = recorded(play);
    const { lines, doubts } = replayed(live);
    t.deepEqual(lines, live.decisions.map(decisionLine));
    t.deepEqual(doubts, []);
  }), RUNS);
  t.pass();
});

test('from any snapshot on, a replay decides what was decided from there', (t) => {
  fc.assert(fc.property(PLAY, fc.nat(), (play, which) => {
    const live = recorded(play);
    const snapshots = live.entries.flatMap(({ topic }, at) => (topic === 'snapshot' ? [at] : []));
    const from = snapshots[which % snapshots.length]!;
    const rest = live.entries.slice(from);
    const there = decided(rest);
    t.deepEqual(replayed({ ...live, entries: rest }).lines, there);
    t.deepEqual(replayed({ ...live, entries: rest }, {}).lines, there);
  }), RUNS);
  t.pass();
});

test('from a file, from its beginning and from the last snapshot before a moment, it is the same', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tapline-replay-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await fc.assert(fc.asyncProperty(PLAY, fc.nat(), async (play, which) => {
    const live = recorded(play);
    const file = join(folder, `${randomUUID()}.mcap`);
    const writer = await RecordingWriter.create(file, live.header, { chunkBytes: 2_000 });
    for (const entry of live.entries) void writer.append(entry);
    await writer.close();
    const { us } = live.entries[which % live.entries.length]!;
    t.deepEqual(await fromFile(file), live.decisions.map(decisionLine));
    t.deepEqual((await fromFile(file, us)).filter(since(us)), live.decisions.map(decisionLine).filter(since(us)));
  }), { numRuns: 40 });
  t.pass();
});

test('in virtual time the same numbers give the same decisions', (t) => {
  fc.assert(fc.property(PLAY, (play) => {
    const live = recorded(play);
    t.deepEqual(replayed(live, {}).lines, live.decisions.map(decisionLine));
  }), RUNS);
  t.pass();
});

test('after a gap nothing is decided until the next snapshot, and all from there on', (t) => {
  fc.assert(fc.property(PLAY, fc.nat(), (play, where) => {
    const live = recorded(play);
    const at = 1 + (where % live.entries.length);
    const gap: Entry = { topic: 'gap', us: live.entries[at - 1]!.us, lost: 3 };
    const next = live.entries.findIndex(({ topic }, n) => n >= at && topic === 'snapshot');
    const known = [...live.entries.slice(0, at), ...(next === -1 ? [] : live.entries.slice(next))];
    const entries = [...live.entries.slice(0, at), gap, ...live.entries.slice(at)];
    const lines = replayed({ ...live, entries });
    t.deepEqual(lines.lines, replayedApart(live, known, at));
    t.deepEqual(replayed({ ...live, entries }, {}).lines, lines.lines);
    t.is(lines.doubts.filter(({ sentence }) => /^3 inputs were lost/.test(sentence)).length, 1);
  }), RUNS);
  t.pass();
});

async function fromFile(file: string, us?: number): Promise<string[]> {
  const opened = await openRecording(file);
  if ('unreadable' in opened) throw new Error(opened.sentence);
  try {
    const lines: string[] = [];
    for await (const decision of replay(opened.header, opened.entries(us === undefined ? undefined : { us }))) lines.push(decisionLine(decision));
    return lines;
  } finally {
    await opened.close();
  }
}

const since = (us: number) => (line: string): boolean => (JSON.parse(line) as { us: number }).us >= us;

test('what is cut off anywhere is decided up to there, also in virtual time', (t) => {
  fc.assert(fc.property(PLAY, fc.nat(), (play, where) => {
    const live = recorded(play);
    const entries = live.entries.slice(0, where % live.entries.length);
    t.deepEqual(replayed({ ...live, entries }, {}).lines, replayed({ ...live, entries }).lines);
  }), RUNS);
  t.pass();
});

test('whatever an entry says, it is judged or refused, never thrown at', (t) => {
  const nonsense = fc.oneof(fc.jsonValue(), fc.constantFrom(Number.NaN, -1, 2 ** 60, '__proto__', 'constructor'));
  fc.assert(fc.property(PLAY, fc.array(fc.tuple(fc.nat(), fc.nat(), nonsense), { maxLength: 12 }), (play, harms) => {
    const live = recorded(play);
    const entries = structuredClone(live.entries) as Entry[];
    for (const [entry, place, value] of harms) harm(entries[entry % entries.length]!, place, value);
    for (const changed of [null, {}, { budget: { bounceMs: 300 }, rssi: { tapThresholdDbm: -50 } }]) {
      const { take, end } = replayer(live.header, changed);
      const painter = new Painter(live.header, recordedSettings(live.header));
      for (const entry of entries) painter.take(entry, take(entry));
      painter.take(null, end());
      JSON.stringify(painter.picture([]));
    }
  }), RUNS);
  t.pass();
});

/** Puts a value where another one stood, at any depth below the topic and the time. */
function harm(entry: object, place: number, value: unknown): void {
  const places: [Record<string, unknown>, string][] = [];
  const walk = (at: Record<string, unknown>): void => {
    for (const [key, inner] of Object.entries(at)) {
      if (key !== 'topic' && key !== 'us') places.push([at, key]);
      if (typeof inner === 'object' && inner !== null) walk(inner as Record<string, unknown>);
    }
  };
  walk(entry as Record<string, unknown>);
  const [at, key] = places[place % places.length] ?? [];
  if (at !== undefined && key !== undefined) at[key] = value;
}

const decided = (entries: readonly Entry[]): string[] => entries.flatMap((entry) => (entry.topic === 'decision' ? [decisionLine(entry)] : []));

function replayedApart(live: Recorded, known: readonly Entry[], at: number): string[] {
  return [...replayed({ ...live, entries: known.slice(0, at) }).lines, ...replayed({ ...live, entries: known.slice(at) }).lines];
}
