// A start or a restart that fails where nobody sees a terminal is told in a box on the desktop (7.9).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { messagesFor } from '../../insight/messages.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { serveDesktop } from '../../platform/virtual/server.ts';
import { eventually } from '../platform/stage.ts';

const CLI = join(import.meta.dirname, '../../ops/cli.ts');
const WITHIN_MS = 20_000;
const LACKS_A_NES = 4;

const { title, message } = messagesFor({ product: 'Ward 7' }).statuses['cannot-initialize'];

for (const [words, boxes] of [[['start'], 1], [['start', '--json'], 1], [['restart', '--zone', 'session'], 1], [['start', '--zone', 'machine'], 0], [['status'], 0]] as const) {
  test(`${words.join(' ')}: ${boxes === 0 ? 'no box' : 'a box, and the exit code once it is dismissed'}`, async (t) => {
    const dir = await mkdtemp('/tmp/tu-');
    const desktop = await serveDesktop();
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ product: 'Ward 7', desktop: { kind: 'virtual', endpoint: desktop.endpoint } }));
    const child = spawn(process.execPath, [CLI, ...words], { env: { ...process.env, TAPLINE_HOME: dir, TAPLINE_CONFIG: '' }, stdio: 'ignore', timeout: WITHIN_MS });
    const ended = once(child, 'exit').then(([code]) => code as unknown);
    t.teardown(async () => {
      child.kill();
      await ended;
      await desktop.close();
      await rm(dir, { recursive: true, force: true });
    });
    const { tray } = desktop.world.desktop;
    if (boxes > 0) {
      await eventually(async () => tray.dialogs.length, (shown) => shown > 0, WITHIN_MS);
      t.like(tray.dialogs, [{ kind: 'message', title, text: message }]);
      t.is(child.exitCode, null);
      await handsOn(desktop.world).answer(tray.dialogs[0]!.id, null);
    }
    t.is(await ended, words[0] === 'status' ? 1 : LACKS_A_NES);
    t.is(tray.dialogs.length, 0);
  });
}
