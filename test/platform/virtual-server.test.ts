// One virtual desktop for several processes: what they share, what the server refuses, and how a loss looks to a client.
import { once } from 'node:events';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import { Secret } from '../../contracts/secret.ts';
import { isTrouble } from '../../platform/port.ts';
import type { FormAnswer } from '../../platform/port.ts';
import { platformFor } from '../../platform/index.ts';
import { controlAt, deskAt } from '../../platform/virtual/client.ts';
import { LIMITS } from '../../platform/virtual/protocol.ts';
import { serveDesktop } from '../../platform/virtual/server.ts';
import type { DesktopServer } from '../../platform/virtual/server.ts';
import { showOn } from '../../platform/virtual/show.ts';
import { aimAt, mustFocus, mustWrite, never, reasonOf, secret } from './aim.ts';
import { eventually } from './stage.ts';
import { virtualStage } from './virtual-stage.ts';

const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)];

async function served(t: ExecutionContext) {
  const server = await serveDesktop();
  const hands = controlAt(server.controlEndpoint);
  t.teardown(async () => {
    await hands.close();
    await server.close();
  });
  const desk = () => {
    const made = deskAt(server.endpoint);
    t.teardown(() => made.close());
    return made;
  };
  return { server, hands, desk };
}

/** A bare socket, and the next frame that it hears. */
async function bare(t: ExecutionContext, { endpoint }: DesktopServer, path = endpoint) {
  const socket = new WebSocket(path);
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  const say = async (frame: string | Buffer): Promise<unknown> => {
    const heard = once(socket, 'message');
    socket.send(frame);
    return JSON.parse(String((await heard)[0]));
  };
  return { socket, say };
}

test('two clients share one desktop: what one writes, the other reads', async (t) => {
  const { hands, desk } = await served(t);
  const one = virtualStage(desk(), desk(), hands, async () => undefined);
  const two = virtualStage(desk(), desk(), hands, async () => undefined);
  const aim = await aimAt(t, one, 'login');
  await mustWrite(t, one, aim, aim.user, 'operator.one');
  t.is(await two.act.read(aim.target, aim.user), 'operator.one');
  await mustFocus(t, two, aim, aim.password);
  t.is(reasonOf(await one.act.write(aim.target, aim.user, secret('x'), never())), 'focus-lost');
});

test('the platform of the virtual kind is found by its address and looks at that desktop', async (t) => {
  const { server, hands } = await served(t);
  const address = { kind: 'virtual', endpoint: server.endpoint } as const;
  const look = await (await platformFor(address)).look(address);
  const window = await hands.openScene('login', { title: 'Batch 7', executable: '/opt/mes/mes.bin', pid: 77 });
  t.deepEqual(await look.foreground(), { id: window, pid: 77, executable: '/opt/mes/mes.bin', processName: 'mes', title: 'Batch 7' });
  await look.close();
});

test('a field is compared with bytes, and the report for people shows a password as dots', async (t) => {
  const { hands, desk } = await served(t);
  const stage = virtualStage(desk(), desk(), hands, async () => undefined);
  const aim = await aimAt(t, stage, 'login');
  await mustFocus(t, stage, aim, aim.password);
  await mustWrite(t, stage, aim, aim.password, 'Sesame-ß');
  t.true(await hands.holds(aim.window, 'password', bytesOf('Sesame-ß')));
  t.false(await hands.holds(aim.window, 'password', bytesOf('Sesame-s')));
  const report = await hands.report();
  t.is(report.windows[0]?.fields[1]?.shown, '••••••••');
  t.false(JSON.stringify(report).includes('Sesame'));
});

const GARBAGE: readonly (readonly [string, string, string | Buffer])[] = [
  ['text that is no JSON', 'not-a-question', 'hello {'],
  ['JSON of another shape', 'not-a-question', '{"id":1,"call":"context"}'],
  ['a question with an extra key', 'not-a-question', '{"id":1,"call":"context","args":[],"x":1}'],
  ['an unknown call', 'unknown-call', '{"id":1,"call":"constructor","args":[]}'],
  ['wrong arguments', 'wrong-arguments', '{"id":1,"call":"focus","args":[1,2]}'],
  ['a question of the person at the actors\' door', 'unknown-call', '{"id":1,"call":"arrived","args":[]}'],
];

for (const [what, why, frame] of GARBAGE) {
  test(`${what} is refused as ${why} and counted, and the connection lives on`, async (t) => {
    const { server, hands } = await served(t);
    const { say } = await bare(t, server);
    t.like(await say(frame), { refused: why });
    t.deepEqual(await hands.refused(), { [why]: 1 });
    t.like(await say('{"id":2,"call":"pressed","args":[]}'), { id: 2, answer: [] });
  });
}

test('binary frames that are no keys are counted and press nothing', async (t) => {
  const { server, hands } = await served(t);
  const { socket, say } = await bare(t, server);
  for (const frame of [Buffer.alloc(0), Buffer.alloc(12, 1), Buffer.alloc(13, 0xff), Buffer.alloc(5_000, 1)]) socket.send(frame);
  t.like(await say('{"id":2,"call":"pressed","args":[]}'), { id: 2, answer: [] });
  t.deepEqual(await hands.refused(), { 'not-a-key': 4 });
});

