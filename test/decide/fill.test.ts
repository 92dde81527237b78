// Two values into two fields of the virtual desktop, undisturbed and ambushed.
import test from 'ava';
import fc from 'fast-check';
import type { Reason } from '../../contracts/reasons.ts';
import { Secret } from '../../contracts/secret.ts';
import { isTrouble, type Act } from '../../platform/port.ts';
import { actOn } from '../../platform/virtual/act.ts';
import type { AmbushAction } from '../../platform/virtual/control.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { lookAt } from '../../platform/virtual/look.ts';
import type { PageSpec, SceneName } from '../../platform/virtual/scenes.ts';
import { SCENES } from '../../platform/virtual/scenes.ts';
import { Seat } from '../../platform/virtual/seat.ts';
import { VirtualDesktop } from '../../platform/virtual/world.ts';
import { fill, type Filled } from '../../services/injector/fill.ts';
import { resolve, resolveUnseen } from '../../services/window-resolver/decide.ts';

const PASSWORD = 'Pæss-word 7';
const NAME = 'operator.one';

/** A page in front with the focus in a field, another window behind it, and an order to fill it. */
async function stage(page: SceneName | PageSpec, focus = 'user') {
  const world = new VirtualDesktop('a');
  const hands = handsOn(world);
  const seat = new Seat(world);
  const other = (await hands.openScene('login'))!;
  const spec = typeof page === 'string' ? SCENES[page] : page;
  const window = (await hands.openPage(spec))!;
  await hands.click(window, focus);
  const usernameFieldType = spec.fields.some(({ role }) => role === 'select') ? 'select' : 'text';
  const rules = { included: [{ processName: null, windowTitle: null, url: null, usernameFieldType }], suppressed: [] } as const;
  const context = await lookAt(seat).context();
  const found = resolve(rules, context);
  if (isTrouble(context) || 'refused' in found) throw new Error('the page has no pair');
  const abort = new AbortController();
  const fillAs = async (user: string, domain = 'LAB', act: Act = actOn(seat, () => undefined)): Promise<Filled> => {
    const password = new Secret(new TextEncoder().encode(PASSWORD));
    return fill(act, { ...found, credential: { user, domain, password }, signal: abort.signal });
  };
  const fields = async (): Promise<Readonly<Record<string, string>>> => (await hands.arrived()).windows[window] ?? {};
  return { world, hands, seat, other, window, abort, fillAs, fields };
}

const withName = (value: string, readOnly = false): PageSpec => {
  const fields = SCENES.login.fields.map((field) => (field.name === 'user' ? { ...field, value, readOnly } : field));
  return { ...SCENES.login, fields };
};

test('an empty form gets both values, and no submit', async (t) => {
  const { fillAs, fields, hands } = await stage('login');
  t.deepEqual(await fillAs(NAME), { outcome: 'filled', reason: 'ok', detail: '' });
  t.deepEqual(await fields(), { user: NAME, password: PASSWORD });
  t.like(await hands.arrived(), { stray: '', submits: 0 });
});

for (const name of [NAME, 'OPERATOR.ONE', 'LAB\\operator.one', 'operator.one@lab', ' operator.one ']) {
  for (const focus of ['user', 'password']) {
    test(`the person's own name, as "${name}", stays, with the focus in ${focus}`, async (t) => {
      const { fillAs, fields } = await stage(withName(name), focus);
      t.like(await fillAs(NAME), { outcome: 'filled' });
      t.deepEqual(await fields(), { user: name, password: PASSWORD });
    });
  }
}

test("the person's own name that cannot be changed gets its password", async (t) => {
  const { fillAs, fields } = await stage(withName(NAME, true), 'password');
  t.like(await fillAs(NAME), { outcome: 'filled' });
  t.deepEqual(await fields(), { user: NAME, password: PASSWORD });
});

const REFUSED: readonly (readonly [string, SceneName | PageSpec, string, Reason])[] = [
  ['of another person', 'prefilled', 'user', 'other-user'],
  ['of another person, with the focus in the password', 'prefilled', 'password', 'other-user'],
  ['of another person that cannot be changed', 'readonly', 'password', 'other-user'],
  ['that is empty and cannot be changed', withName('', true), 'user', 'other-user'],
  ['that is empty, with the focus in the password', 'login', 'password', 'no-user-field'],
  ['of the same person in another domain', withName('OTHER\\operator.one'), 'user', 'other-user'],
];
for (const [what, page, focus, reason] of REFUSED) {
  test(`a name ${what} is refused untouched`, async (t) => {
    const { fillAs, fields } = await stage(page, focus);
    const before = await fields();
    t.like(await fillAs(NAME), { outcome: 'refused', reason });
    t.deepEqual(await fields(), before);
  });
}

