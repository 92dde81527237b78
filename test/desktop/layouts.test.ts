// The same characters on every layout, whatever state a person has left the keyboard in: the page tells what arrived, and
// the keyboard is looked at afterwards.
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { aimAt, mustFocus, mustShow, mustWrite, never, reasonOf, secret } from '../platform/aim.ts';
import type { Aim } from '../platform/aim.ts';
import { ChromiumStage, startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { Aid, Key, Lock, Person } from './person.ts';

/** The guide's countries, then two layouts at once, in either order. */
const LAYOUTS = ['us', 'de', 'fr', 'us(intl)', 'gr', 'ru', 'ch', 'us,ru', 'ru,us'] as const;
const ASCII = `Ab0 z'"\`^~@#\\{|}`;
const OWN = 'äÖßéçÑ€жЯαώ';
/** Combining marks, right to left, and what lies outside of the first plane. */
const OTHERS = '漢Że\u0301שע😀𝒜';
const TEXTS = [ASCII + OWN, OWN + OTHERS, OTHERS + ASCII] as const;
/** More of them than any layout and its spare keys give. */
const TOO_MANY = Array.from({ length: 60 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');

/** What a person may have done to the keyboard right before a tap; false where the layout does not know it. */
const HANDS: Readonly<Record<string, (person: Person) => unknown>> = {
  // First, while the fields are empty: there nothing has to be deleted, which would end it as well.
  'a dead accent': (person) => person.has(Key.deadAcute) && person.tap(Key.deadAcute),
  'nothing': () => true,
  'Caps Lock': ({ x11 }) => x11.lockModifiers(Lock.caps, Lock.caps),
  'Num Lock': ({ x11 }) => x11.lockModifiers(Lock.num, Lock.num),
  'Shift held': (person) => person.hold(Key.shift),
  'AltGr held': (person) => person.has(Key.altGr) && person.hold(Key.altGr),
  'the second layout': ({ x11 }) => x11.lockGroup(1),
  'two dead accents': (person) => person.has(Key.deadGrave) && (person.tap(Key.deadGrave), person.tap(Key.deadGrave)),
  'a letter held': (person) => person.has(Key.x) && person.hold(Key.x),
  'sticky keys, Shift latched': (person) => (person.x11.setTypingAids(Aid.sticky), person.tap(Key.shift)),
  'slow and bounce keys': ({ x11 }) => x11.setTypingAids(Aid.slow | Aid.bounce),
};

let lab: Lab;
let stage: ChromiumStage;
let person: Person;

test.before(async () => {
  lab = await startLab();
  stage = await ChromiumStage.start(lab);
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

const mapped = (): number => lab.x11.keyboardMapping().filter((row) => row.some((keysym) => keysym !== 0)).length;

/** Writes with the hands where they are, and expects the page to show it and the locks to be as before. */
async function mustArrive(t: ExecutionContext, aim: Aim, field: 'user' | 'password', text: string): Promise<void> {
  person.x11.sync();
  const [before, aids, keys] = [person.x11.keyboardState(), person.x11.typingAids(), mapped()];
  t.deepEqual(await mustWrite(t, stage, aim, aim[field], text), { verified: true });
  const { locked, lockedGroup, base, latched } = person.x11.keyboardState();
  t.deepEqual([locked, lockedGroup, base, latched, person.x11.typingAids()], [before.locked, before.lockedGroup, 0, 0, aids]);
  t.deepEqual([person.x11.pressedKeys(), mapped()], [[], keys]);
}

for (const layout of LAYOUTS) {
  test.serial(`on the layout ${layout} every text arrives as it is, whatever the hands have done before`, async (t) => {
    person.layout(layout);
    const aim = await aimAt(t, stage, 'login');
    const shown = { user: '', password: '' };
    for (const [count, [name, act]] of Object.entries(HANDS).entries()) {
      for (const field of ['user', 'password'] as const) {
        await mustFocus(t, stage, aim, aim[field]);
        if (act(person) === false) continue;
        shown[field] = TEXTS[(count + (field === 'user' ? 0 : 1)) % TEXTS.length] ?? '';
        await mustArrive(t, aim, field, shown[field]);
        person.leave();
        await t.notThrowsAsync(mustShow(t, stage, aim.window, shown), name);
      }
    }
  });
}

test.serial('a sequence of Compose that a person has begun is not ended by the text', async (t) => {
  person.layout('us', 'compose:menu');
  const aim = await aimAt(t, stage, 'login');
  await mustFocus(t, stage, aim, aim.password);
  for (const begun of [[Key.compose], [Key.compose, Key.apostrophe]]) {
    for (const keysym of begun) person.tap(keysym);
    await mustArrive(t, aim, 'password', 'Ea0é');
    await mustShow(t, stage, aim.window, { user: '', password: 'Ea0é' });
  }
});

test.serial('a text with more characters than the keyboard can be given is refused before the first key, and what stands there stays', async (t) => {
  person.layout('ru');
  const aim = await aimAt(t, stage, 'login');
  await mustWrite(t, stage, aim, aim.user, 'operator');
  const keys = mapped();
  t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret(TOO_MANY), never())), 'untypable');
  await mustShow(t, stage, aim.window, { user: 'operator', password: '' });
  t.is(mapped(), keys);
});
