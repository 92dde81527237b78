// The topology under a real pm2, on short paths below /tmp.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startLab, type Lab, type LabSettings } from '../../ops/lab/lab.ts';
import { messagesFor } from '../../insight/messages.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { FleetFailed, openFleet, startFleet, type Fleet, type FleetOptions } from '../../supervisor/fleet.ts';
import { readyFile, readyPid } from '../../supervisor/ready.ts';
import { eventually } from '../platform/stage.ts';
import { environmentOf, leftBehind } from './left-behind.ts';

interface Stage {
  readonly dir: string;
  readonly lab: Lab;
  readonly options: FleetOptions;
}

/** A lab and a private folder; at the end of the test a fleet of these options is stopped, and nothing may be left. */
async function stage(t: ExecutionContext, settings: LabSettings = {}): Promise<Stage> {
  const dir = await mkdtemp('/tmp/tf-');
  const lab = await startLab({ dir, desktop: 'virtual', settings });
  const options: FleetOptions = { settingsFile: lab.settingsFile, home: dir, profile: 'compact' };
  t.teardown(async () => {
    await openFleet(options).stop();
    await lab.close();
    // A restart that the tray has begun keeps its compiled code before it ends.
    await eventually(async () => leftBehind(dir), ({ length }) => length === 0, COMES_BACK_MS);
    await rm(dir, { recursive: true, force: true });
  });
  return { dir, lab, options };
}

async function failureOf(starting: Promise<unknown>): Promise<FleetFailed['failure']> {
  try {
    await starting;
  } catch (error) {
    if (error instanceof FleetFailed) return error.failure;
    throw error;
  }
  throw new Error('it started');
}

/** Process of each zone, compact; null while it is not ready. */
const pidsOf = (fleet: Fleet): Record<string, number | null> =>
  Object.fromEntries(fleet.apps.map((app) => [app.zone, fleet.isReady(app) ? readyPid(fleet.config[app.zone].directory, app.actors[0]!) : null]));

const COMES_BACK_MS = 20_000;
/** A start that waited for its deadline took longer. */
const TIMEOUT_OF_START_MS = 15_000;
const renewed = (fleet: Fleet, zone: 'machine' | 'session', before: Record<string, number | null>) =>
  eventually(async () => pidsOf(fleet), (now) => now[zone] !== null && now[zone] !== before[zone], COMES_BACK_MS);

interface Line {
  readonly actor: string;
  readonly level: string;
  readonly msg: string;
  readonly time: string;
  readonly at?: string;
}
const logged = (zoneDirectory: string): Line[] => {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const lines = readFileSync(join(zoneDirectory, 'logs/App', `tapline_${day}.log`), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Line);
};

test.serial('each actor is ready in a process of its own, sees listed variables only, and ends session first, machine last', async (t) => {
  const { dir, options } = await stage(t);
  process.env['TAPLINE_TEST_SECRET'] = 'not-for-pm2';
  t.teardown(() => delete process.env['TAPLINE_TEST_SECRET']);
  const fleet = await startFleet({ ...options, profile: 'separate' });
  const status = await fleet.status();
  t.deepEqual(status.map(({ name, zone }) => `${zone} ${name}`), [
    'machine audit', 'machine nes-gateway', 'machine credential-broker',
    'session recorder', 'session tray', 'session injector', 'session window-resolver', 'session tap-listener',
  ]);
  for (const { ready, state, restarts, memoryBytes, pid } of status) {
    t.like({ ready, state, restarts }, { ready: true, state: 'online', restarts: 0 });
    t.true(memoryBytes > 10_000_000);
    t.deepEqual(environmentOf(pid!).filter((entry) => entry.includes('not-for-pm2')), []);
  }
  await fleet.stop();
  t.deepEqual(leftBehind(dir), []);
  const stops = (zone: string) => logged(join(dir, zone)).filter(({ msg }) => msg === 'actor.stopped').map(({ time }) => time).sort();
  t.is(stops('session').length, 5);
  t.is(stops('machine').length, 3);
  t.true(stops('session').at(-1)! <= stops('machine')[0]!);
});

