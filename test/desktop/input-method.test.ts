// A real input method between keyboard and programs: IBus, as a plain layout, and composing Korean syllables of Latin letters.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Change } from '../../platform/port.ts';
import { aimAt, mustFocus, mustShow, mustWrite, never, reasonOf, secret } from '../platform/aim.ts';
import type { Aim } from '../platform/aim.ts';
import { BrowserStage, startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';
import { Key, Person } from './person.ts';

const NAMES = ['operator.one', 'LAB\\j.doe-7', 'Zoë.Müller@x'] as const;
const PASSWORD = 'Sésame open-7漢';
const LETTERS = { g: 0x72, a: 0x6b } as const;
const SPACE = 0x20;

const traced: Change[] = [];
let lab: Lab;
let daemon: ChildProcess;
let stage: BrowserStage;
let person: Person;

test.before(async () => {
  lab = await startLab((change) => void traced.push(change));
  daemon = spawn('ibus-daemon', ['--panel=disable', '--emoji-extension=disable', '--xim'], { env: lab.desktop.environment, stdio: 'ignore' });
  person = new Person(lab);
  await chooseEngine('hangul');
  stage = await BrowserStage.start(lab);
});
test.beforeEach(async () => {
  await stage.reset();
  traced.length = 0;
});
test.afterEach.always(() => person.layout('us'));
test.after.always(async () => {
  person?.close();
  await stage?.end();
});

/** Resolves once the daemon uses the engine. */
async function chooseEngine(name: string): Promise<void> {
  const ibus = (...args: readonly string[]): string => {
    try {
      return execFileSync('ibus', args, { env: lab.desktop.environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return '';
    }
  };
  const chosen = await eventually(async () => (ibus('engine', name), ibus('engine')), (engine) => engine === name, 10_000);
  if (chosen !== name) throw new Error(`IBus does not use ${name}`);
}

/** Switches the engine to Korean, as a person does, and sees a syllable of two letters in the user field. */
async function compose(t: ExecutionContext, aim: Aim): Promise<void> {
  await chooseEngine('hangul');
  person.hold(Key.shift);
  person.tap(SPACE);
  person.leave();
  person.tap(LETTERS.g);
  person.tap(LETTERS.a);
  await mustShow(t, stage, aim.window, { user: '가', password: '' });
}

const lent = (): boolean => traced.some(({ what }) => what === 'mapping');

test.serial('while Korean is composed, name and password arrive as they are', async (t) => {
  for (const name of NAMES) {
    await stage.reset();
    const aim = await aimAt(t, stage, 'login');
    await compose(t, aim);
    t.deepEqual(await mustWrite(t, stage, aim, aim.user, name), { verified: true });
    await mustFocus(t, stage, aim, aim.password);
    t.deepEqual(await mustWrite(t, stage, aim, aim.password, PASSWORD), { verified: true });
    await mustShow(t, stage, aim.window, { user: name, password: PASSWORD });
  }
  t.true(lent());
});

test.serial('where nobody can read back what became of the keys, a composing input method is refused', async (t) => {
  const { target } = await aimAt(t, stage, 'login');
  const values = { user: secret('operator'), password: secret('Sesame') };
  const answer = await stage.act.writeUnseen({ ...target, unseen: { title: 'Sign in', tabs: 1 } }, values, never(), () => t.fail());
  t.is(reasonOf(answer), 'input-method');
});

test.serial('an engine that is a keyboard layout hands every key on: none is lent, and a dead accent changes nothing', async (t) => {
  await chooseEngine('xkb:de::deu');
  person.layout('de');
  const aim = await aimAt(t, stage, 'login');
  person.tap(Key.deadAcute);
  await mustWrite(t, stage, aim, aim.user, 'Ea.operator');
  await mustFocus(t, stage, aim, aim.password);
  await mustWrite(t, stage, aim, aim.password, 'Sesame-7');
  await mustShow(t, stage, aim.window, { user: 'Ea.operator', password: 'Sesame-7' });
  t.false(lent());
});

test.serial('an input method that serves by XIM alone is known as long as it lives', async (t) => {
  t.true(lab.x11.servesInputMethod());
  daemon.kill();
  await once(daemon, 'exit');
  t.false(await eventually(async () => lab.x11.servesInputMethod(), (serves) => !serves));
});
