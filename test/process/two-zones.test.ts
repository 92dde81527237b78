// The machine zone as root, sessions as other users, with the rights of the file system between them.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { curveKeyPair } from 'zeromq';
import { actorsOf, Zone } from '../../contracts/actors.ts';
import { controlSocket } from '../../runtime/places.ts';
import { sessionIdOf, type EnrolAnswer, type EnrolRequest } from '../../runtime/enrol.ts';
import { end, until, ZoneStage } from './zone-stage.ts';

const ALICE = { uid: 61_101, gid: 61_101 };
const BOB = { uid: 61_102, gid: 61_102 };
const CALLER = join(import.meta.dirname, 'zone-caller.ts');
let stage: ZoneStage;

const asRoot = process.getuid?.() === 0 ? test.serial : test.serial.skip;
if (asRoot === test.serial.skip) process.stderr.write('Left out: two zones need root, to have processes of two users.\n');

test.before(async () => {
  if (process.getuid?.() === 0) stage = await ZoneStage.open(ALICE);
});
test.after.always(() => stage?.close());

/** Runs a call of `zone-caller.ts` as that user. */
function as<T>(user: { uid: number; gid: number }, call: string, ...args: unknown[]): T {
  const output = execFileSync(process.execPath, [CALLER, call], { input: JSON.stringify(args), encoding: 'utf8', timeout: 30_000, env: { USER: 'somebody' }, ...user });
  return JSON.parse(output) as T;
}

const request = (changes: Partial<EnrolRequest> = {}): EnrolRequest => ({
  want: 'enrol', runDir: '/tmp/none', keys: { tray: curveKeyPair().publicKey }, endpointId: '192.0.2.1',
  signingKey: Buffer.alloc(44).toString('base64'), formKey: Buffer.alloc(32).toString('base64'), ...changes,
});

interface Known {
  readonly session: string;
  readonly uid: number;
  readonly request: EnrolRequest;
}
const sessions = (): Known[] =>
  JSON.parse(readFileSync(join(stage.dir, 'machine', 'state', 'sessions.json'), 'utf8')) as never;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

asRoot('a tap fills the form of a session that another user runs', async (t) => {
  t.like(await stage.tap('NB-01'), { outcome: 'filled', reason: 'ok' });
  t.true(await stage.isFilled('NB-01'));
  const uidOf = (pid: number): number => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
  t.deepEqual(stage.children.map(({ pid }) => uidOf(pid!)), [0, ALICE.uid]);
});

asRoot('the session’s user reads the logs of the machine zone, its settings, and nothing else of it', (t) => {
  const { dir } = stage;
  const files = [...filesBelow(join(dir, 'machine')), ...filesBelow(join(dir, 'nes'))];
  t.true(files.some((file) => file.includes('/keys/')) && files.some((file) => file.includes('/state/')) && files.some((file) => file.includes('/Audit/')));
  const readable = as<string[]>(ALICE, 'readable', files);
  t.deepEqual(readable, files.filter((file) => file.startsWith(join(dir, 'machine', 'logs')) || file.endsWith('.ready')));
  t.deepEqual(as(ALICE, 'listable', ['keys', 'state', 'run'].map((name) => join(dir, 'machine', name))), []);
  t.deepEqual(as(ALICE, 'writable', [...files, join(dir, 'machine', 'run', 'x'), join(dir, 'machine', 'logs', 'App', 'x')]), []);
  t.is(as<string[]>(ALICE, 'readable', [stage.lab.settingsFile]).length, 1);
});

asRoot('another user reads of a session its logs and nothing else', (t) => {
  const files = filesBelow(join(stage.dir, 'session'));
  t.true(files.some((file) => file.endsWith('injector.sign')) && files.some((file) => file.endsWith('.jsonl')));
  const readable = as<string[]>(BOB, 'readable', files);
  t.deepEqual(readable, files.filter((file) => file.startsWith(join(stage.dir, 'session', 'logs')) || file.endsWith('.ready')));
});

asRoot('sockets within a zone take no connection of another user; control and the session’s doors do', (t) => {
  const run = join(stage.dir, 'machine', 'run');
  const sockets = readdirSync(run, { withFileTypes: true }).filter((entry) => entry.isSocket()).map(({ name }) => name).sort();
  const open = as<string[]>(BOB, 'connectable', sockets.map((name) => join(run, name))).map((path) => path.slice(run.length + 1));
  const [{ session }] = sessions() as [Known];
  t.deepEqual(open, ['control', ...sockets.filter((name) => name.endsWith(session))].sort());
  const own = join(stage.dir, 'session', 'run');
  const ofSession = readdirSync(own, { withFileTypes: true }).filter((entry) => entry.isSocket());
  const within = ofSession.filter(({ name }) => !name.endsWith(session)).map(({ name }) => join(own, name));
  t.true(within.length > 5);
  t.deepEqual(as(BOB, 'connectable', within), []);
});

asRoot('enrolment knows who calls: the keys of another user’s session give another session, and leave that one alone', (t) => {
  const [alice] = sessions() as [Known];
  t.is(alice.uid, ALICE.uid);
  t.is(alice.session, sessionIdOf(ALICE.uid, alice.request.keys));
  const claimed = as<EnrolAnswer>(BOB, 'enrol', join(stage.dir, 'machine'), alice.request);
  t.is(claimed.session, sessionIdOf(BOB.uid, alice.request.keys));
  t.not(claimed.session, alice.session);
  const left = as<EnrolAnswer>(BOB, 'enrol', join(stage.dir, 'machine'), { ...alice.request, want: 'leave' });
  t.is(left.session, claimed.session);
  t.deepEqual(sessions().map(({ session }) => session), [alice.session]);
});