test('of a drop-down the option of the person is chosen', async (t) => {
  const { fillAs, fields } = await stage('select');
  t.like(await fillAs(NAME), { outcome: 'filled' });
  t.deepEqual(await fields(), { user: NAME, password: PASSWORD });
});

test('a drop-down without the person is left as it was', async (t) => {
  const { fillAs, fields } = await stage('select');
  t.like(await fillAs('nobody'), { outcome: 'refused', reason: 'option-missing' });
  t.deepEqual(await fields(), { user: 'Choose…', password: '' });
});

test('a drop-down that was chosen goes back to what it was when the password cannot be written', async (t) => {
  const { fillAs, fields, hands, window } = await stage('select');
  await hands.ambush(4, { do: 'click', window, field: 'user' });
  t.like(await fillAs(NAME), { outcome: 'failed', reason: 'focus-lost' });
  t.deepEqual(await fields(), { user: 'Choose…', password: '' });
});

test('a password field that is too short gets nothing, and the name is taken back', async (t) => {
  const { fillAs, fields } = await stage('short');
  t.like(await fillAs(NAME), { outcome: 'failed', reason: 'value-too-long' });
  t.deepEqual(await fields(), { user: '', password: '' });
});

for (const focus of ['user', 'password']) {
  test(`a password field that nobody can see any more is refused before the first key, with the focus in ${focus}`, async (t) => {
    const { fillAs, fields, hands, window } = await stage(withName(focus === 'user' ? '' : NAME), focus);
    const { presses } = await hands.keyboard();
    await hands.change(window, 'password', { visible: false });
    t.like(await fillAs(NAME), { outcome: 'refused', reason: 'element-hidden' });
    t.is((await hands.keyboard()).presses, presses);
    t.is((await fields())['password'], '');
  });
}

test('a name that the keyboard cannot type is refused untouched', async (t) => {
  const { fillAs, fields } = await stage('login');
  t.like(await fillAs('a\u0007b'), { outcome: 'refused', reason: 'untypable' });
  t.deepEqual(await fields(), { user: '', password: '' });
});

/** After so many presses: Ctrl, A and the characters of the name; then Ctrl, A and those of the password. */
const IN_NAME = 6;
const IN_PASSWORD = NAME.length + 2 + 6;
const AMBUSHES: readonly (readonly [string, Reason, (own: string, other: string) => AmbushAction, 'cleared' | 'gone' | 'out of reach'])[] = [
  ['the focus is stolen', 'focus-lost', (window) => ({ do: 'click', window, field: null }), 'cleared'],
  ['another window comes to the front', 'window-changed', (_, window) => ({ do: 'raise', window }), 'out of reach'],
  ['the window closes', 'window-changed', (window) => ({ do: 'close', window }), 'gone'],
  ['the page changes', 'document-changed', (window) => ({ do: 'navigate', window, scene: 'dual' }), 'gone'],
];
for (const [what, reason, actionOf, left] of AMBUSHES) {
  for (const [where, presses] of [['name', IN_NAME], ['password', IN_PASSWORD]] as const) {
    test(`while the ${where} is typed ${what}: stopped as ${reason}, what was written is ${left}`, async (t) => {
      const { fillAs, fields, hands, window, other } = await stage('login');
      await hands.ambush(presses, actionOf(window, other));
      t.like(await fillAs(NAME), { outcome: 'failed', reason });
      const { stray, submits, windows } = await hands.arrived();
      t.deepEqual([stray, submits, windows[other]], ['', 0, { user: '', password: '' }]);
      if (left === 'cleared') t.deepEqual(await fields(), { user: '', password: '' });
      if (left === 'gone') t.true(Object.values(await fields()).every((text) => text === ''));
      if (left === 'out of reach') t.true((await fields())['password']!.length < PASSWORD.length);
    });
  }
}

test('a page that empties the name while the password is typed is no filled form, and the password goes', async (t) => {
  const { fillAs, fields, hands, world, window } = await stage('login');
  world.ambush({ afterPresses: IN_PASSWORD, run: () => void hands.change(window, 'user', { text: '' }) });
  t.like(await fillAs(NAME), { outcome: 'failed', reason: 'not-applied' });
  t.deepEqual(await fields(), { user: '', password: '' });
});

test('a fill whose time is over stops with its reason, and clears', async (t) => {
  const { world, fillAs, fields, abort } = await stage('login');
  world.ambush({ afterPresses: IN_PASSWORD, run: () => abort.abort('deadline:injection' satisfies Reason) });
  t.like(await fillAs(NAME), { outcome: 'failed', reason: 'deadline:injection' });
  t.deepEqual(await fields(), { user: '', password: '' });
});

test('a fill that is over before it begins touches nothing', async (t) => {
  const { fillAs, abort, hands } = await stage('login');
  abort.abort('cancelled:resumed' satisfies Reason);
  t.like(await fillAs(NAME), { reason: 'cancelled:resumed' });
  t.is((await hands.keyboard()).presses, 0);
});

