// The way from the judgement to a recording: what the tap-listener notes and when it tells, what the recorder makes of it.
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig, type Config } from '../../config/load.ts';
import { isProblem } from '../../config/problem.ts';
import type { Body } from '../../contracts/catalogue.ts';
import { Entry } from '../../contracts/recording.ts';
import { pseudonymsWith } from '../../runtime/pseudonym.ts';
import { isUnreadable, openRecording } from '../../runtime/recording.ts';
import { RecordingFolder } from '../../services/recorder/folder.ts';
import { Intake } from '../../services/recorder/intake.ts';
import { DayKeeper } from '../../services/recorder/keepers.ts';
import { Ring } from '../../services/recorder/ring.ts';
import { INITIAL, stateWith, type OpenTap, type State } from '../../services/tap-listener/decide.ts';
import { Observed, underPseudonyms } from '../../services/tap-listener/observed.ts';
import type { CandidateState } from '../../services/tap-listener/streams.ts';
import { classifyUid } from '../../services/tap-listener/uid.ts';
import { VirtualTime } from '../system/time.ts';

const BAND = '02:4E:42:00:00:01';
const UID = '044E4200000001';
const OPEN: OpenTap = {
  tap: 'tap-1', band: BAND, via: 'nfc', phase: 'accepted', tappedUs: 0, acceptedUs: 0, resolveByUs: 0, credentialByUs: 0, deadlineUs: 0, leaseUs: 0,
};
const pseudonym = (id: string): string => Buffer.from(`${id}~~~~~~~`).reverse().subarray(0, 7).toString('hex').toUpperCase();

interface Stage {
  readonly time: VirtualTime;
  readonly observed: Observed;
  readonly facts: Body<'tap.observed'>[];
  known: { listener: State; candidates: CandidateState };
}

function stage(): Stage {
  const time = new VirtualTime();
  const facts: Body<'tap.observed'>[] = [];
  const known = { listener: INITIAL, candidates: { rssi: {} } };
  const timer = { nowUs: () => time.nowUs(), after: (ms: number, fire: () => void) => time.after(ms, fire) as never };
  const made: Stage = { time, facts, known, observed: new Observed({ pseudonym, publish: (body) => facts.push(body), known: () => made.known, timer }) };
  return made;
}

async function passed(time: VirtualTime, ms: number): Promise<void> {
  const until = time.nowUs() + ms * 1000;
  let over = false;
  time.after(ms, () => (over = true));
  while (!over && time.nowUs() <= until) await time.step();
}

const entriesOf = ({ entries }: Body<'tap.observed'>): Entry[] =>
  Buffer.from(entries).toString().split('\n').filter((line) => line !== '').map((line) => Entry.parse(JSON.parse(line)));
const topicsOf = (fact: Body<'tap.observed'>): string => entriesOf(fact).map(({ topic }) => topic).join();
const reading = (atUs: number) => ({ kind: 'rssi', atUs, band: BAND, rssiDbm: -50 }) as const;

test('what is observed is told a moment later in one fact, a snapshot first', async (t) => {
  const { time, observed, facts } = stage();
  observed.raw(reading(0));
  observed.input({ event: 'slept' }, 0, []);
  t.deepEqual(facts, []);
  await passed(time, 300);
  t.deepEqual(facts.map(topicsOf), ['snapshot,raw,input']);
  t.like(facts[0], { first: 0, last: false });
  observed.raw(reading(1));
  await passed(time, 300);
  t.deepEqual(facts.map(topicsOf), ['snapshot,raw,input', 'raw']);
  t.is(facts[1]!.first, 3);
});

test('while a tap is under way nothing is told, for as long as a usual one takes', async (t) => {
  const made = stage();
  const { time, observed, facts } = made;
  observed.raw(reading(0));
  made.known = { ...made.known, listener: stateWith(OPEN) };
  await passed(time, 700);
  t.is(facts.length, 0);
  await passed(time, 100);
  t.is(facts.length, 1);
});

test('a snapshot comes with what follows two seconds, or five hundred entries', async (t) => {
  const { time, observed, facts } = stage();
  observed.raw(reading(0));
  await passed(time, 2100);
  observed.raw(reading(1));
  for (let index = 0; index < 500; index += 1) observed.raw(reading(2));
  observed.close();
  const topics = facts.flatMap((fact) => entriesOf(fact)).map(({ topic }) => topic);
  t.deepEqual(topics.flatMap((topic, index) => (topic === 'snapshot' ? [index] : [])), [0, 2, 503]);
  t.true(facts.at(-1)!.last);
});

