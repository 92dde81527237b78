// What a person sees on a Linux desktop, over a real session bus and through real helper programs.
import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { join } from 'node:path';
import anyTest from 'ava';
import type { TestFn } from 'ava';
import { COLOURS } from '../../platform/linux/pixmap.ts';
import { openShow } from '../../platform/linux/show.ts';
import type { LinuxShowOptions } from '../../platform/linux/show.ts';
import type { Alert, FormAnswer, MissingPart, Show } from '../../platform/port.ts';
import { Secret } from '../../contracts/secret.ts';
import { assuan, NotificationServer, privateBus, program, TrayHost } from './show-servers.ts';
import type { Notified, PrivateBus } from './show-servers.ts';

interface Desk {
  readonly bus: PrivateBus;
  readonly missing: MissingPart[];
  show(options?: LinuxShowOptions): Promise<Show>;
}
const test = anyTest as TestFn<Desk>;
const open = new WeakMap<Desk, Show[]>();

test.beforeEach(async (t) => {
  const bus = await privateBus();
  const missing: MissingPart[] = [];
  const shows: Show[] = [];
  const show = async (options: LinuxShowOptions = {}) => {
    const one = await openShow({ kind: 'x11', display: ':7', sessionBus: bus.address }, { onMissing: (part) => missing.push(part), ...options });
    shows.push(one);
    return one;
  };
  t.context = { bus, missing, show };
  open.set(t.context, shows);
});
test.afterEach.always(async (t) => {
  for (const show of open.get(t.context) ?? []) await show.close();
  await t.context.bus?.end();
});

const CONNECTED = { state: 'connected', tooltip: 'Tapline' } as const;
const ALERT: Alert = { level: 'success', title: 'SUCCESS', message: 'Filled & <done>', forMs: 5_000 };

test('the tray host gets the icon, its tooltip and its menu, and a click comes back by its id', async (t) => {
  t.timeout(10_000);
  const host = await TrayHost.open(t.context.bus.address);
  const show = await t.context.show();
  const { promise: chosen, resolve } = Promise.withResolvers<string>();
  await show.menu([{ id: 'logs', label: 'Open the Logs Folder' }, { id: 'restart', label: 'Restart' }], resolve);
  await show.icon(CONNECTED);

  const [item] = host.items;
  t.true(item?.startsWith('org.kde.StatusNotifierItem-'));
  t.deepEqual(await host.property(item ?? '', 'ToolTip'), ['', [], 'Tapline', '']);
  t.deepEqual(centre(await host.property(item ?? '', 'IconPixmap')), COLOURS.green);
  t.deepEqual([...(await host.menu(item ?? ''))], [[1, 'Open the Logs Folder'], [2, 'Restart']]);
  await host.click(item ?? '', 2);
  t.is(await chosen, 'restart');
  t.deepEqual(t.context.missing, []);
});

test('a changed icon is announced and shows the trouble', async (t) => {
  const host = await TrayHost.open(t.context.bus.address);
  const show = await t.context.show();
  await show.icon(CONNECTED);
  const announced = Promise.all([next(host, 'NewIcon'), next(host, 'NewToolTip')]);
  await show.icon({ state: 'disconnected', tooltip: 'Error: no NES' });
  await announced;
  t.deepEqual(await host.property(host.items[0] ?? '', 'ToolTip'), ['', [], 'Error: no NES', '']);
  t.deepEqual(centre(await host.property(host.items[0] ?? '', 'IconPixmap')), COLOURS.red);
});

test('a tray host that comes later gets the icon then, and its absence is said once', async (t) => {
  const show = await t.context.show();
  await show.icon(CONNECTED);
  await show.icon({ state: 'initializing', tooltip: 'Tapline' });
  t.deepEqual(t.context.missing.map(({ part }) => part), ['tray']);
  const host = await TrayHost.open(t.context.bus.address);
  if (host.items.length === 0) await next(host, 'registered');
  t.deepEqual(centre(await host.property(host.items[0] ?? '', 'IconPixmap')), COLOURS.amber);
});

test('an alert carries title, text, level and time', async (t) => {
  const server = await NotificationServer.open(t.context.bus.address);
  const show = await t.context.show();
  await show.alert(ALERT);
  await show.alert({ ...ALERT, level: 'error', title: 'ERROR', forMs: 7_000 });
  const [success, error] = server.shown;
  t.like(success, { app: 'Tapline', summary: 'SUCCESS', body: 'Filled & <done>', timeoutMs: 5_000 });
  t.is(success?.hints['urgency']?.value, 1);
  t.is(success?.hints['frcolor']?.value, '#229a4c');
  t.is(error?.hints['urgency']?.value, 2);
  t.is(error?.timeoutMs, 7_000);
});

