// Programs that tell assistive software nothing: a plain X client, and a Chromium that was started without its flag. They are
// refused with a reason that says so, whatever they tell of themselves.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { findProgram } from '../../ops/lab/desktop/processes.ts';
import { isTrouble, type Context, type Target, type Trouble } from '../../platform/port.ts';
import { resolve } from '../../services/window-resolver/decide.ts';
import { never, secret } from '../platform/aim.ts';
import { startLab, type Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';
import { targetOf, unseenChecks, type UnseenStage } from '../platform/unseen.ts';

const CLIENT = fileURLToPath(new URL('plain-client.ts', import.meta.url));
const THIEF = fileURLToPath(new URL('thief.ts', import.meta.url));
const ROUNDS = 20;
const TAB_KEYCODE = 23;
const EVERY = { included: [], suppressed: [] };

interface Account {
  readonly window: number;
  readonly fields: readonly [string, string];
  readonly at: number;
  readonly submits: number;
}

/** A client; `account` is what it said last. */
interface Client {
  readonly child: ChildProcess;
  account: Account;
}

/** Opens a client; resolves when its window has the keyboard. */
async function openClient(t: ExecutionContext, lab: Lab, ...more: readonly string[]): Promise<Client> {
  const child = spawn(process.execPath, [CLIENT, lab.desktop.address.display ?? '', 'Weighing 3', ...more], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  const said = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(said, 'line'), once(child, 'exit').then(() => ['null'])]);
  const client: Client = { child, account: JSON.parse(String(line)) as Account };
  said.on('line', (next) => (client.account = JSON.parse(next) as Account));
  await eventually(async () => lab.x11.activeWindow(), (front) => front === client.account.window);
  return client;
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
  const browser = await lab.desktop.openChromium('data:text/html,<title>Sign in</title><input autofocus>', { exposes: 'nothing' });
  const trouble = await eventually(() => lab.look.context(), hasRemedy) as Trouble;
  t.like(trouble, { trouble: 'no-accessibility', remedy: 'accessibility-flag' });
  t.deepEqual(resolve(EVERY, trouble), { refused: 'no-accessibility', application: null, remedy: 'accessibility-flag' });
  await browser.close();
  await openClient(t, lab);
  t.deepEqual(resolve(EVERY, await lab.look.context()), { refused: 'no-accessibility', application: null });
});

for (const { title, run } of unseenChecks) {
  test.serial(`a plain X client: ${title}`, async (t) => {
    const lab = await startLab();
    t.teardown(() => lab.end());
    const client = await openClient(t, lab);
    const stage: UnseenStage = {
      look: lab.look,
      act: lab.act,
      holds: async () => client.account.fields,
      cover: async () => void (await openClient(t, lab)),
      rename: async (name) => {
        client.child.stdin?.write(`${name}\n`);
        await eventually(async () => lab.x11.titleOf(client.account.window), (shown) => shown === name);
      },
    };
    await run(t, stage);
    t.is(client.account.submits, 0);
    t.deepEqual(lab.x11.pressedKeys(), []);
  });
}

test.serial('a window that steals the keyboard from a plain X client gets no key, whenever it comes', async (t) => {
  const lab = await startLab();
  t.teardown(() => lab.end());
  const client = await openClient(t, lab);
  const other = await openClient(t, lab);
  const thief = spawn(process.execPath, [THIEF, lab.desktop.address.display ?? '', String(other.account.window)], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => thief.kill());
  const said = createInterface({ input: thief.stdout });
  await once(said, 'line');
  const { window } = client.account;
  const target: Target = {
    window: { id: String(window), pid: client.child.pid! },
    url: null, user: { ref: 'unseen:user', role: 'text' }, password: { ref: 'unseen:password' }, unseen: { title: 'Weighing 3', tabs: 1 },
  };
  let stopped = 0;
  for (let round = 0; round < ROUNDS; round++) {
    lab.x11.setInputFocus(window);
    await eventually(async () => lab.x11.activeWindow(), (front) => front === window);
    const stolen = once(said, 'line');
    thief.stdin.write(`${round * 2}\n`);
    const answer = await lab.act.writeUnseen(target, { user: secret('operator.one'), password: secret('Sesame-7') }, never(), () => undefined);
    await stolen;
    if (isTrouble(answer)) stopped++;
    if (isTrouble(answer)) t.true(['window-changed', 'focus-lost'].includes(answer.trouble), answer.trouble);
  }
  // A Tab of ours comes after whatever else may have come.
  lab.x11.setInputFocus(other.account.window);
  for (const press of [true, false]) lab.x11.key(TAB_KEYCODE, press);
  lab.x11.sync();
  await eventually(async () => other.account.at, (at) => at === 1);
  t.like(other.account, { fields: ['', ''], at: 1 });
  t.true(stopped > 0);
  t.log(`stopped in ${stopped} of ${ROUNDS} rounds`);
});

test.serial('a program that shows its fields, and a Chromium that would with its flag, are never typed into unseen', async (t) => {
  const lab = await startLab();
  t.teardown(() => lab.end());
  const type = async (): Promise<unknown> =>
    lab.act.writeUnseen(await targetOf(t, lab), { user: secret('operator.one'), password: secret('Sesame-7') }, never(), () => t.fail('begun'));
  const { dialog, close } = await lab.desktop.openDialog('gtk3', 'plain');
  await eventually(() => lab.look.context(), (context) => !isTrouble(context) && context.focused === 0);
  t.like(await type(), { trouble: 'element-gone' });
  t.deepEqual([Object.values(dialog.account.values).join(''), dialog.account.stray], ['', '']);
  await close();
  const browser = await lab.desktop.openChromium('data:text/html,<title>Sign in</title><input autofocus>', { exposes: 'nothing' });
  await eventually(() => lab.look.context(), hasRemedy);
  // The title of its page comes late, and a target of the one before it is another window's.
  await eventually(() => lab.look.foreground(), (front) => !isTrouble(front) && front.title.startsWith('Sign in'));
  t.like(await type(), { trouble: 'element-gone' });
  await browser.close();
});

const hasRemedy = (context: Context | Trouble): boolean => isTrouble(context) && context.remedy !== undefined;

async function refused(t: ExecutionContext, lab: Lab): Promise<void> {
  const context = await lab.look.context();
  t.like(context, { trouble: 'no-accessibility' });
  t.deepEqual(resolve(EVERY, context), { refused: 'no-accessibility', application: null });
}
