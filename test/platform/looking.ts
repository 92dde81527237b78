// What the adapter must see: window, document, fields, roles, focus; and what it must never tell.
import { isTrouble } from '../../platform/port.ts';
import { SCENES } from '../../platform/virtual/scenes.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import type { Check } from './acceptance.ts';
import { aimAt, fieldOf, focusOn, focusedName } from './aim.ts';
import { Ability, eventually } from './stage.ts';

/** Scene and the field that has the focus first. */
const LISTED: readonly (readonly [SceneName, string])[] = [
  ['login', 'user'], ['controlled', 'user'], ['dual', 'user2'], ['select', 'user'], ['search', 'search'],
  ['prefilled', 'password'], ['nopassword', 'comment'],
];

const listing: readonly Check[] = LISTED.map(([scene, focused]) => ({
  title: `the fields of a ${scene} page are listed in reading order with their roles and the focused one`,
  needs: [scene],
  async run(t, stage) {
    const context = await focusOn(t, stage, await stage.open(scene), focused);
    const expected = SCENES[scene].fields.map((field) => ({ name: field.name, role: field.role }));
    t.deepEqual(context.fields.map((field) => ({ name: stage.nameOf(field), role: field.role })), expected);
    t.is(new Set(context.fields.map((field) => field.ref)).size, expected.length, 'references are distinct');
  },
}));

export const lookingChecks: readonly Check[] = [
  ...listing,
  {
    title: 'fields carry their accessible names',
    needs: ['dual', Ability.labels],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('dual'), 'user1');
      t.deepEqual(context.fields.map((field) => field.label), SCENES.dual.fields.map((field) => field.label));
    },
  },
  {
    title: 'the URL is that of the document in front, and fields carry their HTML names',
    needs: ['login', Ability.documents],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('login'), 'user');
      t.is(new URL(context.url ?? '').pathname, SCENES.login.path);
      t.deepEqual(context.fields.map((field) => field.htmlName), ['user', 'password']);
      t.deepEqual(context.fields.map((field) => field.htmlId), ['user', 'password']);
      t.not(context.fields[0]?.form, null);
      t.is(context.fields[0]?.form, context.fields[1]?.form);
    },
  },
  {
    title: 'a field of another form is not of the login form',
    needs: ['search', Ability.documents],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('search'), 'search');
      t.not(context.fields[0]?.form, context.fields[1]?.form);
    },
  },
  {
    title: 'the window in front is told with process, executable and title',
    needs: ['login'],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('login'), 'user');
      const front = await stage.look.foreground();
      if (isTrouble(front)) return t.fail(front.trouble);
      t.deepEqual(front, context.window);
      t.true(front.pid > 0);
      t.true(front.processName.length > 0);
      t.false(front.processName.includes('/'));
      t.true(front.title.includes(SCENES.login.title), front.title);
    },
  },
  {
    title: 'the context follows the window in front, also among windows of the same title',
    needs: ['login'],
    async run(t, stage) {
      const first = await aimAt(t, stage, 'login');
      const second = await aimAt(t, stage, 'login');
      t.not(first.target.window.id, second.target.window.id);
      t.not(first.user, second.user);
      await stage.raise(first.window);
      const back = await eventually(
        () => stage.look.context(),
        (answer) => !isTrouble(answer) && answer.window.id === first.target.window.id,
      );
      if (isTrouble(back)) return t.fail(back.trouble);
      t.is(back.window.id, first.target.window.id);
      t.is(fieldOf(t, stage, back, 'user').ref, first.user, 'the reference of a living element is stable');
    },
  },
  {
    title: 'the context follows the focus within the window',
    needs: ['search'],
    async run(t, stage) {
      const window = await stage.open('search');
      for (const name of ['password', 'search', 'user']) {
        t.is(focusedName(stage, await focusOn(t, stage, window, name)), name);
      }
    },
  },
  {
    title: 'a field is told to be empty or not, and its value is told nowhere',
    needs: ['prefilled'],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('prefilled'), 'user');
      t.deepEqual(context.fields.map((field) => field.empty), [false, true]);
      t.false(JSON.stringify(context).includes('operator.seven'));
    },
  },
  {
    title: 'a read-only field is told not to be editable',
    needs: ['readonly'],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('readonly'), 'password');
      t.deepEqual(context.fields.map((field) => [field.visible, field.editable]), [[true, false], [true, true]]);
    },
  },
];
