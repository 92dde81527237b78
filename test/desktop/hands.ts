// What a person may have done to the keyboard right before a tap, and texts of every kind to write after it.
import type { ExecutionContext } from 'ava';
import { aimAt, mustFocus, mustShow, mustWrite } from '../platform/aim.ts';
import type { Aim } from '../platform/aim.ts';
import type { Stage } from '../platform/stage.ts';
import { Aid, Key, Lock } from './person.ts';
import type { Person } from './person.ts';

/** The guide's countries, then two layouts at once, in either order. */
export const LAYOUTS = ['us', 'de', 'fr', 'us(intl)', 'gr', 'ru', 'ch', 'us,ru', 'ru,us'] as const;
/** More characters than any layout and its spare keys give at once. */
export const MANY = Array.from({ length: 60 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');

const ASCII = `Ab0 z'"\`^~@#\\{|}`;
const OWN = 'äÖßéçÑ€жЯαώ';
/** Combining marks, right to left, and what lies outside of the first plane. */
const OTHERS = '漢Że\u0301שע😀𝒜';
const TEXTS = [ASCII + OWN, OWN + OTHERS, OTHERS + ASCII] as const;

/** False where the layout does not know it. */
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

/** How many keycodes have a meaning. */
export const mapped = ({ x11 }: Person): number => x11.keyboardMapping().filter((row) => row.some((keysym) => keysym !== 0)).length;

/** Writes with the hands where they are, and expects the keyboard to be left as it was, but for keys that were held. */
export async function mustArrive(t: ExecutionContext, stage: Stage, person: Person, aim: Aim, field: 'user' | 'password', text: string): Promise<void> {
  person.x11.sync();
  const [before, aids, keys] = [person.x11.keyboardState(), person.x11.typingAids(), mapped(person)];
  t.deepEqual(await mustWrite(t, stage, aim, aim[field], text), { verified: true });
  const { locked, lockedGroup, base, latched } = person.x11.keyboardState();
  t.deepEqual([locked, lockedGroup, base, latched, person.x11.typingAids()], [before.locked, before.lockedGroup, 0, 0, aids]);
  t.deepEqual([person.x11.pressedKeys(), mapped(person)], [[], keys]);
}

/** Writes a text into each of the fields of one window after everything that hands may have done, and expects the window to show it. */
export async function mustArriveAfterAll(t: ExecutionContext, stage: Stage, person: Person, fields: readonly ('user' | 'password')[]): Promise<void> {
  const aim = await aimAt(t, stage, 'login');
  const shown = { user: '', password: '' };
  for (const [count, [name, act]] of Object.entries(HANDS).entries()) {
    for (const field of fields) {
      await mustFocus(t, stage, aim, aim[field]);
      if (act(person) === false) continue;
      shown[field] = TEXTS[(count + (field === 'user' ? 0 : 1)) % TEXTS.length] ?? '';
      await mustArrive(t, stage, person, aim, field, shown[field]);
      person.leave();
      await t.notThrowsAsync(mustShow(t, stage, aim.window, shown), name);
    }
  }
}
