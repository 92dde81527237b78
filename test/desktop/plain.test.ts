// Programs that tell assistive software nothing: a plain X client, and a Chromium that was started without its flag. They are
// refused with a reason that says so, whatever they tell of themselves.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { findProgram } from '../../ops/lab/desktop/processes.ts';
import { isTrouble, type Trouble } from '../../platform/port.ts';
import { resolve } from '../../services/window-resolver/decide.ts';
import { startLab, type Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';

const CLIENT = fileURLToPath(new URL('plain-client.ts', import.meta.url));
const EVERY = { included: [], suppressed: [] };

interface Account {
  readonly window: number;
  readonly fields: readonly [string, string];
  readonly at: number;
  readonly submits: number;
}

interface Client {
  readonly child: ChildProcess;
  readonly said: Interface;
  readonly account: Account;
}

/** Opens the client; resolves when its window has the keyboard. */
async function openClient(t: ExecutionContext, lab: Lab, ...more: readonly string[]): Promise<Client> {
  const child = spawn(process.execPath, [CLIENT, lab.desktop.address.display ?? '', 'Weighing 3', ...more], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  const said = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(said, 'line'), once(child, 'exit').then(() => ['null'])]);
  const account = JSON.parse(String(line)) as Account;
  await eventually(async () => lab.x11.activeWindow(), (front) => front === account.window);
  return { child, said, account };
}

for (const windowManager of findProgram('openbox') === null ? [false] : [false, true]) {
  const place = windowManager ? 'with a window manager' : 'without a window manager';

  test.serial(`a plain X client is refused as one that shows no fields, ${place}`, async (t) => {
    const lab = await startLab(() => undefined, windowManager);
    t.teardown(() => lab.end());
    const { child, account } = await openClient(t, lab);
    const front = await lab.look.foreground();
    t.like(front, { id: String(account.window), pid: child.pid!, processName: 'node', title: 'Weighing 3' });
    await refused(t, lab);
    t.deepEqual(await lab.look.windows(), [front as never]);
    t.like(await lab.look.contextOf(String(account.window)), { trouble: 'no-accessibility' });
  });

  test.serial(`a plain X client that does not name its process is refused alike, and listed, ${place}`, async (t) => {
    const lab = await startLab(() => undefined, windowManager);
    t.teardown(() => lab.end());
    const { account } = await openClient(t, lab, 'unnamed');
    await refused(t, lab);
    t.deepEqual(await lab.look.windows(), [{ id: String(account.window), pid: 0, executable: '', processName: '', title: 'Weighing 3' }]);
    t.like(await lab.look.contextOf(String(account.window)), { trouble: 'no-accessibility' });
  });
}

test.serial('a Chromium without its flag is refused with the way out; beside it a window without one stays without', async (t) => {
  const lab = await startLab();
  t.teardown(() => lab.end());
  const browser = await lab.desktop.openChromium('data:text/html,<title>Sign in</title><input autofocus>', { accessible: false });
  const trouble = await eventually(() => lab.look.context(), isTrouble) as Trouble;
  t.like(trouble, { trouble: 'no-accessibility', remedy: 'accessibility-flag' });
  t.deepEqual(resolve(EVERY, trouble), { refused: 'no-accessibility', application: null, remedy: 'accessibility-flag' });
  await browser.close();
  await openClient(t, lab);
  t.deepEqual(resolve(EVERY, await lab.look.context()), { refused: 'no-accessibility', application: null });
});

async function refused(t: ExecutionContext, lab: Lab): Promise<void> {
  const context = await lab.look.context();
  t.like(context, { trouble: 'no-accessibility' });
  t.deepEqual(resolve(EVERY, context), { refused: 'no-accessibility', application: null });
}
