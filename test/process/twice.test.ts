// Tapline started a second time in the same session of a user: told so (7.6), and the first goes on.
import { spawn } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { messagesFor } from '../../insight/messages.ts';
import { startFleet } from '../../supervisor/fleet.ts';
import { Stand } from '../chaos/stand.ts';
import { until } from '../chaos/waiting.ts';

const { title, message } = messagesFor({ product: 'Tapline' }).statuses['already-running'];
const ALREADY_RUNNING = 3;
const WITHIN_MS = 20_000;

let stand: Stand;
let pids: readonly (number | null)[];
test.before(async () => {
  stand = await Stand.open('compact');
  pids = stand.apps.map((app) => stand.pidOf(app));
});
test.after.always(() => stand?.close());
test.serial.afterEach('the first goes on', firstFills);

test.serial('`start` a second time says the message, on the desktop where nobody is at a terminal, and ends with 3', async (t) => {
  const { ended } = run('ops/cli.ts', ['start']);
  await dismissBox(t);
  const { code, stderr } = await ended;
  t.is(code, ALREADY_RUNNING);
  t.true(stderr.includes(message));
});

test.serial('a second fleet is refused as already running', async (t) => {
  const error = await t.throwsAsync(startFleet({ settingsFile: stand.lab.settingsFile, home: stand.lab.dir }));
  t.like(error, { failure: { code: 'already-running' } });
});

test.serial('a second tray shows the message, and ends when the person clicks OK', async (t) => {
  const { ended } = run('supervisor/host.ts', ['tray']);
  await dismissBox(t);
  t.is((await ended).code, ALREADY_RUNNING);
  const { tray } = stand.world.desktop;
  t.is(tray.dialogs.length, 0);
  t.is(tray.icon?.state, 'connected');
});

test.serial('a second process of an actor that has no face ends with the message', async (t) => {
  const { code, stderr } = await run('supervisor/host.ts', ['tap-listener']).ended;
  t.is(code, ALREADY_RUNNING);
  t.true(stderr.includes(message));
});

async function dismissBox(t: ExecutionContext): Promise<void> {
  const { tray } = stand.world.desktop;
  await until('the box is shown', WITHIN_MS, () => tray.dialogs.length > 0);
  t.like(tray.dialogs, [{ kind: 'message', title, text: message }]);
  t.is(tray.dialogs.length, 1);
  await stand.hands.answer(tray.dialogs[0]!.id, null);
}

async function firstFills(t: ExecutionContext): Promise<void> {
  const window = await stand.openLogin();
  const before = stand.traces.profile().length;
  await stand.tap();
  await until('the tap ends', WITHIN_MS, () => stand.traces.profile().length > before);
  t.like(stand.traces.profile().slice(before), [{ outcome: 'filled' }]);
  t.true(await stand.hands.holds(window, 'password', [...stand.person.domainPassword]));
  t.true(stand.apps.every((app) => stand.fleet.isReady(app)));
  t.deepEqual(stand.apps.map((app) => stand.pidOf(app)), pids);
}

function run(script: string, words: readonly string[]) {
  const { settingsFile, dir } = stand.lab;
  const env = { ...process.env, TAPLINE_CONFIG: settingsFile, TAPLINE_HOME: dir };
  const child = spawn(process.execPath, [script, ...words], { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: WITHIN_MS, killSignal: 'SIGKILL' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stderr }));
  });
  return { ended };
}
