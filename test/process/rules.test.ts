// A file of application rules that changes under a running session: what taps go by, and what person and log are told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Zone } from '../../contracts/actors.ts';
import { startLab } from '../../ops/lab/lab.ts';
import { end, PATIENT, until, ZoneStage } from './zone-stage.ts';

const FIRST = { included: [{ processName: 'chromium' }], suppressed: [{ processName: 'ssoengine' }] };
const OTHERS = { included: [{ processName: 'ssoengine' }] };
/** Breaks off where the list of what is suppressed would begin. */
const HALF = '{\n  "included": [{ "processName": "ssoengine" }],\n  "suppr';
const MISSING = 'appsettings.json file is missing. Contact your administrator.';
const BROKEN = 'Configuration Error (Data Structure) in appsettings.json. Contact your administrator.';
const KEPT = 'Until then the earlier settings apply.';

let stage: ZoneStage;
let file: string;

test.before(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rules-'));
  file = join(dir, 'appsettings.json');
  writeFileSync(file, JSON.stringify(FIRST));
  stage = new ZoneStage(dir, await startLab({ dir, desktop: 'virtual', settings: { budget: PATIENT } }));
  await stage.start(Zone.machine);
  await stage.start(Zone.session);
  await stage.enrolled();
});
test.after.always(() => stage?.close());

/** Opens the login page of a program, taps, and tells how the tap ended. */
async function tapIn(program: string): Promise<string> {
  const window = await stage.hands.openScene('login', { executable: `/usr/bin/${program}` });
  await stage.hands.click(window!, 'user');
  const { outcome, reason } = await stage.tapHere('NB-01');
  await stage.hands.closeWindow(window!);
  return outcome === 'filled' ? outcome : reason;
}

const warnings = async (): Promise<string[]> => (await stage.hands.report()).alerts.filter(({ title }) => title === 'WARNING').map(({ message }) => message);
const logged = (msg: string): unknown[] => stage.log(Zone.session).filter((line) => line['msg'] === msg).map(({ problem }) => problem);

test.serial('a broken new version changes nothing but what person and log are told, once', async (t) => {
  t.is(await tapIn('chromium'), 'filled');
  writeFileSync(file, HALF);
  t.is(await tapIn('ssoengine'), 'suppressed', 'the first half alone would allow what the second one suppresses');
  t.is(await tapIn('other'), 'not-configured');
  t.is(await tapIn('chromium'), 'filled');
  await until('the warning', async () => (await warnings()).length > 0);
  t.deepEqual(await warnings(), [`${BROKEN} ${KEPT}`]);
  t.deepEqual(logged('settings.kept'), [`${file}:3:3: unexpected end of string`]);
  t.is((await stage.hands.report()).icon?.state, 'connected');
});

test.serial('NES is asked at once, before anybody knows whether the window is to be left alone', async (t) => {
  const asked = (): number => stage.lab.nes.requests()['credential'] ?? 0;
  const before = asked();
  t.is(await tapIn('ssoengine'), 'suppressed');
  await until('a question', async () => asked() > before);
  t.is(asked(), before + 1);
});

test.serial('a file that is taken away leaves the rules in force, too', async (t) => {
  rmSync(file);
  t.is(await tapIn('ssoengine'), 'suppressed');
  t.is(await tapIn('other'), 'not-configured');
  await until('the warning', async () => (await warnings()).length > 1);
  t.is((await warnings())[1], `${MISSING} ${KEPT}`);
  t.is(logged('settings.kept').length, 2);
});

test.serial('a good new version holds from the next tap on', async (t) => {
  writeFileSync(file, JSON.stringify(OTHERS));
  t.is(await tapIn('ssoengine'), 'filled');
  t.is(await tapIn('chromium'), 'not-configured');
  await until('a line in the log', () => logged('settings.mended').length > 0);
  t.is((await warnings()).length, 2);
});

test.serial('a session that begins with a broken file has no earlier rules: every tap is refused, and a box says so', async (t) => {
  writeFileSync(file, HALF);
  await end(stage.children.at(-1)!);
  await stage.start(Zone.session);
  await stage.lab.agent.subscribed(2);
  await until('the box', async () => (await stage.hands.report()).dialogs.length > 0);
  t.deepEqual((await stage.hands.report()).dialogs.map(({ text }) => text), [BROKEN]);
  t.is(await tapIn('ssoengine'), 'settings-broken');
  t.true(logged('settings.broken').length > 0);
  writeFileSync(file, JSON.stringify(FIRST));
  t.is(await tapIn('chromium'), 'filled', 'and mending it needs no restart');
});