test('text is escaped for a server that reads markup', async (t) => {
  const server = await NotificationServer.open(t.context.bus.address, ['body', 'body-markup']);
  const show = await t.context.show();
  await show.alert(ALERT);
  t.is(server.shown[0]?.body, 'Filled &amp; &lt;done&gt;');
});

test('an alert is closed after its time, also by a server that would keep it', async (t) => {
  const server = await NotificationServer.open(t.context.bus.address);
  const show = await t.context.show();
  const closed = next(server, 'closed');
  await show.alert({ ...ALERT, forMs: 20 });
  t.deepEqual(await closed, [1]);
});

test('only four alerts are on the screen at once: the oldest goes', async (t) => {
  const server = await NotificationServer.open(t.context.bus.address);
  const show = await t.context.show();
  const closed: number[] = [];
  server.on('closed', (id: number) => closed.push(id));
  for (let n = 0; n < 6; n++) await show.alert(ALERT);
  t.deepEqual(closed, [1, 2]);
});

test('without a notification server alerts are dropped, and that is said once', async (t) => {
  const show = await t.context.show();
  await show.alert(ALERT);
  await show.alert(ALERT);
  t.deepEqual(t.context.missing.map(({ part }) => part), ['notifications']);
});

test('a message box waits for the person', async (t) => {
  const box = await program(t.context.bus.folder, 'box', 'exit 0');
  const show = await t.context.show({ boxPrograms: [box.path] });
  await show.messageBox({ title: 'ERROR', message: 'appsettings.json file is missing. Contact your administrator.' });
  const heard = await box.heard();
  t.true(heard.startsWith(`:7 ${t.context.bus.address} `));
  t.regex(heard, /--no-markup --title ERROR --text appsettings\.json file is missing\. Contact your administrator\./);
});

for (const [how, script] of [['is not installed', null], ['cannot open', 'echo "cannot open display" >&2; exit 1']] as const) {
  test(`where the message box ${how}, a notification stays until it is dismissed`, async (t) => {
    t.timeout(10_000);
    const server = await NotificationServer.open(t.context.bus.address);
    const path = script === null ? join(t.context.bus.folder, 'none') : (await program(t.context.bus.folder, 'box', script)).path;
    const show = await t.context.show({ boxPrograms: [path] });
    const notified = next(server, 'notified') as Promise<[Notified]>;
    const dismissed = show.messageBox({ title: 'ERROR', message: 'Broken.' });
    const [{ id, timeoutMs, hints }] = await notified;
    t.is(timeoutMs, 0);
    t.is(hints['urgency']?.value, 2);
    server.dismiss(id);
    await dismissed;
    t.deepEqual(t.context.missing.map(({ part }) => part), ['box']);
  });
}

const QUESTION = { title: 'Tapline', text: 'Enter it 100%.', user: 'LAB\\zoë', status: '' };

test('the password form tells who and why, and gives the bytes that were typed', async (t) => {
  const form = await program(t.context.bus.folder, 'form', assuan(`printf 'D s%%C3%%A9c%%25\\nD ret%%0a\\nOK\\n'`));
  const show = await t.context.show({ formPrograms: [form.path] });
  const secret = await show.passwordForm({ ...QUESTION, status: 'Username and Password are invalid.' });
  t.is(textOf(secret), 'séc%ret\n');
  const heard = await form.heard();
  t.true(heard.startsWith(`:7 ${t.context.bus.address} --display :7\n`));
  for (const line of ['SETTITLE Tapline', 'SETDESC Enter it 100%25.%0A%0AUsername : LAB\\zoë', 'SETOK Confirm', 'SETERROR Username and Password are invalid.', 'SETTIMEOUT 120']) {
    t.true(heard.split('\n').includes(line), line);
  }
});

/** What is missing, or, for a person who is there, that they cancelled. */
const NO_ANSWER: readonly (readonly [string, string, readonly string[]])[] = [
  ['the program gives up waiting', `echo 'ERR 83886142 Timeout'`, []],
  ['the program dies', 'exit 3', ['the form ended without an answer']],
  ['the program has no screen', `echo 'ERR 83886340 no tty'`, ['the form answered with error 83886340']],
  ['a line has no end', `head -c 5000 /dev/zero`, ['the form sent a line that is too long']],
  ['the value is too long', `i=0; while [ $i -lt 3 ]; do printf 'D %0500d\\n' 0; i=$((i+1)); done; echo OK`, ['the form gave a value that is too long']],
];
for (const [what, onGetPin, details] of NO_ANSWER) {
  test(`the password form gives nothing when ${what}`, async (t) => {
    const form = await program(t.context.bus.folder, 'form', assuan(onGetPin));
    const show = await t.context.show({ formPrograms: [form.path] });
    const [unanswered = 'nobody answered in time'] = details;
    t.deepEqual(await show.passwordForm(QUESTION), { unanswered });
    t.deepEqual(t.context.missing.map(({ detail }) => detail), details);
  });
}