test('too much for one fact goes in several, and too much for the memory is missed by its numbers', async (t) => {
  const { observed, facts } = stage();
  for (let index = 0; index < 3000; index += 1) observed.raw(reading(index));
  observed.close();
  t.true(facts.length > 1);
  for (const { entries } of facts) t.true(entries.byteLength <= 56 * 1024);
  const intake = new Intake();
  const heard = facts.flatMap((fact) => intake.take(fact));
  t.is(heard.length, 2000);
  t.is(facts.at(-1)!.first + entriesOf(facts.at(-1)!).length >= 2000, true);
});

test('no id of a band or tag is told, at whatever depth it stands, and each keeps its class', (t) => {
  const state: State = { ...stateWith(OPEN), recent: [{ band: BAND, via: 'nfc', atUs: 1, accepted: true, silent: false }] };
  const candidates = { rssi: { [BAND]: { atUs: 1, readingsDbm: [-50], armed: true } }, presence: { [BAND]: { authenticated: false, worn: true, near: true } } };
  const entries: Entry[] = [
    { topic: 'snapshot', us: 1, listener: state, candidates },
    { topic: 'raw', us: 1, raw: { kind: 'nfc', atUs: 1, uid: UID, band: BAND } },
    { topic: 'raw', us: 1, raw: reading(1) },
    { topic: 'raw', us: 1, raw: { kind: 'presence', atUs: 1, band: BAND, presence: 'yes', authenticated: true, worn: null } },
    { topic: 'input', us: 1, event: { event: 'tapped', tap: 'tap-1', band: BAND, via: 'nfc', atUs: 1 } },
    { topic: 'input', us: 1, event: { event: 'unfit', band: BAND, via: 'nfc', atUs: 1, why: 'gone' } },
    { topic: 'decision', us: 1, decision: 'accepted', tap: 'tap-1', band: BAND, via: 'nfc', why: null, outcome: null, stages: null },
  ];
  for (const entry of entries) {
    const text = JSON.stringify(Entry.parse(underPseudonyms(entry, pseudonym)));
    t.false(text.includes(BAND) || text.includes(UID), text);
    t.true(text.includes(pseudonym(BAND)), text);
  }
  for (const [uid, band] of [[UID, BAND], [UID, null], ['04 4e-42:00 00 00 01', null], ['044E', null], ['', null], ['0000', null], ['', BAND]] as const) {
    const under = underPseudonyms({ topic: 'raw', us: 1, raw: { kind: 'nfc', atUs: 1, uid, band } }, pseudonym);
    if (under.topic !== 'raw' || under.raw.kind !== 'nfc') return t.fail();
    t.is(classifyUid(under.raw.uid, under.raw.band).idClass, classifyUid(uid, band).idClass, uid);
    t.false(under.raw.uid.includes('4E42'));
  }
  return undefined;
});

test('a pseudonym is the same for the same key, and another for another key', (t) => {
  const [one, two] = [folder(t), folder(t)];
  const name = pseudonymsWith(one)(BAND);
  t.regex(name, /^[0-9A-F]{14}$/);
  t.is(pseudonymsWith(one)(BAND), name);
  t.not(pseudonymsWith(two)(BAND), name);
  t.not(pseudonymsWith(one)(UID), name);
});

const fact = (run: string, first: number, entries: readonly Entry[], last = false): Body<'tap.observed'> =>
  ({ run, first, entries: Buffer.from(entries.map((entry) => JSON.stringify(entry)).join('\n')), last });
const SNAPSHOT: Entry = { topic: 'snapshot', us: 5, listener: {}, candidates: {} };
const SLEPT: Entry = { topic: 'input', us: 6, event: { event: 'slept' } };

const LOSSES: readonly { readonly name: string; readonly facts: readonly Body<'tap.observed'>[]; readonly gaps: readonly number[] }[] = [
  { name: 'nothing is missing', facts: [fact('a', 0, [SNAPSHOT, SLEPT]), fact('a', 2, [SLEPT])], gaps: [] },
  { name: 'a fact is missing', facts: [fact('a', 0, [SNAPSHOT]), fact('a', 5, [SLEPT])], gaps: [4] },
  { name: 'it begins late, with a snapshot', facts: [fact('a', 70, [SNAPSHOT])], gaps: [] },
  { name: 'it begins late, without one', facts: [fact('a', 70, [SLEPT])], gaps: [70] },
  { name: 'another run follows one that took its leave', facts: [fact('a', 0, [SNAPSHOT]), fact('a', 1, [], true), fact('b', 0, [SNAPSHOT])], gaps: [] },
  { name: 'another run follows one that died', facts: [fact('a', 0, [SNAPSHOT]), fact('b', 0, [SNAPSHOT])], gaps: [1] },
  { name: 'an entry breaks its contract', facts: [fact('a', 0, [SNAPSHOT, { ...SLEPT, us: -1 }])], gaps: [1] },
];
for (const { name, facts, gaps } of LOSSES) {
  test(`where ${name}, ${gaps.length === 0 ? 'no gap is' : 'the gap is'} told`, (t) => {
    const intake = new Intake();
    t.deepEqual(facts.flatMap((one) => intake.take(one)).flatMap((entry) => (entry.topic === 'gap' ? [entry.lost] : [])), [...gaps]);
  });
}