test.serial('a process that pm2 calls online is not ready unless it said so itself', async (t) => {
  const { dir, options } = await stage(t);
  const fleet = await startFleet(options);
  rmSync(readyFile(join(dir, 'session'), 'injector'));
  const [machine, session] = await fleet.status();
  t.like(machine, { name: 'tapline-machine', state: 'online', ready: true });
  t.like(session, { name: 'tapline-session', state: 'online', ready: false });
  writeFileSync(readyFile(join(dir, 'session'), 'injector'), String(process.pid));
  t.false((await fleet.status())[1]!.ready);
});

test.serial('a second start says that it runs already and leaves the first one alone', async (t) => {
  const { options } = await stage(t);
  const fleet = await startFleet(options);
  const before = pidsOf(fleet);
  t.is((await failureOf(startFleet(options))).code, 'already-running');
  t.deepEqual(pidsOf(fleet), before);
  t.false(Object.values(before).includes(null));
});

test.serial('a second tray by hand shows that it is running already and ends with 3', async (t) => {
  const { lab, dir, options } = await stage(t);
  await startFleet(options);
  const hands = handsOn(lab.virtual!.world);
  const host = join(import.meta.dirname, '../../supervisor/host.ts');
  const second = spawn(process.execPath, [host, 'tray'], { env: { ...process.env, TAPLINE_HOME: dir, TAPLINE_CONFIG: lab.settingsFile } });
  const ended = once(second, 'exit');
  const box = await eventually(async () => (await hands.report()).dialogs[0], (dialog) => dialog !== undefined, COMES_BACK_MS);
  t.regex(JSON.stringify(box), /is already running\. Click OK/);
  await hands.answer(box!.id, null);
  t.deepEqual(await ended, [3, null]);
});

test.serial('a killed process comes back, counted, and Restart in the tray renews the session zone alone', async (t) => {
  const { lab, options } = await stage(t);
  const fleet = await startFleet(options);
  const first = pidsOf(fleet);
  process.kill(first['machine']!, 'SIGKILL');
  const second = await renewed(fleet, 'machine', first);
  t.not(second['machine'], first['machine']);
  t.is((await fleet.status())[0]!.restarts, 1);
  t.true(await handsOn(lab.virtual!.world).chooseMenu('restart'));
  const third = await renewed(fleet, 'session', second);
  t.true(third['session'] !== null && third['session'] !== second['session']);
  t.is(third['machine'], second['machine']);
});

test.serial('an actor that cannot start is named, with its last events and its log, and nothing is left running', async (t) => {
  const { dir, options } = await stage(t);
  mkdirSync(join(dir, 'machine/logs'), { recursive: true });
  writeFileSync(join(dir, 'machine/logs/Audit'), 'a file where a folder should be');
  const failure = await failureOf(startFleet({ ...options, profile: 'separate', zones: ['machine'] }));
  t.like(failure, { code: 'not-ready', app: 'audit' });
  t.regex(failure.sentence, /^audit did not become ready/);
  t.true(failure.events!.includes('actor.broke'));
  t.true(failure.logFile!.startsWith(join(dir, 'machine/logs/App')));
  t.deepEqual(leftBehind(dir), []);
});

const UNUSABLE = [
  { title: 'a file of log levels that is not there', text: null, status: 'logging-missing', at: /logging\.json: / },
  { title: 'a file of log levels that cannot be used', text: '{ "level": "loud" }', status: 'logging-broken', at: /logging\.json:1:12: / },
] as const;
for (const { title, text, status, at } of UNUSABLE) {
  test.serial(`${title} keeps nobody from signing in: the usual levels hold, log, box and icon say so`, async (t) => {
    const { dir, lab, options } = await stage(t, { logging: { file: 'logging.json' } });
    if (text !== null) writeFileSync(join(dir, 'logging.json'), text);
    await startFleet(options);
    const { tray } = lab.virtual!.world.desktop;
    const told = messagesFor({ product: 'Tapline', loggingFile: 'logging.json' }).statuses[status];
    await eventually(async () => [tray.dialogs.length, tray.icon?.state], ([boxes, icon]) => boxes === 1 && icon === 'disconnected', COMES_BACK_MS);
    t.like(tray.dialogs, [{ kind: 'message', title: told.title, text: told.message }]);
    t.is(tray.icon?.tooltip, `Error: ${told.message}`);
    for (const zone of ['machine', 'session']) {
      const lines = logged(join(dir, zone));
      t.true(lines.some(({ msg, level }) => msg === 'actor.ready' && level === 'info'));
      t.regex(lines.find(({ msg }) => msg === 'logging.unusable')?.at ?? '', at);
    }
  });
}

