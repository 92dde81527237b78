// Real taps, recorded by real processes: what is kept tells every decision again, and tells nobody who it was.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Zone } from '../../contracts/actors.ts';
import type { Decision, Entry, Header } from '../../contracts/recording.ts';
import { replay } from '../../insight/replay.ts';
import { startLab, type Lab } from '../../ops/lab/lab.ts';
import { UNKNOWN_BAND } from '../../ops/lab/people.ts';
import { zoneKeys } from '../../runtime/bus/curve.ts';
import { listen } from '../../runtime/bus/outlet.ts';
import { outletEndpoint, placesOf } from '../../runtime/places.ts';
import { isUnreadable, openRecording } from '../../runtime/recording.ts';
import { foundIn, needlesOf, type Needle } from './needles.ts';
import { end, PATIENT, until, ZoneStage } from './zone-stage.ts';

const FOREIGN_TAG = '04DEADBEEF1234';
let dir: string;
let lab: Lab;
let stage: ZoneStage;

test.before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'recorder-'));
  lab = await startLab({ dir, desktop: 'virtual', settings: { budget: PATIENT, recorder: { mode: 'continuous' } } });
  stage = new ZoneStage(dir, lab);
  await stage.start(Zone.machine);
});
test.after.always(async () => {
  for (const child of stage?.children ?? []) await end(child);
  await lab?.close();
  rmSync(dir, { recursive: true, force: true });
});

const folder = (): string => join(dir, 'session/recordings');
const recordings = (ending: string): string[] => namesIn().filter((name) => name.endsWith(ending)).map((name) => join(folder(), name));

function namesIn(): string[] {
  try {
    return readdirSync(folder()).sort();
  } catch {
    return [];
  }
}

async function read(file: string): Promise<{ readonly header: Header; readonly entries: readonly Entry[] }> {
  const recording = await openRecording(file);
  if (isUnreadable(recording)) throw new Error(recording.sentence);
  const entries: Entry[] = [];
  for await (const entry of recording.entries()) entries.push(entry);
  await recording.close();
  if (recording.damage !== null) throw new Error(recording.damage.sentence);
  return { header: recording.header, entries };
}

const decisionsIn = (entries: readonly Entry[]): Decision[] => entries.filter((entry): entry is Decision => entry.topic === 'decision');

/** How often the session's log told that message, or that state of a connection. */
const times = (said: string): number => stage.log(Zone.session).filter(({ msg, state }) => said === msg || said === state).length;

/** What the tap-listener's own log says, in the words of the recording. */
function logged(): string[] {
  return stage.log(Zone.session).filter(({ actor }) => actor === 'tap-listener').flatMap(({ msg, tap, via, outcome, reason, why }) => {
    if (msg === 'tap.accepted') return [`accepted ${String(tap)} ${String(via)}`];
    if (msg === 'tap.dropped') return [`dropped ${String(why)}`];
    return msg === 'tap.ended' ? [`ended ${String(tap)} ${String(outcome)} ${String(reason)}`] : [];
  });
}

function told({ decision, tap, via, why, outcome }: Decision): string[] {
  if (decision === 'accepted') return [`accepted ${tap} ${via}`];
  if (decision === 'dropped') return [`dropped ${why}`];
  return decision === 'ended' ? [`ended ${tap} ${outcome} ${why}`] : [];
}

/** Everything that names a person, a band or a window, and every secret. */
function needles(): Needle[] {
  const people = lab.nes.people.all.flatMap(({ alias, bandId, nfcUid, userId, user, domain, fullName }) =>
    [alias, bandId, bandId.replaceAll(':', ''), nfcUid, userId, user, domain, fullName]);
  const others = [UNKNOWN_BAND.alias, UNKNOWN_BAND.bandId, UNKNOWN_BAND.nfcUid, FOREIGN_TAG, 'Sign in', '/login', 'localhost', lab.nes.url];
  // Three letters or digits stand in any number by chance; as a value they would stand in quotes.
  const texts = [...people, ...others].map((text) => (text.length < 5 ? `"${text}"` : text));
  return needlesOf([...lab.nes.people.secrets(), ...texts.map((text) => Buffer.from(text))]);
}

test.serial('taps that fill, fail, and mean nothing are recorded as the log tells them, and a replay decides the same', async (t) => {
  const session = await stage.start(Zone.session);
  await stage.enrolled();
  await until('the recorder listens', () => times('recorder.listening') === 1);
  t.like(await stage.tap('NB-01'), { outcome: 'filled' });
  t.like(await stage.tap('NB-99'), { reason: 'unknown-band' });
  lab.agent.tap(FOREIGN_TAG, 'nfc');
  await until('the end of the foreign tag', () => stage.ends()[2]);
  lab.nes.faults.add({ fault: { kind: 'status', status: 500 }, route: 'credential', times: 1 });
  t.like(await stage.tap('NB-02'), { reason: 'nes-error' });
  await stage.openPage();
  lab.agent.tap('NB-01', 'ble');
  t.like(await until('the end of the tap over Bluetooth', () => stage.ends()[4]), { outcome: 'filled' });
  await end(session);
  const [file, ...others] = recordings('.mcap');
  t.deepEqual(others, []);
  t.is(statSync(folder()).mode & 0o777, 0o700);
  t.is(statSync(file!).mode & 0o777, 0o600);
  const { header, entries } = await read(file!);
  t.like(header, { version: 1, source: 'recorder', settings: { budget: PATIENT } });
  t.true(Math.abs(header.startedWallMs - Date.now()) < 120_000);
  const decisions = decisionsIn(entries);
  t.deepEqual(decisions.flatMap(told), logged());
  t.true(decisions.filter(({ decision }) => decision === 'ended').length >= 5);
  t.deepEqual(entries.filter(({ topic }) => topic === 'gap'), []);
  const [again, doubts]: [Decision[], string[]] = [[], []];
  const source = async function* (): AsyncGenerator<Entry> { yield* entries; };
  for await (const decision of replay(header, source(), null, ({ sentence }) => doubts.push(sentence))) again.push(decision);
  t.deepEqual(doubts, []);
  t.deepEqual(again, decisions);
});