test('where the desktop cannot see how much arrived, the person is told so', async (t) => {
  const { seat, fillAs, fields } = await stage('login');
  const act = actOn(seat, () => undefined);
  const blind: Act = { ...act, write: async (...args) => {
    const written = await act.write(...args);
    return isTrouble(written) ? written : { verified: false };
  } };
  t.like(await fillAs(NAME, 'LAB', blind), { outcome: 'filled-unverified', reason: 'ok-unverified' });
  t.deepEqual(await fields(), { user: NAME, password: PASSWORD });
});

/** A window that shows no fields, in front, and an order to fill it. */
async function unseenStage() {
  const world = new VirtualDesktop('a');
  const [hands, seat] = [handsOn(world), new Seat(world)];
  const window = (await hands.openScene('login', { executable: '/opt/weigh', exposed: false, origin: null }))!;
  await hands.click(window, 'user');
  const front = await seat.foreground();
  if (isTrouble(front)) throw new Error(front.detail);
  const forms = [{ processName: 'weigh', windowTitle: 'Sign in', tabs: 1 }];
  const found = resolveUnseen({ included: [], suppressed: [] }, { refused: 'no-accessibility', application: null }, front, forms);
  if ('refused' in found) throw new Error('the window is no target');
  const fillIt = async (signal = new AbortController().signal): Promise<Filled & { readonly named: number }> => {
    let named = 0;
    const credential = { user: NAME, domain: 'LAB', password: new Secret(new TextEncoder().encode('Sesame-7')) };
    const filled = await fill(actOn(seat, () => undefined), { ...found, credential, signal, naming: () => void named++ });
    return { ...filled, named };
  };
  return { world, hands, window, fillIt };
}

test('a window that shows no fields is filled and never called verified', async (t) => {
  const { hands, window, fillIt } = await unseenStage();
  t.deepEqual(await fillIt(), { outcome: 'filled-unverified', reason: 'ok-unverified', detail: '', named: 1 });
  t.deepEqual((await hands.arrived()).windows[window], { user: NAME, password: 'Sesame-7' });
});

test('a window that shows no fields and changed is refused before the first key, and failed after it', async (t) => {
  const before = await unseenStage();
  await before.hands.openScene('login');
  t.like(await before.fillIt(), { outcome: 'refused', reason: 'window-changed', named: 0 });
  const midway = await unseenStage();
  midway.world.ambush({ afterPresses: 15, run: () => void midway.hands.openScene('login') });
  t.like(await midway.fillIt(), { outcome: 'failed', reason: 'window-changed', named: 1 });
  t.like(await (await unseenStage()).fillIt(AbortSignal.abort('cancelled:two-bands')), { outcome: 'refused', reason: 'cancelled:two-bands', named: 0 });
});

test('whatever comes between, no character leaves the two fields, no submit, and "filled" is true', async (t) => {
  const ambush = fc.record({
    presses: fc.integer({ min: 1, max: 30 }),
    action: fc.constantFrom<(own: string, other: string) => AmbushAction>(
      (window) => ({ do: 'click', window, field: null }), (window) => ({ do: 'click', window, field: 'user' }), (window) => ({ do: 'click', window, field: 'password' }),
      (_, window) => ({ do: 'click', window, field: 'user' }), (_, window) => ({ do: 'raise', window }), (window) => ({ do: 'raise', window }),
      (window) => ({ do: 'close', window }), (window) => ({ do: 'navigate', window, scene: 'login' }), (window) => ({ do: 'navigate', window, scene: 'search' }),
      (window) => ({ do: 'replace', window, field: 'user' }), (window) => ({ do: 'replace', window, field: 'password' }),
    ),
  });
  await fc.assert(fc.asyncProperty(fc.array(ambush, { maxLength: 4 }), fc.constantFrom('login', 'search', 'select'), async (ambushes, scene) => {
    const { fillAs, fields, hands, window, other } = await stage(scene as SceneName);
    for (const { presses, action } of ambushes) await hands.ambush(presses, action(window, other));
    const { outcome } = await fillAs(NAME);
    const { stray, submits, windows } = await hands.arrived();
    t.deepEqual([stray, submits, windows[other]], ['', 0, { user: '', password: '' }]);
    const { user, password, ...rest } = await fields();
    t.true(Object.values(rest).every((text) => text === ''));
    if (outcome === 'filled') t.deepEqual([user, password], [NAME, PASSWORD]);
    t.false([...PASSWORD].some((character) => !NAME.includes(character) && user?.includes(character) && user !== 'Choose…'), 'nothing of the password in the name');
    t.deepEqual(await hands.keyboard().then(({ pressed, mapped }) => [pressed, mapped]), [[], []]);
  }), { numRuns: 500 });
});
