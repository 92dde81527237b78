// What the suite of all adapters does not reach on a real X11 desktop: strange characters, thieves of the focus, dead typists.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { startDesktop } from '../../ops/lab/desktop.ts';
import { findProgram } from '../../ops/lab/desktop/processes.ts';
import { platform } from '../../platform/linux/platform.ts';
import { X11 } from '../../platform/linux/x11.ts';
import { isTrouble } from '../../platform/port.ts';
import type { Change, Target } from '../../platform/port.ts';
import { aimAt, mustFocus, mustShow, mustWrite, never, reasonOf, secret } from '../platform/aim.ts';
import { BrowserStage, startLab } from '../platform/linux-stage.ts';
import type { ChromiumOptions } from '../../ops/lab/desktop/browsers.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';

const STRANGE = 'é ß€ñ漢Ż😀';
const CAPS_LOCK = 2;
const SHIFT_KEYCODE = 50;
const CONTROL_KEYCODE = 37;
const L_KEYCODE = 46;
const traced: { change: Change; undone: boolean }[] = [];
let lab: Lab;
let stage: BrowserStage;

test.before(async () => {
  lab = await startLab((change, undone) => void traced.push({ change, undone }));
  stage = await BrowserStage.start(lab);
});
test.beforeEach(async () => {
  traced.length = 0;
  await stage.reset();
});
test.after.always(() => stage?.end());

/** Keycodes with a meaning; the layout of a new server is the measure. */
const mapped = (): number => lab.x11.keyboardMapping().filter((row) => row.some((keysym) => keysym !== 0)).length;

test.serial('characters of other scripts arrive in user name and password, and leave no key mapped or pressed', async (t) => {
  const keys = mapped();
  const aim = await aimAt(t, stage, 'login');
  await mustWrite(t, stage, aim, aim.user, STRANGE);
  await mustFocus(t, stage, aim, aim.password);
  t.deepEqual(await mustWrite(t, stage, aim, aim.password, `${STRANGE}Aa1!`), { verified: true });
  await mustShow(t, stage, aim.window, { user: STRANGE, password: `${STRANGE}Aa1!` });
  t.is(mapped(), keys);
  t.deepEqual(lab.x11.pressedKeys(), []);
});

test.serial('each change is traced before it is made and after it is undone, without the characters', async (t) => {
  const aim = await aimAt(t, stage, 'login');
  await mustWrite(t, stage, aim, aim.user, STRANGE);
  t.deepEqual(traced.map(({ change, undone }) => [change['what'], undone]), [['mapping', false], ['keys', false], ['keys', true], ['mapping', true]]);
  const told = JSON.stringify(traced);
  for (const character of STRANGE) t.false(told.includes(String(0x1000000 + (character.codePointAt(0) ?? 0))), character);
});

test.serial('with Caps Lock on and Shift held the text arrives as it is, and Caps Lock is on afterwards', async (t) => {
  const aim = await aimAt(t, stage, 'login');
  lab.x11.lockModifiers(CAPS_LOCK, CAPS_LOCK);
  lab.x11.key(SHIFT_KEYCODE, true);
  lab.x11.sync();
  await mustWrite(t, stage, aim, aim.user, 'Operator-One');
  t.is(lab.x11.keyboardState().locked & CAPS_LOCK, CAPS_LOCK);
  lab.x11.lockModifiers(CAPS_LOCK, 0);
  await mustShow(t, stage, aim.window, { user: 'Operator-One', password: '' });
  t.deepEqual(lab.x11.pressedKeys(), []);
});

test.serial('on every layout, and with the wrong one of two in use, the text arrives as it is', async (t) => {
  const text = `o'Zoë.y-@{~\`^"é€жα`;
  t.teardown(() => setLayout('us', ''));
  for (const [layout, variant] of [['de', ''], ['fr', ''], ['us', 'intl'], ['us,ru', ''], ['ru,us', ''], ['ru', '']] as const) {
    await stage.reset();
    setLayout(layout, variant);
    const aim = await aimAt(t, stage, 'prefilled');
    await mustWrite(t, stage, aim, aim.user, text);
    t.is((await stage.seen()).windows[aim.window]?.['user'], text, layout);
  }
});

test.serial('a text of the same length takes the place of the old one', async (t) => {
  const aim = await aimAt(t, stage, 'login');
  await mustFocus(t, stage, aim, aim.password);
  for (const password of ['Sesame-1', 'Sesame-2', 'Sesame-€']) {
    await mustWrite(t, stage, aim, aim.password, password);
    await mustShow(t, stage, aim.window, { user: '', password });
  }
});

