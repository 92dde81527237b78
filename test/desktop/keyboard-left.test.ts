// How the keyboard is left: by a text that a person's key interrupts, and by a process that died with the keyboard changed.
import test from 'ava';
import { Secret } from '../../contracts/secret.ts';
import type { Change } from '../../platform/port.ts';
import { fill } from '../../services/injector/fill.ts';
import { aimAt, mustFocus, mustShow, never, reasonOf, secret } from '../platform/aim.ts';
import { BrowserStage, startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { mapped } from './hands.ts';
import { AUDIO_PLAY, Aid, Key, Lock, Person } from './person.ts';

const EMPTY = { user: '', password: '' };
/** A letter that a layout names by a keysym of its own. */
const CYRILLIC_A = 0x6c1;

let lab: Lab;
let stage: BrowserStage;
let person: Person;
let onTrace: (change: Change, undone: boolean) => void = () => undefined;

test.before(async () => {
  lab = await startLab((change, undone) => onTrace(change, undone));
  stage = await BrowserStage.start(lab);
  person = new Person(lab);
});
test.beforeEach(() => stage.reset());
test.afterEach.always(() => {
  onTrace = () => undefined;
  person.leave();
});
test.after.always(async () => {
  person?.close();
  await stage?.end();
});

/** Presses a key once the keys of a text have begun, and keeps it down. */
function holdWhileTyping(keysym: number): void {
  onTrace = ({ what }, undone) => {
    if (what !== 'keys' || undone) return;
    onTrace = () => undefined;
    setImmediate(() => person.hold(keysym));
  };
}

for (const [name, keysym] of Object.entries({ 'a letter': Key.x, 'Shift': Key.shift })) {
  test.serial(`${name} that a person presses while a name is typed stops it; what was typed is taken back and the key let go`, async (t) => {
    const { target, window } = await aimAt(t, stage, 'login');
    holdWhileTyping(keysym);
    const credential = { user: 'operator.'.repeat(8), domain: 'LAB', password: new Secret(Buffer.from('Sesame-7')) };
    const filled = await fill(stage.act, { target, focusOn: 'user', userEditable: true, credential, signal: never() });
    t.like(filled, { outcome: 'failed', reason: 'desktop-error' });
    await mustShow(t, stage, window, EMPTY);
    t.deepEqual(lab.x11.pressedKeys(), []);
  });
}

test.serial('a key that a person presses while a password is typed stops it', async (t) => {
  const aim = await aimAt(t, stage, 'login');
  await mustFocus(t, stage, aim, aim.password);
  holdWhileTyping(Key.x);
  // The key is seen, or its character.
  const reason = reasonOf(await stage.act.write(aim.target, aim.password, secret('Sesame-open-7'), never()));
  t.true(reason === 'desktop-error' || reason === 'not-applied', reason ?? 'written');
  t.is(await stage.act.clear(aim.target, aim.password), null);
  await mustShow(t, stage, aim.window, EMPTY);
});

test.serial('locks, group and typing aids that a dead process had lifted come back', async (t) => {
  person.layout('us,ru');
  t.teardown(() => person.layout('us'));
  await stage.act.repair([{ what: 'locks', modifiers: Lock.caps | Lock.num, group: 1, aids: Aid.sticky | Aid.slow }]);
  const { locked, lockedGroup } = lab.x11.keyboardState();
  t.deepEqual([locked, lockedGroup, lab.x11.typingAids()], [Lock.caps | Lock.num, 1, Aid.sticky | Aid.slow]);
});

test.serial('spare keys of a dead process lose their characters, and what somebody else has mapped since stays', async (t) => {
  const keys = mapped(person);
  const rows = lab.x11.keyboardMapping();
  const spare = rows.flatMap((row, index) => (row.every((keysym) => keysym === 0) ? [lab.x11.minKeycode + index] : [])).slice(-4);
  const [one = 0, two = 0, audio = 0, letter = 0] = spare;
  lab.x11.mapKeys([{ keycode: one, keysyms: [0xe9] }, { keycode: two, keysyms: [0x1006f22, 0x41] }]);
  lab.x11.mapKeys([{ keycode: audio, keysyms: [AUDIO_PLAY] }, { keycode: letter, keysyms: [CYRILLIC_A] }]);
  lab.x11.sync();
  await stage.act.repair([{ what: 'mapping', keycodes: spare }]);
  t.is(mapped(person), keys + 2);
  lab.x11.mapKeys(spare.map((keycode) => ({ keycode, keysyms: [] })));
  lab.x11.sync();
  t.is(mapped(person), keys);
});
