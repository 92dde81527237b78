// The same characters on every layout, whatever state a person has left the keyboard in: the page, or the dialog, tells what
// arrived, and the keyboard is looked at afterwards.
import test from 'ava';
import { aimAt, mustFocus, mustShow, mustWrite, never, reasonOf, secret } from '../platform/aim.ts';
import { DialogStage } from '../platform/dialog-stage.ts';
import { BrowserStage, startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { LAYOUTS, MANY, mapped, mustArrive, mustArriveAfterAll } from './hands.ts';
import { Key, Person } from './person.ts';

let lab: Lab;
let stage: BrowserStage;
let person: Person;

test.before(async () => {
  lab = await startLab();
  stage = await BrowserStage.start(lab);
  person = new Person(lab);
});
test.beforeEach(() => stage.reset());
test.afterEach.always(() => {
  person.leave();
  person.layout('us');
});
test.after.always(async () => {
  person?.close();
  await stage?.end();
});

for (const layout of LAYOUTS) {
  test.serial(`on the layout ${layout} every text arrives in a page as it is, whatever the hands have done before`, async (t) => {
    person.layout(layout);
    await mustArriveAfterAll(t, stage, person, ['user', 'password']);
  });
}

test.serial('in Firefox, too, every text arrives as it is, whatever the hands have done before', async (t) => {
  const other = await startLab();
  t.teardown(() => other.end());
  const [firefox, hands] = [await BrowserStage.start(other, 'firefox'), new Person(other)];
  t.teardown(() => firefox.pages.close());
  t.teardown(() => hands.close());
  for (const layout of ['us(intl)', 'ru,us'] as const) {
    await firefox.reset();
    hands.layout(layout);
    await mustArriveAfterAll(t, firefox, hands, ['user', 'password']);
  }
});

// Their user names are placed without keys.
for (const toolkit of ['gtk3', 'gtk4', 'qt5'] as const) {
  for (const layout of ['us(intl)', 'ru,us'] as const) {
    test.serial(`on the layout ${layout} every password arrives in a dialog of ${toolkit} as it is, whatever the hands have done before`, async (t) => {
      person.layout(layout);
      const dialogs = new DialogStage(lab, toolkit);
      t.teardown(() => dialogs.reset());
      await mustArriveAfterAll(t, dialogs, person, ['password']);
    });
  }
}

test.serial('a sequence of Compose that a person has begun is not ended by the text', async (t) => {
  person.layout('us', 'compose:menu');
  const aim = await aimAt(t, stage, 'login');
  await mustFocus(t, stage, aim, aim.password);
  for (const begun of [[Key.compose], [Key.compose, Key.apostrophe]]) {
    for (const keysym of begun) person.tap(keysym);
    await mustArrive(t, stage, person, aim, 'password', 'Ea0é');
    await mustShow(t, stage, aim.window, { user: '', password: 'Ea0é' });
  }
});

for (const layout of ['us', 'ru', 'us(intl)'] as const) {
  test.serial(`a text with more characters than the keyboard can be given at once arrives in parts on the layout ${layout}`, async (t) => {
    person.layout(layout);
    const aim = await aimAt(t, stage, 'login');
    const shown = { user: '', password: '' };
    for (const field of ['user', 'password'] as const) {
      await mustFocus(t, stage, aim, aim[field]);
      shown[field] = MANY;
      await mustArrive(t, stage, person, aim, field, MANY);
      await mustShow(t, stage, aim.window, shown);
    }
  });
}

for (const toolkit of ['gtk3', 'gtk4', 'qt5'] as const) {
  test.serial(`a password of that many characters arrives in parts in a dialog of ${toolkit}`, async (t) => {
    const dialogs = new DialogStage(lab, toolkit);
    t.teardown(() => dialogs.reset());
    const aim = await aimAt(t, dialogs, 'login');
    await mustFocus(t, dialogs, aim, aim.password);
    await mustArrive(t, dialogs, person, aim, 'password', MANY);
    await mustShow(t, dialogs, aim.window, { user: '', password: MANY });
  });
}

test.serial('a text that a full keyboard cannot be given is refused before the first key, and what stands there stays', async (t) => {
  const aim = await aimAt(t, stage, 'login');
  await mustWrite(t, stage, aim, aim.user, 'operator');
  person.takeSpareKeys();
  const keys = mapped(person);
  t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('Zoë'), never())), 'untypable');
  await mustShow(t, stage, aim.window, { user: 'operator', password: '' });
  t.is(mapped(person), keys);
});
