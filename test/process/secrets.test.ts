// After a day's work in small, no password and no key of a band stands anywhere that somebody could read.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ACTOR_NAMES, actorsOf, Zone } from '../../contracts/actors.ts';
import { startLab, type Lab } from '../../ops/lab/lab.ts';
import { zoneKeys } from '../../runtime/bus/curve.ts';
import { listen } from '../../runtime/bus/outlet.ts';
import { outletEndpoint, placesOf } from '../../runtime/places.ts';
import { startFleet, type Fleet } from '../../supervisor/fleet.ts';
import { foundIn, needlesOf, type Needle } from './needles.ts';
import { PATIENT, until, ZoneStage } from './zone-stage.ts';

const PM2 = join(import.meta.dirname, '../../node_modules/pm2/bin/pm2');
let dir: string;
let lab: Lab;
let fleet: Fleet;
let stage: ZoneStage;
let needles: Needle[];
const facts: string[] = [];
let stopListening = (): void => {};

test.before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'secrets-'));
  lab = await startLab({ dir, desktop: 'virtual', settings: { budget: PATIENT } });
  needles = needlesOf(lab.nes.people.secrets());
  fleet = await startFleet({ settingsFile: lab.settingsFile, home: dir, profile: 'separate' });
  stage = new ZoneStage(dir, lab);
  const stops = [Zone.machine, Zone.session].map((zone) => capture(zone));
  stopListening = () => stops.forEach((stop) => stop());
  await stage.enrolled();
});
test.after.always(async () => {
  stopListening();
  await fleet?.stop();
  await lab?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Keeps every fact of a zone, whole. */
function capture(zone: Zone): () => void {
  const places = placesOf(join(dir, zone));
  const keys = zoneKeys(zone, places.keys);
  const endpoints = actorsOf(zone).map((actor) => ({ endpoint: outletEndpoint(places.run, actor), serverKey: keys.get(actor)!.publicKey }));
  return listen({ endpoints, ...keys.get('observer')!, kinds: [], heard: ({ message }) => facts.push(JSON.stringify(message)) });
}

const pm2 = (zone: Zone, ...args: string[]): Buffer =>
  execFileSync(process.execPath, [PM2, ...args], { env: { PATH: process.env['PATH'], PM2_HOME: fleet.pm2Home(zone) }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });

interface Haystack {
  readonly name: string;
  readonly bytes: Buffer;
}

/** All but the folder of the lab's NES, which has to know the secrets. */
function files(): Haystack[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.startsWith(join(dir, 'nes')));
  return paths.flatMap((path) => {
    const bytes = contentOf(path);
    return bytes === null ? [] : [{ name: path.slice(dir.length + 1), bytes }];
  });
}

/** Null for a file that was renamed meanwhile. */
function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function processes(): Promise<Haystack[]> {
  const apps = (await fleet.status()).flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid] as const]));
  const daemons = [Zone.machine, Zone.session].map((zone) => [`pm2 of ${zone}`, Number(readFileSync(join(fleet.pm2Home(zone), 'pm2.pid'), 'utf8'))] as const);
  return [...apps, ...daemons].flatMap(([name, pid]) => ['environ', 'cmdline'].map((file) => ({ name: `${file} of ${name}`, bytes: readFileSync(`/proc/${pid}/${file}`) })));
}

function ofPm2(zone: Zone): Haystack[] {
  pm2(zone, 'save', '--force');
  const ids = (JSON.parse(pm2(zone, 'jlist').toString().split('\n').findLast((line) => line.startsWith('['))!) as { pm_id: number }[]).map(({ pm_id: id }) => String(id));
  const calls = [['prettylist'], ['jlist'], ...ids.map((id) => ['env', id]), ...ids.map((id) => ['describe', id]), ['logs', '--nostream', '--lines', '1000']];
  return calls.map((call) => ({ name: `pm2 ${call.join(' ')} of ${zone}`, bytes: pm2(zone, ...call) }));
}

const search = (haystacks: readonly Haystack[]): string[] => haystacks.flatMap(({ name, bytes }) => foundIn(bytes, needles).map((needle) => `${needle} in ${name}`));