test('the password form tells a person who cancels from one who is not there', async (t) => {
  const form = await program(t.context.bus.folder, 'form', assuan(`echo 'ERR 83886179 Operation cancelled'`));
  const show = await t.context.show({ formPrograms: [form.path] });
  t.deepEqual(await show.passwordForm(QUESTION), { cancelled: true });
  t.deepEqual(t.context.missing, []);
});

test('an empty password is asked for again', async (t) => {
  const form = await program(t.context.bus.folder, 'form', assuan(`[ $n -lt 3 ] || echo 'D x'; echo OK`));
  const show = await t.context.show({ formPrograms: [form.path] });
  t.is(textOf(await show.passwordForm(QUESTION)), 'x');
  t.is((await form.heard()).split('\n').filter((line) => line === 'GETPIN').length, 3);
});

test('no second form opens over the first, and closing ends the one that is open', async (t) => {
  t.timeout(10_000);
  const form = await program(t.context.bus.folder, 'form', assuan(':'));
  const show = await t.context.show({ formPrograms: [form.path] });
  const first = show.passwordForm(QUESTION);
  t.deepEqual(await show.passwordForm(QUESTION), { unanswered: 'another form is open' });
  await show.close();
  t.deepEqual(await first, { unanswered: 'the desktop is left' });
});

test('without a form program nobody has cancelled, and what to install is said once', async (t) => {
  const show = await t.context.show({ formPrograms: [join(t.context.bus.folder, 'none')] });
  const unanswered = 'no password form is installed: apt-get install pinentry-gtk2';
  t.deepEqual(await show.passwordForm(QUESTION), { unanswered });
  t.deepEqual(await show.passwordForm(QUESTION), { unanswered });
  t.deepEqual(t.context.missing, [{ part: 'form', detail: unanswered }]);
});

const textOf = (answer: FormAnswer): string | null => (answer instanceof Secret ? answer.reveal((bytes) => Buffer.from(bytes).toString()) : null);

test('without a session bus everything answers and nothing throws', async (t) => {
  await t.context.bus.stop();
  const show = await t.context.show({ boxPrograms: [] });
  await show.menu([{ id: 'restart', label: 'Restart' }], () => {});
  await show.icon(CONNECTED);
  await show.alert(ALERT);
  await show.messageBox({ title: 'ERROR', message: 'Broken.' });
  t.deepEqual(t.context.missing.map(({ part }) => part).toSorted(), ['box', 'bus', 'notifications', 'tray']);
});

test('when the bus goes and comes back, so do icon and alerts', async (t) => {
  const before = await TrayHost.open(t.context.bus.address);
  const show = await t.context.show();
  await show.icon(CONNECTED);
  t.is(before.items.length, 1);
  await t.context.bus.stop();
  await show.icon({ state: 'disconnected', tooltip: 'Error: gone' });
  await t.context.bus.start();
  const [host, server] = await Promise.all([TrayHost.open(t.context.bus.address), NotificationServer.open(t.context.bus.address)]);
  if (host.items.length === 0) await next(host, 'registered');
  t.deepEqual(await host.property(host.items[0] ?? '', 'ToolTip'), ['', [], 'Error: gone', '']);
  await show.alert(ALERT);
  t.is(server.shown.length, 1);
});

/** The next event, or a failure where there is none within ten seconds. */
function next(emitter: EventEmitter, event: string): Promise<unknown[]> {
  return once(emitter, event, { signal: AbortSignal.timeout(10_000) });
}

/** Colour of the dot's lower right, where no wave is, in the first pixmap. */
function centre(pixmaps: unknown): { red: number; green: number; blue: number } {
  const [[size, , pixels]] = pixmaps as [[number, number, Buffer]];
  const at = (Math.floor(size * 0.75) * size + Math.floor(size * 0.6)) * 4;
  return { red: pixels[at + 1] ?? 0, green: pixels[at + 2] ?? 0, blue: pixels[at + 3] ?? 0 };
}
