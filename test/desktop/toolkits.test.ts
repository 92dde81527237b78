// The whole way on each toolkit: what is in front is looked at, the pair is decided on, and a credential goes into it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { platform } from '../../platform/linux/platform.ts';
import { X11 } from '../../platform/linux/x11.ts';
import { isTrouble } from '../../platform/port.ts';
import { SCENES } from '../../platform/virtual/scenes.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import { focusOn, mustShow } from '../platform/aim.ts';
import { DialogStage } from '../platform/dialog-stage.ts';
import { startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';
import type { WindowKey } from '../platform/stage.ts';
import { FILLED, NOWHERE_ELSE, ONE, TOOLKITS, TWO, tap } from './toolkits.ts';
import type { RealStage } from './toolkits.ts';

/** How often the keyboard is stolen, each time a little later. */
const THEFTS = 6;
/** How often a window is closed, each time a little later. */
const CLOSINGS = 5;
/** Longer than a question to a program may take. */
const SILENT_MS = 1300;

/** A dialog of its own, and a process that gives it the keyboard after so many milliseconds. */
async function openThief(t: ExecutionContext, { desktop, x11 }: Lab) {
  const program = await desktop.openDialog('gtk3', 'plain');
  const script = fileURLToPath(new URL('thief.ts', import.meta.url));
  const thief = spawn(process.execPath, [script, desktop.address.display ?? '', String(x11.activeWindow())], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => void thief.kill());
  const said = createInterface({ input: thief.stdout });
  await once(said, 'line');
  const stolen = once(said, 'line');
  const steal = (afterMs: number): void => void thief.stdin.write(`${afterMs}\n`);
  return { dialog: program.dialog, steal, stolen, close: () => (thief.kill(), program.close()) };
}

for (const { name, start } of TOOLKITS) {
  let starting: Promise<RealStage> | undefined;
  let lab: Lab;
  const open = async (t: ExecutionContext, scene: SceneName, field: string): Promise<{ stage: RealStage; window: WindowKey }> => {
    const stage = await (starting ??= startLab().then((started) => start((lab = started))));
    await stage.reset();
    const window = await stage.open(scene);
    await focusOn(t, stage, window, field);
    return { stage, window };
  };

  test.serial(`${name}: while the screen is locked, or another program has the keyboard to itself for another reason, nothing is typed`, async (t) => {
    const { stage, window } = await open(t, 'login', 'user');
    const locker = new X11(lab.desktop.address.display ?? '');
    t.teardown(() => locker.close());
    const { promise: unlocked, resolve: unlock } = Promise.withResolvers<void>();
    const filled = await tap(t, stage, ONE, 'text', () => void locker.heldBack(() => unlocked));
    t.is(filled.outcome, 'refused');
    t.true(['window-changed', 'focus-lost'].includes(filled.reason), filled.reason);
    unlock();
    await mustShow(t, stage, window, { user: '', password: '' });
    await focusOn(t, stage, window, 'user');
    t.deepEqual(await tap(t, stage, ONE), FILLED);
  });

  test.serial(`${name}: a tap fills the login form in front`, async (t) => {
    const { stage, window } = await open(t, 'login', 'user');
    t.deepEqual(await tap(t, stage, ONE), FILLED);
    await mustShow(t, stage, window, { user: ONE.user, password: ONE.password });
  });

  test.serial(`${name}: with the right name there, a tap fills the password alone, wherever of the two the focus is`, async (t) => {
    for (const field of ['password', 'user']) {
      const { stage, window } = await open(t, 'prefilled', field);
      t.deepEqual(await tap(t, stage, { ...ONE, user: 'operator.seven' }), FILLED);
      await mustShow(t, stage, window, { user: 'operator.seven', password: ONE.password });
    }
  });

  test.serial(`${name}: two people sign one after the other, the second first`, async (t) => {
    const { stage, window } = await open(t, 'dual', 'user2');
    t.deepEqual(await tap(t, stage, TWO), FILLED);
    await focusOn(t, stage, window, 'user1');
    t.deepEqual(await tap(t, stage, ONE), FILLED);
    await mustShow(t, stage, window, { user1: ONE.user, password1: ONE.password, user2: TWO.user, password2: TWO.password });
    const { stray, submits } = await stage.seen();
    t.deepEqual([stray, submits], ['', 0]);
  });

  test.serial(`${name}: a person is chosen from a list, or nothing is done`, async (t) => {
    const { stage, window } = await open(t, 'select', 'user');
    const filled = await tap(t, stage, ONE, 'select');
    if (name === 'GTK 4') {
      t.deepEqual([filled.outcome, filled.reason], ['refused', 'option-missing']);
      await mustShow(t, stage, window, { user: 'Choose…', password: '' });
      return;
    }
    t.deepEqual(filled, FILLED);
    await mustShow(t, stage, window, { user: ONE.user, password: ONE.password });
  });

  test.serial(`${name}: a program that moves the focus amid the password gets one more character at most, and keeps none of it`, async (t) => {
    const { stage, window } = await open(t, 'prefilled', 'password');
    await stage.elsewhereAfter(window, 3);
    const filled = await tap(t, stage, { ...ONE, user: 'operator.seven', password: NOWHERE_ELSE.repeat(5) });
    t.is(filled.outcome, 'failed', filled.reason);
    await mustShow(t, stage, window, { user: 'operator.seven', password: '' });
    const { stray, submits } = await stage.seen();
    t.true(stray.length <= 1, stray);
    t.is(submits, 0);
    t.log(filled.reason, stray);
  });

  test.serial(`${name}: a window that takes the keyboard amid a fill gets no key of it, whenever it comes`, async (t) => {
    const outcomes: string[] = [];
    for (let round = 0; round < THEFTS; round++) {
      const { stage, window } = await open(t, 'login', 'user');
      const thief = await openThief(t, lab);
      await stage.raise(window);
      await focusOn(t, stage, window, 'user');
      const filled = await tap(t, stage, ONE, 'text', () => thief.steal(round * 15));
      await thief.stolen;
      outcomes.push(filled.reason);
      const { values, stray, clicks } = thief.dialog.account;
      t.deepEqual([values, stray, clicks], [{ user: '', password: '' }, '', 0]);
      const shown = (await stage.seen()).windows[window] ?? {};
      t.true(ONE.user.startsWith(shown['user'] ?? '-') && ONE.password.startsWith(shown['password'] ?? '-'), 'only the beginning of either');
      await thief.close();
    }
    t.log(outcomes.join(', '));
  });

  test.serial(`${name}: a window that is closed amid a fill ends it, and nothing of it goes to the one below, whenever it closes`, async (t) => {
    const outcomes: string[] = [];
    const { stage, window: below } = await open(t, 'login', 'user');
    for (let round = 0; round < CLOSINGS; round++) {
      const window = await stage.open('login');
      await focusOn(t, stage, window, 'user');
      let closing: Promise<void> | undefined;
      const close = (): void => void (closing = sleep(round * 6).then(() => stage.close(window)));
      const filled = await tap(t, stage, { ...ONE, password: NOWHERE_ELSE.repeat(5) }, 'text', close);
      await closing;
      outcomes.push(filled.reason);
      await mustShow(t, stage, below, { user: '', password: '' });
    }
    t.true(outcomes.some((reason) => reason !== 'ok'), 'one at least was closed amid a fill');
    const { stray, submits } = await stage.seen();
    t.deepEqual([stray, submits], ['', 0]);
    t.log(outcomes.join(', '));
  });

  test.after.always(`${name}: ends`, async () => {
    await (await starting)?.end();
  });
}

test.serial('GTK 3: a drop-down that has had the focus since before anybody listened is known to have it, unless there are two', async (t) => {
  const lab = await startLab();
  t.teardown(() => lab.end());
  const { user1, password1, user2, password2 } = Object.fromEntries(SCENES.dual.fields.map((field) => [field.name, field]));
  const [drop] = SCENES.select.fields;
  for (const fields of [SCENES.select.fields, [{ ...drop!, ...user1, role: drop!.role }, password1!, { ...drop!, ...user2, role: drop!.role }, password2!]]) {
    const program = await lab.desktop.openDialog('gtk3', { ...SCENES.select, fields });
    await eventually(() => lab.look.context(), (context) => !isTrouble(context) && context.fields.length === fields.length);
    const late = await platform.look(lab.desktop.address);
    const context = await late.context();
    await late.close();
    await program.close();
    t.is(isTrouble(context) ? context.trouble : context.focused, fields.length === 2 ? 0 : null);
  }
});

test.serial('GTK 3: a window manager that gives the keyboard to the outer window amid a password does not stop it', async (t) => {
  const lab = await startLab(undefined, true);
  t.teardown(() => lab.end());
  const stage = new DialogStage(lab, 'gtk3');
  const window = await stage.open('login');
  await focusOn(t, stage, window, 'user');
  const outer = lab.x11.activeWindow();
  t.not(lab.x11.inputFocus(), outer);
  const typed = async (): Promise<number> => (await stage.seen()).windows[window]?.['password']?.length ?? 0;
  let moved: Promise<void> | undefined;
  const filled = await tap(t, stage, ONE, 'text', () => void (moved = eventually(typed, (count) => count >= 3).then(() => lab.x11.setInputFocus(outer))));
  await moved;
  t.deepEqual(filled, FILLED);
  await mustShow(t, stage, window, { user: ONE.user, password: ONE.password });
});

test.serial('GTK 3: a program that answers nothing for more than a second amid a password is waited for', async (t) => {
  const lab = await startLab();
  const stage = new DialogStage(lab, 'gtk3');
  t.teardown(() => stage.end());
  const window = await stage.open('login');
  await focusOn(t, stage, window, 'user');
  const password = 'x'.repeat(60);
  const typed = async (): Promise<number> => (await stage.seen()).windows[window]?.['password']?.length ?? 0;
  const context = await stage.look.context();
  if (isTrouble(context)) return t.fail(context.detail);
  const { pid } = context.window;
  let stoppedMs = 0;
  let stopped: Promise<void> | undefined;
  const stop = (): void => {
    process.kill(pid, 'SIGSTOP');
    stoppedMs = performance.now();
    setTimeout(() => process.kill(pid, 'SIGCONT'), SILENT_MS);
  };
  const filled = await tap(t, stage, { ...ONE, password }, 'text', () => void (stopped = eventually(typed, (count) => count >= 3).then(stop)));
  await stopped;
  t.deepEqual(filled, FILLED);
  t.true(performance.now() - stoppedMs > SILENT_MS, 'it was silent meanwhile');
  await mustShow(t, stage, window, { user: ONE.user, password });
});