test('a press without an aim is refused and presses nothing', async (t) => {
  const { hands, desk } = await served(t);
  t.is(reasonOf(await desk().press(1, 0x61)), 'desktop-error');
  t.deepEqual(await hands.keyboard(), { pressed: [], mapped: [], presses: 0 });
});

test('an oversized frame ends its own connection only', async (t) => {
  const { server, hands } = await served(t);
  const { socket } = await bare(t, server);
  const closed = once(socket, 'close');
  socket.send('x'.repeat(LIMITS.frameBytes + 1));
  t.is((await closed)[0], 1009);
  t.deepEqual(await hands.refused(), { oversized: 1 });
});

test('a page of a browser, an unknown path and one connection too many are not admitted', async (t) => {
  const { server, hands } = await served(t);
  await hands.report();
  const fails = async (socket: WebSocket) => {
    const [error] = (await once(socket, 'error').catch((failed: unknown) => [failed])) as [Error];
    return error.message;
  };
  t.regex(await fails(new WebSocket(server.endpoint, { origin: 'https://pages.lab' })), /401/);
  t.regex(await fails(new WebSocket(server.endpoint.replace('actor', 'other'))), /401/);
  for (let count = 1; count < LIMITS.connections; count += 1) await bare(t, server);
  t.regex(await fails(new WebSocket(server.endpoint)), /401/);
  t.deepEqual(await hands.refused(), { 'foreign-origin': 1, 'unknown-path': 1, 'too-many-connections': 1 });
});

test('windows beyond the limit are not opened', async (t) => {
  const { hands } = await served(t);
  for (let count = 0; count < 64; count += 1) t.not(await hands.openScene('login'), null);
  t.is(await hands.openScene('login'), null);
});

test('without a desktop every call says so, and a new one at the same address is used again', async (t) => {
  const first = await serveDesktop();
  const desk = deskAt(first.endpoint);
  t.is(reasonOf(await desk.pressed().then((answer) => (isTrouble(answer) ? answer : null))), null);
  await first.close();
  const gone = await eventually(() => desk.context(), isTrouble);
  t.like(gone, { trouble: 'no-desktop' });
  const second = await serveDesktop({ port: Number(new URL(first.endpoint).port) });
  t.deepEqual(await eventually(() => desk.pressed(), (answer) => !isTrouble(answer)), []);
  await desk.close();
  await second.close();
  t.like(await desk.context(), { trouble: 'no-desktop' });
});

test('a desktop that hangs is an error in time, and is used again when it does not', async (t) => {
  const { server, hands } = await served(t);
  const desk = deskAt(server.endpoint, { answerMs: 50 });
  t.teardown(() => desk.close());
  await desk.pressed();
  server.world.stalled = true;
  t.like(await desk.pressed(), { trouble: 'desktop-error' });
  await hands.resume();
  t.deepEqual(await desk.pressed(), []);
});

test('icon, alerts and menu are seen by the person, and the chosen entry is heard', async (t) => {
  const { hands, desk } = await served(t);
  const show = showOn(desk());
  await show.icon({ state: 'connected', tooltip: 'Tapline' });
  await show.alert({ level: 'error', title: 'NO', message: 'Not this time.', forMs: 3_000 });
  const chosen = new Promise((resolve) => void show.menu([{ id: 'about', label: 'About' }], resolve).then(() => hands.chooseMenu('about')));
  t.is(await chosen, 'about');
  t.false(await hands.chooseMenu('none'));
  const { icon, alerts, menu } = await hands.report();
  t.deepEqual([icon?.state, alerts.length, menu.length], ['connected', 1, 1]);
  await show.close();
  const after = await eventually(() => hands.report(), (report) => report.menu.length === 0);
  t.deepEqual([after.icon, after.menu, after.alerts.length], [null, [], 1]);
});

test('a password form is answered with bytes, by a script, or cancelled', async (t) => {
  const { hands, desk } = await served(t);
  const show = showOn(desk());
  const form = { title: 'Update', text: 'New password', user: 'operator.one', status: '' };
  const asked = show.passwordForm(form);
  const { dialogs } = await eventually(() => hands.report(), (report) => report.dialogs.length === 1);
  t.like(dialogs[0], { kind: 'password', user: 'operator.one' });
  t.true(await hands.answer(dialogs[0]?.id ?? '', bytesOf('Sesame-ß')));
  t.deepEqual(bytesIn(await asked), bytesOf('Sesame-ß'));
  await hands.script(bytesOf(''));
  await hands.script(null);
  t.deepEqual(bytesIn(await show.passwordForm(form)), []);
  t.deepEqual(await show.passwordForm(form), { cancelled: true });
});

const bytesIn = (answer: FormAnswer): number[] | null => (answer instanceof Secret ? answer.reveal((bytes) => [...bytes]) : null);

test('a dialog takes the focus, so that nothing is typed behind it, and goes with its actor', async (t) => {
  const { hands, desk } = await served(t);
  const stage = virtualStage(desk(), desk(), hands, async () => undefined);
  const aim = await aimAt(t, stage, 'login');
  const show = showOn(desk());
  const shown = show.messageBox({ title: 'Tapline', message: 'Already running.' });
  await eventually(() => hands.report(), (report) => report.dialogs.length === 1);
  t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('x'), never())), 'window-changed');
  await show.close();
  await shown;
  await eventually(() => hands.report(), (report) => report.dialogs.length === 0);
  t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('x'), never())), null);
});