test.serial('a window that steals the keyboard gets no character, whenever it comes', async (t) => {
  const { program, window } = await openThief();
  const thief = startScript('thief.ts', [lab.desktop.address.display ?? '', String(window)]);
  t.teardown(async () => {
    thief.kill();
    await program.close();
  });
  const said = createInterface({ input: thief.stdout ?? process.stdin });
  await once(said, 'line');
  let stopped = 0;
  for (let round = 0; round < 20; round++) {
    await stage.reset();
    const aim = await aimAt(t, stage, 'login');
    const stolen = once(said, 'line');
    thief.stdin?.write(`${round}\n`);
    const answer = await stage.act.write(aim.target, aim.user, secret('o'.repeat(60)), never());
    await stolen;
    if (isTrouble(answer)) stopped++;
    if (isTrouble(answer)) t.true(['window-changed', 'focus-lost', 'not-applied', 'value-too-long'].includes(answer.trouble), answer.trouble);
    t.regex((await stage.seen()).windows[aim.window]?.['user'] ?? '-', /^o{0,60}$/);
  }
  t.deepEqual(program.dialog.account.values, { user: '', password: '' });
  t.is(program.dialog.account.stray, '');
  t.log(`stopped in ${stopped} of 20 rounds`);
});

test.serial('a page that moves the focus while it is written stops the text', async (t) => {
  const aim = await aimAt(t, stage, 'login');
  await stage.pages.order(aim.window, { elsewhereAfter: 3 });
  const answer = await stage.act.write(aim.target, aim.user, secret('o'.repeat(200)), never());
  t.true(['focus-lost', 'not-applied'].includes(reasonOf(answer) ?? 'written'), JSON.stringify(answer));
  await stage.reset();
});

test.serial('what a killed process left pressed or mapped is undone from its trace', async (t) => {
  const keys = mapped();
  const dir = await mkdtemp(join(tmpdir(), 'tapline-trace-'));
  t.teardown(() => rm(dir, { recursive: true }));
  for (const change of [0, 1, 2]) {
    await stage.reset();
    const aim = await aimAt(t, stage, 'login');
    const file = join(dir, String(change));
    const typist = startScript('dying-typist.ts', [JSON.stringify(lab.desktop.address), JSON.stringify(aim.target), file, String(change)]);
    t.is((await once(typist, 'exit'))[1], 'SIGKILL');
    const lines = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { change: Change });
    lab.x11.key(SHIFT_KEYCODE, true);
    lab.x11.sync();
    await stage.act.repair(lines.map((line) => line.change));
    t.is(mapped(), keys, `after change ${change}`);
    t.deepEqual(lab.x11.pressedKeys(), []);
    // The keys that the dead process sent may still be on their way into its window; a new one has none.
    await stage.reset();
    const next = await aimAt(t, stage, 'login');
    await mustWrite(t, stage, next, next.user, 'operator');
  }
});

/** A login page in a Chromium of its own, until the test ends; the cursor is in its user field. */
async function openedBeside(t: ExecutionContext, keys: string, options: ChromiumOptions): Promise<Target> {
  await stage.pages.loaded(keys, async () => {
    const browser = await lab.desktop.openChromium(stage.pages.urlOf('login', keys), options);
    t.teardown(() => browser.close());
  });
  await stage.pages.order(keys, { focus: 'user' });
  const page = await eventually(() => stage.look.context(), (context) => !isTrouble(context) && context.focused === 0 && context.fields.length === 2);
  if (isTrouble(page)) throw new Error(page.detail);
  const [user, password] = page.fields;
  return { window: page.window, url: page.url, user: { ref: user!.ref, role: user!.role }, password: { ref: password!.ref } };
}

test.serial('the address bar is never paired with a password of the page, and gets none of its text', async (t) => {
  const keys = 'bar';
  const target = await openedBeside(t, keys, { app: false });
  press(CONTROL_KEYCODE, L_KEYCODE);
  const bar = await eventually(() => stage.look.context(), (context) => !isTrouble(context) && context.url === null && context.focused !== null);
  if (isTrouble(bar)) return t.fail(bar.trouble);
  t.deepEqual(bar.fields.map(({ role }) => role), ['text']);
  // The page's own field still says that it has the focus.
  t.is(reasonOf(await stage.act.write(target, target.user.ref, secret('operator'), never())), 'focus-lost');
  t.is((await stage.pages.order(keys, { report: 'now' })).values['user'], '');
});

