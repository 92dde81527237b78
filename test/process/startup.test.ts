// What becomes of a start or a restart: a line in the Startup log, and where it fails and nobody sees a terminal, a box (7.9).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startLab } from '../../ops/lab/lab.ts';
import { messagesFor } from '../../insight/messages.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { serveDesktop } from '../../platform/virtual/server.ts';
import { typed, type Ended } from '../ops/typed.ts';
import { eventually } from '../platform/stage.ts';
import { leftBehind } from './left-behind.ts';

const WITHIN_MS = 60_000;
const LACKS_A_NES = 4;

const { title, message } = messagesFor({ product: 'Ward 7' }).statuses['cannot-initialize'];

/** A folder of the test's own; a command is typed there with nobody at a terminal. */
async function home(t: ExecutionContext) {
  const dir = await mkdtemp('/tmp/tu-');
  const type = (...words: readonly string[]): Promise<Ended> => typed({ TAPLINE_HOME: dir, TAPLINE_CONFIG: '', USER: userInfo().username }, ...words);
  t.teardown(async () => {
    await eventually(async () => leftBehind(dir), ({ length }) => length === 0, WITHIN_MS);
    await rm(dir, { recursive: true, force: true });
  });
  return { dir, type };
}

function startupLog(dir: string, zone: string): object[] {
  const logs = join(dir, zone, 'logs/Startup');
  if (!existsSync(logs)) return [];
  return readdirSync(logs).flatMap((file) => readFileSync(join(logs, file), 'utf8').trim().split('\n')).map((line) => JSON.parse(line) as object);
}

const FAILURES = [
  { words: ['start'], boxes: 1 }, { words: ['start', '--json'], boxes: 1 }, { words: ['restart', '--zone', 'session'], boxes: 1 },
  { words: ['start', '--zone', 'machine'], boxes: 0 },
] as const;
for (const { words, boxes } of FAILURES) {
  test(`${words.join(' ')} without a NES: ${boxes === 0 ? 'no box' : 'a box, the exit code once it is dismissed'}, and a line in the log`, async (t) => {
    const { dir, type } = await home(t);
    const desktop = await serveDesktop();
    t.teardown(() => desktop.close());
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ product: 'Ward 7', desktop: { kind: 'virtual', endpoint: desktop.endpoint } }));
    let isOver = false;
    const ended = type(...words).finally(() => (isOver = true));
    const { tray } = desktop.world.desktop;
    if (boxes > 0) {
      await eventually(async () => tray.dialogs.length, (shown) => shown > 0, WITHIN_MS);
      t.like(tray.dialogs, [{ kind: 'message', title, text: message }]);
      t.false(isOver);
      await handsOn(desktop.world).answer(tray.dialogs[0]!.id, null);
    }
    t.is((await ended).code, LACKS_A_NES);
    t.is(tray.dialogs.length, 0);
    const zone = boxes === 0 ? 'machine' : `session-${userInfo().username}`;
    t.like(startupLog(dir, zone), [{ level: 'error', actor: words[0], msg: `${words[0]}.failed`, code: 'no-nes' }]);
  });
}

test('settings that cannot be used are named in the log of the usual folder', async (t) => {
  const { dir, type } = await home(t);
  writeFileSync(join(dir, 'config.json'), '{ "profil": "compact" }');
  t.is((await type('start', '--zone', 'machine')).code, LACKS_A_NES);
  const [line] = startupLog(dir, 'machine') as { code: string; reason: string }[];
  t.is(line?.code, 'bad-configuration');
  t.regex(line?.reason ?? '', /config\.json:1:3: the key "profil" is not known here; did you mean "profile"/);
});

test('start, restart and stop by hand: 0 each, a line for what came up, no box', async (t) => {
  const { dir, type } = await home(t);
  const lab = await startLab({ dir, desktop: 'virtual', settings: { profile: 'compact' } });
  t.teardown(() => lab.close());
  t.teardown(async () => void (await type('stop')));
  writeFileSync(join(dir, 'config.json'), readFileSync(lab.settingsFile));
  t.is((await type('start')).code, 0);
  t.is((await type('restart', '--zone', 'session')).code, 0);
  t.is((await type('status')).code, 0);
  t.is((await type('stop')).code, 0);
  t.like(startupLog(dir, 'session'), [
    { level: 'info', msg: 'start.ready', apps: ['tapline-machine', 'tapline-session'] }, { level: 'info', msg: 'restart.ready', apps: ['tapline-session'] },
  ]);
  t.deepEqual(lab.virtual!.world.desktop.tray.dialogs, []);
});