/** The form for a missing password opens; the person enters the right one. */
async function answerForm(band: string): Promise<void> {
  const form = await until('a password form', async () => (await stage.hands.report()).dialogs.find(({ kind }) => kind === 'password'));
  await stage.hands.answer(form.id, [...lab.nes.people.find(band)!.domainPassword]);
  await until('the password is kept', () => lab.nes.requests()['passwordPut'] === 1);
}

test.serial('the search finds what is planted, in every form and at every place in a text', (t) => {
  const file = join(dir, 'planted.log');
  t.teardown(() => rmSync(file));
  for (const { name, bytes } of needles) {
    writeFileSync(file, Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]));
    t.true(search([{ name: 'planted.log', bytes: readFileSync(file) }]).includes(`${name} in planted.log`), name);
  }
  t.true(search(files()).some((found) => found.endsWith(' in planted.log')));
  const secret = Buffer.from(lab.nes.people.secrets()[0]!);
  for (const lead of [0, 1, 2, 3]) {
    const text = Buffer.concat([Buffer.alloc(lead, 'a'), secret, Buffer.from('bc')]).toString('base64');
    t.true(foundIn(Buffer.from(text), needles).some((found) => found.includes('base64')), `${lead} bytes before`);
  }
});

test.serial('a day’s work: fills, refusals, a password entered, an error of NES, and a typist killed in the middle', async (t) => {
  t.like(await stage.tap('NB-01'), { outcome: 'filled' });
  t.true(await stage.isFilled('NB-01'));
  t.like(await stage.tap('NB-99'), { reason: 'unknown-band' });
  t.like(await stage.tap('NB-04'), { reason: 'inactive-user' });
  t.like(await stage.tap('NB-03'), { reason: 'no-password' });
  await answerForm('NB-03');
  t.like(await stage.tap('NB-03'), { outcome: 'filled' });
  t.true(await stage.isFilled('NB-03'));
  lab.nes.faults.add({ fault: { kind: 'status', status: 500 }, route: 'credential', times: 1 });
  t.like(await stage.tap('NB-02'), { reason: 'nes-error' });

  const injector = async () => (await fleet.status()).find(({ name }) => name === 'injector')!;
  const { pid } = await injector();
  lab.virtual!.world.ambush({ afterPresses: 60, run: () => process.kill(pid!, 'SIGKILL') });
  const killed = await stage.tap('NB-06');
  t.true(['restarted', 'lease-expired', 'deadline:injection'].includes(killed.reason), killed.reason);
  const enrolled = ({ msg, actor, pid: by }: Record<string, unknown>): boolean => msg === 'session.enrolled' && actor === 'injector' && by !== pid;
  await until('another injector has enrolled', () => stage.log(Zone.session).some(enrolled));
  await until('it has offered keys', async () => (await injector()).ready);
  t.like(await stage.tap('NB-02'), { outcome: 'filled' });
  t.true(await stage.isFilled('NB-02'));
});

test.serial('afterwards no secret stands in logs, journals, settings, or anything else on the disk', (t) => {
  const all = files();
  for (const part of ['Audit', 'Profile', 'injector.jsonl', 'tap-listener.jsonl', 'config.json', 'pm2']) t.true(all.some(({ name }) => name.includes(part)), part);
  t.deepEqual(search(all), []);
});

test.serial('nor in the environment or the arguments of a process', async (t) => {
  const all = await processes();
  t.is(all.length, 20);
  t.deepEqual(search(all), []);
});

test.serial('nor in what pm2 shows, logs and saves', (t) => {
  const all = [Zone.machine, Zone.session].flatMap((zone) => ofPm2(zone));
  t.is(all.length, 22);
  t.deepEqual(search([...all, ...files().filter(({ name }) => name.includes('pm2'))]), []);
});

test.serial('nor in any fact on the bus', async (t) => {
  const speakers = (): number => new Set(facts.map((fact) => (JSON.parse(fact) as { envelope: { from: string } }).envelope.from)).size;
  await until('a fact of every actor', () => speakers() === ACTOR_NAMES.length);
  t.deepEqual(search([{ name: 'facts', bytes: Buffer.from(facts.join('\n')) }]), []);
});