test.serial('a Chromium that exposes nothing is told apart, with the flag that it needs', async (t) => {
  const browser = await lab.desktop.openChromium(stage.pages.urlOf('login', 'mute'), { exposes: 'nothing' });
  // One that is starting is not on the bus yet, which is told in the same way, without the flag.
  const context = await eventually(() => stage.look.context(), (answer) => isTrouble(answer) && answer.remedy !== undefined);
  t.is(troubleOf(context), 'no-accessibility');
  if (isTrouble(context)) t.true(context.detail.includes('--force-renderer-accessibility'));
  await browser.close();
});

test.serial('a Chromium that exposes everything, as one that a screen reader reads, is filled as well', async (t) => {
  const target = await openedBeside(t, 'full', { exposes: 'complete' });
  t.deepEqual(await stage.act.write(target, target.user.ref, secret('operator'), never()), { verified: true });
  t.is(await stage.act.focus(target, target.password.ref, never()), null);
  t.deepEqual(await stage.act.write(target, target.password.ref, secret('Aa1!-é漢'), never()), { verified: true });
  t.like((await stage.pages.order('full', { report: 'now' })).values, { user: 'operator', password: 'Aa1!-é漢' });
});

for (const windowManager of findProgram('openbox') === null ? [false] : [false, true]) {
  test.serial(`${windowManager ? 'with a' : 'without a'} window manager the window with the keyboard is in front`, async (t) => {
    const other = await startLab(() => undefined, windowManager);
    t.teardown(() => other.end());
    const { pid, close } = await other.desktop.openDialog('gtk3', 'plain');
    const context = await eventually(() => other.look.context(), (answer) => !isTrouble(answer) && answer.focused === 0);
    if (isTrouble(context)) return t.fail(context.detail);
    t.is(context.window.pid, pid);
    t.is(other.x11.managed(), windowManager);
    await close();
    t.is(troubleOf(await eventually(() => other.look.foreground(), isTrouble)), 'ambiguous-window');
  });
}

test.serial('a desktop that goes away is told, ends no process of ours, and leaves nothing behind', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'tapline-gone-'));
  const desktop = await startDesktop({ dir });
  const look = await platform.look(desktop.address);
  await desktop.openDialog('gtk3', 'plain');
  await desktop.close();
  await eventually(() => look.foreground(), (front) => isTrouble(front) && front.trouble === 'no-desktop');
  t.is(troubleOf(await look.foreground()), 'no-desktop');
  t.is(troubleOf(await look.context()), 'no-desktop');
  await look.close();
  t.deepEqual(await readdir(dir), []);
  await t.throwsAsync(platform.look(desktop.address), { code: 'NO_DISPLAY' });
  await rm(dir, { recursive: true });
});

const QUESTIONS: Readonly<Record<string, (x11: X11) => unknown>> = {
  moment: (x11) => x11.grabbed(() => x11.moment()),
  window: (x11) => x11.toldOf(x11.activeWindow()),
  tree: (x11) => [x11.moment(), x11.topLevels()],
};
for (const [name, question] of Object.entries(QUESTIONS)) {
  test.serial(`an X server that goes while it is asked is told, and every question after it answered (${name})`, async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'tapline-lost-'));
    const desktop = await startDesktop({ dir });
    const x11 = new X11(desktop.address.display ?? '');
    question(x11);
    const closing = desktop.close();
    await eventually(async () => (question(x11), x11.lost), (lost) => lost);
    await closing;
    for (const again of Object.values(QUESTIONS)) again(x11);
    t.deepEqual([x11.moment(), x11.clients(), x11.picture(), x11.keyboardMapping()], [null, [], null, []]);
    x11.close();
    t.deepEqual(x11.toldOf(1), { pid: 0, title: '' });
    await rm(dir, { recursive: true });
  });
}

const troubleOf = (answer: object): string | null => (isTrouble(answer) ? answer.trouble : null);

const setLayout = (layout: string, variant: string): void =>
  void execFileSync('setxkbmap', ['-layout', layout, '-variant', variant], { env: { ...lab.desktop.environment } });

function press(...keycodes: readonly number[]): void {
  for (const keycode of keycodes) lab.x11.key(keycode, true);
  for (const keycode of [...keycodes].reverse()) lab.x11.key(keycode, false);
  lab.x11.sync();
}

async function openThief(): Promise<{ program: Awaited<ReturnType<Lab['desktop']['openDialog']>>; window: number }> {
  const program = await lab.desktop.openDialog('gtk3', 'plain');
  return { program, window: lab.x11.activeWindow() };
}

function startScript(name: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}