test('a ring keeps the last minutes from a snapshot on, in bounded memory', (t) => {
  const ring = new Ring(1, 4000);
  for (let second = 0; second < 300; second += 1) {
    ring.push(second % 10 === 5 ? { ...SNAPSHOT, us: second * 1e6 } : { ...SLEPT, us: second * 1e6 });
  }
  const entries = ring.entries();
  t.is(entries[0]!.topic, 'snapshot');
  t.is(entries.at(-1)!.us, 299e6);
  t.true(entries[0]!.us >= 239e6);
  const small = new Ring(60, 1000);
  for (let second = 0; second < 300; second += 1) small.push({ ...SLEPT, us: second * 1e6 });
  t.true(JSON.stringify(small.entries()).length < 1100);
  t.is(small.entries().at(-1)!.us, 299e6);
});

function folder(t: ExecutionContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tapline-recorder-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function configWith(t: ExecutionContext, recorder: Partial<Config['recorder']>): Config {
  const home = folder(t);
  writeFileSync(join(home, 'config.json'), JSON.stringify({ recorder }));
  const config = loadConfig({ env: { TAPLINE_HOME: home } });
  if (isProblem(config)) throw new Error(config.message);
  return config;
}

test('files that are too old are removed, and the oldest while all are too big', async (t) => {
  const dir = folder(t);
  for (const [day, size] of [[1, 10], [20, 600_000], [21, 600_000], [22, 300_000]] as const) {
    const file = join(dir, `202611${String(day).padStart(2, '0')}-day.mcap`);
    writeFileSync(file, Buffer.alloc(size));
    utimesSync(file, new Date(2026, 10, day), new Date(2026, 10, day));
  }
  writeFileSync(join(dir, 'note.txt'), Buffer.alloc(2_000_000));
  const clock = { nowUs: () => 0, wallMs: () => new Date(2026, 10, 23).getTime() };
  await new RecordingFolder(dir, configWith(t, { keepDays: 14, maxMegabytes: 1 }), clock).prune();
  t.deepEqual(readdirSync(dir).sort(), ['20261121-day.mcap', '20261122-day.mcap', 'note.txt']);
});

test('continuous recording begins a file a day with a snapshot, and goes on in a new one after the disk refused', async (t) => {
  const dir = join(folder(t), 'recordings');
  let wallMs = Date.UTC(2026, 10, 22, 23);
  const clock = { nowUs: () => 0, wallMs: () => (wallMs += 1) };
  const warned: unknown[] = [];
  const log = { info: () => {}, warn: (about: unknown) => warned.push(about) };
  const keeper = new DayKeeper({ folder: new RecordingFolder(dir, configWith(t, {}), clock), clock, log });
  keeper.take(SLEPT);
  keeper.take({ ...SLEPT, us: Number.NaN });
  keeper.take(SLEPT);
  keeper.take(SNAPSHOT);
  keeper.take(SLEPT);
  while (!existsSync(dir) || readdirSync(dir).length < 2) await new Promise((resolve) => setImmediate(resolve));
  wallMs += 3_600_000;
  keeper.take(SLEPT);
  keeper.take(SNAPSHOT);
  await keeper.stop();
  t.is(warned.length, 1);
  const found: string[] = [];
  for (const name of readdirSync(dir).sort()) {
    const recording = await openRecording(join(dir, name));
    if (isUnreadable(recording)) return t.fail(recording.sentence);
    const topics: string[] = [];
    for await (const { topic } of recording.entries()) topics.push(topic);
    await recording.close();
    found.push(`${name.slice(0, 8)} ${topics.join()}`);
  }
  t.deepEqual(found.slice(1), ['20261122 snapshot,input,input', '20261123 snapshot']);
  return undefined;
});