test.serial('nothing in it tells a person, a band, a window or a secret, in whatever form', (t) => {
  const all = needles();
  const bytes = readFileSync(recordings('.mcap')[0]!);
  for (const { name, bytes: needle } of all.slice(0, 40)) t.true(foundIn(Buffer.concat([bytes, needle]), all).includes(name), name);
  t.deepEqual(foundIn(bytes, all), []);
  t.is(statSync(join(dir, 'session/keys/recording.hmac')).mode & 0o777, 0o600);
});

test.serial('a band has the same pseudonym over both radios, and others have others', async (t) => {
  const { entries } = await read(recordings('.mcap')[0]!);
  const bands = decisionsIn(entries).filter(({ decision }) => decision === 'accepted').map(({ band }) => band);
  t.is(bands[0], bands.at(-1));
  t.is(new Set(bands).size, 4);
  for (const band of bands) t.regex(band!, /^[0-9A-F]{14}$/);
  const raws = entries.filter((entry) => entry.topic === 'raw');
  t.true(raws.some(({ raw }) => raw.kind === 'nfc') && raws.some(({ raw }) => raw.kind === 'rssi'));
});

test.serial('as a ring it keeps nothing while taps fill, and the last minutes when one fails', async (t) => {
  const settings = join(dir, 'ring.json');
  writeFileSync(settings, JSON.stringify({ ...(JSON.parse(readFileSync(lab.settingsFile, 'utf8')) as object), recorder: { mode: 'ring' } }));
  const known = new Set(namesIn());
  const ends = stage.ends().length;
  const [enrolled, connected, listening] = [times('session.enrolled'), times('connected'), times('recorder.listening')];
  await stage.start(Zone.session, undefined, settings);
  await until('the session has enrolled again', () => times('session.enrolled') === 2 * enrolled);
  await until('it hears the Agent again', () => times('connected') > connected);
  await until('the recorder listens again', () => times('recorder.listening') > listening);
  t.like(await stage.tap('NB-01'), { outcome: 'filled' });
  lab.nes.faults.add({ fault: { kind: 'status', status: 500 }, route: 'credential', times: 1 });
  t.like(await stage.tap('NB-02'), { reason: 'nes-error', outcome: 'failed' });
  const kept = await until('a recording that was kept', () => namesIn().find((name) => !known.has(name) && name.endsWith('-kept.mcap')));
  t.deepEqual(namesIn().filter((name) => !known.has(name)), [kept]);
  const { entries } = await read(join(folder(), kept));
  t.is(entries[0]!.topic, 'snapshot');
  const continuous = await read(join(folder(), [...known][0]!));
  t.is(decisionsIn(entries)[0]!.band, decisionsIn(continuous.entries)[0]!.band, 'the same band has the same pseudonym after a restart');
  t.deepEqual(decisionsIn(entries).filter(({ decision }) => decision === 'ended').map(({ why }) => why), stage.ends().slice(ends).map(({ reason }) => reason));
  t.deepEqual(foundIn(readFileSync(join(folder(), kept)), needles()), []);
});

test.serial('switched off, nothing is observed and nothing written', async (t) => {
  for (const child of stage.children.slice(1)) await end(child);
  const known = namesIn();
  const settings = join(dir, 'off.json');
  writeFileSync(settings, JSON.stringify({ ...(JSON.parse(readFileSync(lab.settingsFile, 'utf8')) as object), recorder: { mode: 'off' } }));
  const connected = (): number => stage.log(Zone.session).filter(({ state }) => state === 'connected').length;
  const before = connected();
  const places = placesOf(join(dir, 'session'));
  const keys = zoneKeys(Zone.session, places.keys);
  const facts: string[] = [];
  const endpoints = [{ endpoint: outletEndpoint(places.run, 'tap-listener'), serverKey: keys.get('tap-listener')!.publicKey }];
  t.teardown(listen({ endpoints, ...keys.get('observer')!, kinds: [], heard: ({ message }) => facts.push(message.kind) }));
  const session = await stage.start(Zone.session, undefined, settings);
  await until('it hears the Agent again', () => connected() > before);
  t.truthy((await stage.tap('NB-01')).outcome);
  await until('two reports after the tap', () => facts.length >= 2);
  await end(session);
  t.deepEqual([...new Set(facts)], ['actor.reported']);
  t.deepEqual(namesIn(), known);
});