asRoot('a foreign session cannot speak through a session’s door nor hear its facts, with keys of its own that are enrolled', async (t) => {
  const { dir } = stage;
  const root = stage.makeSessionFolder('other', BOB);
  const settings = JSON.parse(readFileSync(stage.lab.settingsFile, 'utf8')) as Record<string, unknown>;
  const file = join(dir, 'other.json');
  writeFileSync(file, JSON.stringify({ ...settings, session: { directory: root }, agent: { ...(settings['agent'] as object), endpointId: '192.0.2.9' } }));
  const other = await stage.start(Zone.session, BOB, file);
  await until('the other session has enrolled', () => stage.log(Zone.session, root).filter(({ msg }) => msg === 'session.enrolled').length === actorsOf(Zone.session).length);
  const [alice, bob] = sessions().sort((a, b) => a.uid - b.uid) as [Known, Known];
  const broker = as<EnrolAnswer>(BOB, 'enrol', join(dir, 'machine'), bob.request).keys['credential-broker'];
  const door = (session: string): string => `ipc://${join(dir, 'machine', 'run', `credential-broker.tap-listener.${session}`)}`;
  t.is(as(BOB, 'knock', root, 'tap-listener', door(alice.session), broker), 'handshake:error:auth');
  t.is(as(BOB, 'knock', root, 'tap-listener', door(bob.session), broker), 'handshake');
  t.is(as(BOB, 'knock', root, 'observer', door(bob.session), broker), 'handshake:error:auth');
  const outlet = `ipc://${join(dir, 'session', 'run', 'tray.outlet')}`;
  t.is(as(BOB, 'knock', root, 'observer', outlet, alice.request.keys.tray), 'refused by the system');
  t.is(as(BOB, 'say', root, 'tap-listener', door(bob.session), broker, alice.session), 'foreign-session');
  t.is(as(BOB, 'say', root, 'tap-listener', door(bob.session), broker, bob.session), 'ok');
  await until('the refusals are in the log', () => stage.log(Zone.machine).some(({ code }) => code === 'wrong-key'));
  await end(other);
  t.like(await stage.tap('NB-02'), { outcome: 'filled' });
});

asRoot('leaving, by the session’s own user, closes its doors', async (t) => {
  const [bob] = sessions().filter(({ uid }) => uid === BOB.uid) as [Known];
  as(BOB, 'leave', join(stage.dir, 'other.json'));
  t.deepEqual(sessions().map(({ uid }) => uid), [ALICE.uid]);
  t.deepEqual(readdirSync(join(stage.dir, 'machine', 'run')).filter((name) => name.endsWith(bob.session)), []);
});

asRoot('one user cannot use up the places of the others: the oldest of its own sessions goes', (t) => {
  const machine = join(stage.dir, 'machine');
  const answers = as<(EnrolAnswer | null)[]>(BOB, 'enrol-many', machine, Array.from({ length: 12 }, () => request()));
  t.true(answers.every((answer) => answer !== null));
  const known = sessions();
  t.deepEqual(known.filter(({ uid }) => uid === BOB.uid).map(({ session }) => session), answers.slice(-8).map((answer) => answer!.session));
  t.is(known.filter(({ uid }) => uid === ALICE.uid).length, 1);
});

asRoot('requests that are broken, too long, or that would surprise the broker later are refused, and it goes on serving', async (t) => {
  const machine = join(stage.dir, 'machine');
  const bad: [string, unknown][] = [
    ['no JSON', '{"want":'], ['nothing', ''], ['a list', []], ['a field too many', { ...request(), more: 1 }], ['too long', 'x'.repeat(200_000)],
    ['a key that is none', request({ keys: { tray: '~'.repeat(40) } })], ['a relative folder', request({ runDir: 'run' })],
    ['a folder with dots', request({ runDir: '/tmp/../run' })], ['a folder too long for a socket', request({ runDir: `/tmp/${'x'.repeat(60)}` })],
    ['a form key of another size', request({ formKey: 'AAAA' })], ['an actor that does not exist', request({ keys: { nobody: curveKeyPair().publicKey } as never })],
  ];
  for (const [title, text] of bad) t.is(as(BOB, 'raw', machine, typeof text === 'string' ? text : JSON.stringify(text)), null, title);
  await until('refusals are counted', () => stage.log(Zone.machine).some(({ msg, code }) => msg === 'enrolment.refused' && code === 'bad-request'));
  t.truthy(as(ALICE, 'raw', machine, JSON.stringify(sessions().find(({ uid }) => uid === ALICE.uid)!.request)));
});

asRoot('who is slow is cut off in bounded time, and many who are slow keep nobody else out', async (t) => {
  const machine = join(stage.dir, 'machine');
  const begun = Date.now();
  const held = spawnSync(process.execPath, [CALLER, 'hold'], { input: JSON.stringify([machine, 300, request()]), encoding: 'utf8', timeout: 30_000, ...BOB });
  t.is(held.stdout.trim(), '300', held.stderr);
  t.true(Date.now() - begun < 8000);
  const socket = connect(controlSocket(join(machine, 'run')));
  t.teardown(() => socket.destroy());
  t.truthy(as(ALICE, 'raw', machine, JSON.stringify(sessions().find(({ uid }) => uid === ALICE.uid)!.request)));
  t.like(await stage.tap('NB-06'), { outcome: 'filled' });
});
