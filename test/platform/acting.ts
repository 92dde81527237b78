// What the adapter must be able to do: write, replace, choose, clear, move the focus, and see that it worked.
import { isTrouble } from '../../platform/port.ts';
import type { Check } from './acceptance.ts';
import { aimAt, focusOn, mustFocus, mustShow, mustWrite, never, reasonOf } from './aim.ts';
import { Ability } from './stage.ts';

const USER = 'operator.one';
const PASSWORD = 'Sesame-7!{open}|"~\\^`@Z';
const WIDE = 'zoë ß€ñ Ż漢😀';

const pages = (['login', 'controlled'] as const).map((scene): Check => ({
  title: `user name and password are written into a ${scene} page`,
  needs: [scene],
  async run(t, stage) {
    const aim = await aimAt(t, stage, scene);
    t.is(await stage.act.check(aim.target, aim.user, { focused: true }), null);
    await mustWrite(t, stage, aim, aim.user, USER);
    t.is(await stage.act.read(aim.target, aim.user), USER);
    await mustFocus(t, stage, aim, aim.password);
    await mustWrite(t, stage, aim, aim.password, PASSWORD);
    await mustShow(t, stage, aim.window, { user: USER, password: PASSWORD });
  },
}));

export const actingChecks: readonly Check[] = [
  ...pages,
  {
    title: 'the adapter sees by itself that all characters arrived',
    needs: ['login', Ability.verify],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      t.deepEqual(await mustWrite(t, stage, aim, aim.user, USER), { verified: true });
      await mustFocus(t, stage, aim, aim.password);
      t.deepEqual(await mustWrite(t, stage, aim, aim.password, PASSWORD), { verified: true });
    },
  },
  {
    title: 'characters that no key of the layout gives arrive unharmed',
    needs: ['login', Ability.unicode],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      await mustWrite(t, stage, aim, aim.user, WIDE);
      t.is(await stage.act.read(aim.target, aim.user), WIDE);
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, `${WIDE}${PASSWORD}`);
      await mustShow(t, stage, aim.window, { user: WIDE, password: `${WIDE}${PASSWORD}` });
    },
  },
  {
    title: 'old contents are replaced, longer and shorter ones',
    needs: ['prefilled'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'prefilled');
      await mustWrite(t, stage, aim, aim.user, 'op');
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, 'a');
      await mustWrite(t, stage, aim, aim.password, PASSWORD);
      await mustShow(t, stage, aim.window, { user: 'op', password: PASSWORD });
    },
  },
  {
    title: 'the second pair of an electronic signature is filled and the first left alone',
    needs: ['dual'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'dual', { user: 'user2', password: 'password2' });
      await mustWrite(t, stage, aim, aim.user, USER);
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, PASSWORD);
      await mustShow(t, stage, aim.window, { user1: '', password1: '', user2: USER, password2: PASSWORD });
    },
  },
  {
    title: 'a prefilled user name is read, and the password alone is written',
    needs: ['prefilled'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'prefilled');
      t.is(await stage.act.read(aim.target, aim.user), 'operator.seven');
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, PASSWORD);
      await mustShow(t, stage, aim.window, { user: 'operator.seven', password: PASSWORD });
    },
  },
  {
    title: 'the focus moves to the password field and back',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      await mustFocus(t, stage, aim, aim.password);
      t.is(await stage.act.check(aim.target, aim.password, { focused: true }), null);
      t.is(reasonOf(await stage.act.check(aim.target, aim.user, { focused: true })), 'focus-lost');
      t.is(await stage.act.check(aim.target, aim.user, { focused: false }), null);
      await mustFocus(t, stage, aim, aim.user);
      t.is(await stage.act.check(aim.target, aim.user, { focused: true }), null);
    },
  },
  {
    title: 'an option of a drop-down is chosen by its exact name, case and surrounding space aside',
    needs: ['select', Ability.choose],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'select');
      const chosen = await stage.act.choose(aim.target, aim.user, ' Operator.ONE ', never());
      if (isTrouble(chosen)) return t.fail(`${chosen.trouble}: ${chosen.detail}`);
      t.is(await stage.act.read(aim.target, aim.user), 'operator.one');
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, PASSWORD);
      await mustShow(t, stage, aim.window, { user: 'operator.one', password: PASSWORD });
    },
  },
  {
    title: 'each option of a drop-down can be chosen, also one whose name begins the name of another',
    needs: ['select', Ability.choose],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'select');
      for (const option of ['operator.one.deputy', 'operator.one', 'Choose…', 'operator.two']) {
        t.deepEqual(await stage.act.choose(aim.target, aim.user, option, never()), { verified: true }, option);
        await mustShow(t, stage, aim.window, { user: option, password: '' });
      }
    },
  },
  {
    title: 'clearing empties the field, wherever in the window the focus is',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      await mustWrite(t, stage, aim, aim.user, USER);
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, PASSWORD);
      t.is(await stage.act.clear(aim.target, aim.password), null);
      await mustShow(t, stage, aim.window, { user: USER, password: '' });
      t.is(await stage.act.clear(aim.target, aim.user), null);
      await mustShow(t, stage, aim.window, { user: '', password: '' });
    },
  },
  {
    title: 'a search box before the form stays untouched',
    needs: ['search'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'search');
      await mustWrite(t, stage, aim, aim.user, USER);
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, PASSWORD);
      await mustShow(t, stage, aim.window, { search: '', user: USER, password: PASSWORD });
      await focusOn(t, stage, aim.window, 'search');
    },
  },
];