test.serial('an actor that is named in the file of log levels has a level of its own', async (t) => {
  const { dir, options } = await stage(t, { logging: { file: 'logging.json' } });
  writeFileSync(join(dir, 'logging.json'), '{ "level": "warn", "levels": { "tray": "debug" } }');
  await startFleet(options);
  const lines = logged(join(dir, 'session')).filter(({ level }) => level === 'info' || level === 'debug');
  t.true(lines.some(({ msg }) => msg === 'actor.ready'));
  t.deepEqual([...new Set(lines.map(({ actor }) => actor))], ['tray']);
});

test.serial('settings that cannot be used end the start at once, with file and line, and nothing is left running', async (t) => {
  const { dir, lab, options } = await stage(t);
  const settingsFile = join(dir, 'broken.json');
  writeFileSync(settingsFile, readFileSync(lab.settingsFile));
  const fleet = openFleet({ ...options, settingsFile });
  writeFileSync(settingsFile, '{ "profile": "wide" }');
  t.is((await failureOf(startFleet({ ...options, settingsFile }))).code, 'bad-configuration');
  const begunMs = performance.now();
  const failure = await failureOf(fleet.start());
  t.true(performance.now() - begunMs < TIMEOUT_OF_START_MS);
  t.is(failure.code, 'bad-configuration');
  t.regex(failure.sentence, /broken\.json:1:14/);
  t.deepEqual(leftBehind(dir), []);
});

for (const key of ['caFile', 'passwordFile'] as const) {
  test.serial(`a ${key} that cannot be read is named before anything starts`, async (t) => {
    const { dir, lab, options } = await stage(t);
    const settings = JSON.parse(readFileSync(lab.settingsFile, 'utf8')) as { nes: { caFile: string; login: { passwordFile: string } } };
    (key === 'caFile' ? settings.nes : settings.nes.login)[key as never] = join(dir, 'nothing.pem') as never;
    const settingsFile = join(dir, 'other.json');
    writeFileSync(settingsFile, JSON.stringify(settings));
    const failure = await failureOf(startFleet({ ...options, settingsFile }));
    t.is(failure.code, 'bad-configuration');
    t.regex(failure.sentence, new RegExp(`"nes\\.(login\\.)?${key}" names cannot be read \\(ENOENT\\): .*nothing\\.pem$`));
    t.deepEqual(leftBehind(dir), []);
  });
}

test.serial('a start that is called off leaves nothing running', async (t) => {
  const { dir, options } = await stage(t);
  const stopping: Promise<void>[] = [];
  const fleet: Fleet = openFleet({ ...options, onProgress: (text) => void (text.startsWith('starting the session') && stopping.push(fleet.stop())) });
  t.is((await failureOf(fleet.start())).code, 'stopped');
  await Promise.all(stopping);
  t.is(stopping.length, 1);
  t.deepEqual(leftBehind(dir), []);
});

test('a folder whose path leaves no room for sockets is told before anything starts', async (t) => {
  const home = join(await mkdtemp('/tmp/tf-'), 'x'.repeat(80));
  t.teardown(() => rm(join(home, '..'), { recursive: true }));
  const failure = await failureOf(startFleet({ home, settingsFile: undefined }));
  t.is(failure.code, 'bad-configuration');
  t.regex(failure.sentence, /path of \d+ bytes; at most \d+/);
  t.deepEqual(leftBehind(home), []);
});
