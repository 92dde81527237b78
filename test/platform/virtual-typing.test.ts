// What may happen between two presses of a key on the virtual desktop, and what a dead typist leaves behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Reason } from '../../contracts/reasons.ts';
import type { Change } from '../../platform/port.ts';
import { actOn } from '../../platform/virtual/act.ts';
import { controlAt, deskAt } from '../../platform/virtual/client.ts';
import type { AmbushAction } from '../../platform/virtual/control.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { Key } from '../../platform/virtual/keyboard.ts';
import { Seat } from '../../platform/virtual/seat.ts';
import { serveDesktop } from '../../platform/virtual/server.ts';
import { VirtualDesktop } from '../../platform/virtual/world.ts';
import { aimAt, mustFocus, mustWrite, never, reasonOf, secret } from './aim.ts';
import { eventually } from './stage.ts';
import { virtualStage } from './virtual-stage.ts';

function desktop() {
  const world = new VirtualDesktop('a');
  const hands = handsOn(world);
  return { world, hands, stage: virtualStage(new Seat(world), new Seat(world), hands, async () => undefined) };
}

/** Four characters are typed (after Ctrl and A), then this happens. */
const AMBUSHES: readonly (readonly [string, Reason, (own: string, other: string) => AmbushAction])[] = [
  ['another window comes to the front', 'window-changed', (_, other) => ({ do: 'raise', window: other })],
  ['a click into another field of another window', 'window-changed', (_, other) => ({ do: 'click', window: other, field: 'password' })],
  ['the window closes', 'window-changed', (own) => ({ do: 'close', window: own })],
  ['the page moves the focus', 'focus-lost', (own) => ({ do: 'click', window: own, field: 'password' })],
  ['a click beside all fields', 'focus-lost', (own) => ({ do: 'click', window: own, field: null })],
  ['the element is replaced', 'element-gone', (own) => ({ do: 'replace', window: own, field: 'user' })],
  ['the document changes', 'document-changed', (own) => ({ do: 'navigate', window: own, scene: 'dual' })],
];

for (const [what, reason, actionOf] of AMBUSHES) {
  test(`after four characters ${what}: writing stops as ${reason} and nothing goes astray`, async (t) => {
    const { hands, stage } = desktop();
    const other = await aimAt(t, stage, 'login');
    const aim = await aimAt(t, stage, 'login');
    await hands.ambush(6, actionOf(aim.window, other.window));
    t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('operator.one'), never())), reason);
    const { windows, stray, submits } = await hands.arrived();
    const { user, ...rest } = windows[aim.window] ?? {};
    t.true([undefined, '', 'oper'].includes(user), 'at most the first four are in the field');
    t.true(Object.values({ ...rest, ...windows[other.window] }).every((value) => value === ''));
    t.deepEqual([stray, submits], ['', 0]);
    t.deepEqual(await hands.keyboard().then(({ pressed, mapped }) => [pressed, mapped]), [[], []]);
  });
}

test('a window that comes and goes between two presses stops the write for good', async (t) => {
  const { world, hands, stage } = desktop();
  const other = await aimAt(t, stage, 'login');
  const aim = await aimAt(t, stage, 'login');
  const comeAndGo = (): void => {
    void hands.raise(other.window);
    queueMicrotask(() => void hands.raise(aim.window));
  };
  world.ambush({ afterPresses: 6, run: comeAndGo });
  t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('operator.one.of.the.night.shift'), never())), 'window-changed');
  t.is((await hands.arrived()).windows[aim.window]?.['user'], 'oper');
});

test('a signal that ends between two presses stops the write and leaves no key', async (t) => {
  const { world, hands, stage } = desktop();
  const aim = await aimAt(t, stage, 'login');
  const ending = new AbortController();
  world.ambush({ afterPresses: 4, run: () => ending.abort('deadline:injection' satisfies Reason) });
  t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('öperator.one'), ending.signal)), 'deadline:injection');
  t.true(((await hands.arrived()).windows[aim.window]?.['user']?.length ?? 99) < 'öperator.one'.length);
  t.deepEqual(await hands.keyboard().then(({ pressed, mapped }) => [pressed, mapped]), [[], []]);
});

