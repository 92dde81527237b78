// Values that a field or the keyboard does not take: refused before the first key where it is known, else taken back.
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { isTrouble } from '../../platform/port.ts';
import { fill } from '../../services/injector/fill.ts';
import type { Filled } from '../../services/injector/fill.ts';
import { aimAt, mustFocus, mustShow, mustWrite, never, reasonOf, secret } from '../platform/aim.ts';
import type { Aim } from '../platform/aim.ts';
import { DialogStage } from '../platform/dialog-stage.ts';
import { BrowserStage, startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';
import type { Stage } from '../platform/stage.ts';
import { Person } from './person.ts';

const NAME = 'operator.one';
const EMPTY = { user: '', password: '' };

let lab: Lab;
let browser: BrowserStage;
let dialogs: DialogStage;

test.before(async () => {
  lab = await startLab();
  browser = await BrowserStage.start(lab);
  dialogs = new DialogStage(lab, 'gtk3');
});
test.beforeEach(() => Promise.all([browser.reset(), dialogs.reset()]));
test.after.always(() => browser?.end());

/** What the injector does with the credential of a person. */
async function fillAs(stage: Stage, { target }: Aim, password: string): Promise<Filled> {
  stage.act.prepare(target);
  const credential = { user: NAME, domain: 'LAB', password: secret(password) };
  return fill(stage.act, { target, focusOn: 'user', userEditable: true, credential, signal: never() });
}

/** Expects the fill to be refused, and the page to have heard of no key. */
async function mustNotBegin(t: ExecutionContext, aim: Aim, password: string, reason: string): Promise<void> {
  t.like(await fillAs(browser, aim, password), { outcome: 'refused', reason });
  const { values, events, stray } = await browser.pages.order(aim.window, { report: 'now' });
  t.deepEqual({ values, events, stray }, { values: EMPTY, events: [], stray: '' });
}

test.serial('a password that is longer than the page says its field takes is refused before the first key', async (t) => {
  const aim = await aimAt(t, browser, 'short');
  await mustNotBegin(t, aim, 'Sesame-open-7', 'value-too-long');
  await mustNotBegin(t, aim, '😀😀😀😀!', 'value-too-long');
  t.like(await fillAs(browser, aim, '😀😀😀😀'), { outcome: 'filled' });
  await mustShow(t, browser, aim.window, { user: NAME, password: '😀😀😀😀' });
});

test.serial('a password that the keyboard cannot give is refused before the first key of the name', async (t) => {
  const aim = await aimAt(t, browser, 'login');
  await mustNotBegin(t, aim, 'Sesame\t7', 'untypable');
  const person = new Person(lab);
  person.takeSpareKeys();
  await mustNotBegin(t, aim, 'Sésame-7', 'untypable');
  person.layout('us');
  person.close();
});

test.serial('what stands in a field stays there when a longer value is refused', async (t) => {
  const aim = await aimAt(t, browser, 'short');
  await mustFocus(t, browser, aim, aim.password);
  await mustWrite(t, browser, aim, aim.password, 'Sesame-7');
  t.is(reasonOf(await browser.act.write(aim.target, aim.password, secret('Another-77'), never())), 'value-too-long');
  await mustShow(t, browser, aim.window, { user: '', password: 'Sesame-7' });
});

test.serial('a field that tells nothing of its limit ends empty, with the reason', async (t) => {
  const aim = await aimAt(t, dialogs, 'short');
  t.like(await fillAs(dialogs, aim, 'Sesame-open-7'), { outcome: 'failed', reason: 'value-too-long' });
  await mustShow(t, dialogs, aim.window, EMPTY);
});

test.serial('Firefox tells nothing of limits: there a field that is too short ends empty, with the reason', async (t) => {
  const other = await startLab();
  t.teardown(() => other.end());
  const firefox = await BrowserStage.start(other, 'firefox');
  t.teardown(() => firefox.pages.close());
  const aim = await aimAt(t, firefox, 'short');
  t.like(await fillAs(firefox, aim, 'Sesame-open-7'), { outcome: 'failed', reason: 'value-too-long' });
  await mustShow(t, firefox, aim.window, EMPTY);
});

test.serial('an input that takes only a number or a date is no field for a name', async (t) => {
  const page = `<title>Numbers</title><input type=number autofocus><input type=date><input type=password>`;
  const program = await lab.desktop.openChromium(`data:text/html,${encodeURIComponent(page)}`);
  const context = await eventually(() => browser.look.context(), (answer) => !isTrouble(answer) && answer.window.title === 'Numbers' && answer.fields.length > 0);
  if (isTrouble(context)) return t.fail(context.detail);
  t.deepEqual([context.focused, context.fields.map(({ role }) => role)], [null, ['password']]);
  await program.close();
});