test('a change of the keyboard is traced before and after, and tells nothing of the value', async (t) => {
  const { world, hands, stage } = desktop();
  const aim = await aimAt(t, stage, 'login');
  const traced: string[] = [];
  const note = (change: Change, undone: boolean) => {
    traced.push(JSON.stringify({ change, undone, mapped: world.desktop.keyboard.mapped.length }));
  };
  const act = actOn(new Seat(world), note);
  await act.write(aim.target, aim.user, secret('ßß€'), never());
  t.deepEqual(traced, [
    '{"change":{"kind":"keyboard","keys":[200,201]},"undone":false,"mapped":0}',
    '{"change":{"kind":"keyboard","keys":[200,201]},"undone":true,"mapped":0}',
  ]);
  t.is((await hands.arrived()).windows[aim.window]?.['user'], 'ßß€');
});

test('more unknown characters than spare keys are refused before anything is typed', async (t) => {
  const { hands, stage } = desktop();
  const aim = await aimAt(t, stage, 'prefilled');
  const greek = Array.from({ length: 20 }, (_, index) => String.fromCodePoint(0x3b1 + index)).join('');
  t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret(greek), never())), 'untypable');
  t.is((await hands.arrived()).windows[aim.window]?.['user'], 'operator.seven');
});

test('a field takes as many UTF-16 units as it says, and a longer value leaves it untouched', async (t) => {
  const { hands, stage } = desktop();
  const aim = await aimAt(t, stage, 'short');
  await mustFocus(t, stage, aim, aim.password);
  await mustWrite(t, stage, aim, aim.password, '😀😀😀😀');
  t.is(reasonOf(await stage.act.write(aim.target, aim.password, secret('😀😀😀😀!'), never())), 'value-too-long');
  t.is((await hands.arrived()).windows[aim.window]?.['password'], '😀😀😀😀');
});

test('keys go to whatever has the focus: astray, to another field, to the submit', async (t) => {
  const { world, hands } = desktop();
  const strike = (...keys: number[]): void => {
    for (const key of keys) {
      world.press(key);
      world.desktop.keyboard.pressed = [];
    }
  };
  strike(0x61);
  const window = await hands.openScene('login') ?? '';
  strike(0x62);
  await hands.click(window, 'user');
  strike(0x63, Key.tab, 0x64, 0x65, Key.backspace, Key.enter);
  t.deepEqual(await hands.arrived(), { windows: { [window]: { user: 'c', password: 'd' } }, stray: 'ab', submits: 1 });
});

test('a killed typist leaves a key down and keys mapped; its trace is enough to put them right', async (t) => {
  const { hands, server, traceFile } = await sharedDesktop(t);
  const window = await hands.openScene('login') ?? '';
  await hands.click(window, 'user');
  await hands.ambush(7, { do: 'stall' });
  const typist = spawn(process.execPath, [join(import.meta.dirname, 'typist.ts'), server.endpoint, traceFile], { stdio: 'ignore' });
  const gone = once(typist, 'exit');
  t.teardown(() => typist.kill('SIGKILL'));
  await eventually(() => hands.keyboard(), ({ presses }) => presses === 7, 10_000);
  typist.kill('SIGKILL');
  await gone;
  await hands.resume();
  const left = await hands.keyboard();
  t.is(left.pressed.length, 1, 'a key is down');
  t.is(left.mapped.length, 2, 'two keys are mapped');

  const open = readFileSync(traceFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { change: Change; undone: boolean });
  t.deepEqual(open.map(({ undone }) => undone), [false]);
  const desk = deskAt(server.endpoint);
  await actOn(desk, () => undefined).repair(open.map(({ change }) => change));
  t.teardown(() => desk.close());
  t.deepEqual(await hands.keyboard().then(({ pressed, mapped }) => [pressed, mapped]), [[], []]);
});

async function sharedDesktop(t: ExecutionContext) {
  const server = await serveDesktop();
  const hands = controlAt(server.controlEndpoint);
  const folder = mkdtempSync(join(tmpdir(), 'tapline-typist-'));
  t.teardown(async () => {
    rmSync(folder, { recursive: true, force: true });
    await hands.close();
    await server.close();
  });
  return { server, hands, traceFile: join(folder, 'trace') };
}
