// What the adapter must see: window, document, fields, roles, focus; and what it must never tell.
import type { ExecutionContext } from 'ava';
import { isTrouble } from '../../platform/port.ts';
import type { WindowFacts } from '../../platform/port.ts';
import { SCENES } from '../../platform/virtual/scenes.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import type { Check } from './acceptance.ts';
import { aimAt, fieldOf, focusOn, focusedName } from './aim.ts';
import { Ability, eventually } from './stage.ts';
import type { Stage } from './stage.ts';

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
    title: 'the URL is that of the document in front, and fields carry their HTML ids and their form',
    needs: ['login', Ability.documents],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('login'), 'user');
      t.is(new URL(context.url ?? '').pathname, SCENES.login.path);
      t.deepEqual(context.fields.map((field) => field.htmlId), ['user', 'password']);
      t.not(context.fields[0]?.form, null);
      t.is(context.fields[0]?.form, context.fields[1]?.form);
    },
  },
  {
    title: 'fields carry their HTML names',
    needs: ['login', Ability.htmlNames],
    async run(t, stage) {
      const context = await focusOn(t, stage, await stage.open('login'), 'user');
      t.deepEqual(context.fields.map((field) => field.htmlName), ['user', 'password']);
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
        (answer) => !isTrouble(answer) && answer.window.id === first.target.window.id && answer.focused !== null,
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
  {
    title: 'every window is listed with its facts, the one in front first',
    needs: ['login', 'dual'],
    async run(t, stage) {
      const first = await aimAt(t, stage, 'login');
      const second = await focusOn(t, stage, await stage.open('dual'), 'user1');
      const behind = await listed(t, stage);
      t.deepEqual(behind[0], second.window);
      t.deepEqual(behind.find(({ id }) => id === first.target.window.id), first.context.window);
      t.is(new Set(behind.map(({ id }) => id)).size, behind.length, 'each once');
      await stage.raise(first.window);
      const raised = await eventually(() => listed(t, stage), ([front]) => front?.id === first.target.window.id);
      t.deepEqual(raised[0], first.context.window);
      t.deepEqual(raised.map(({ id }) => id).toSorted(), behind.map(({ id }) => id).toSorted());
    },
  },
  {
    title: 'a window behind another of the same title is looked into without coming to the front',
    needs: ['login'],
    async run(t, stage) {
      const { target, context: before } = await aimAt(t, stage, 'login');
      const front = await focusOn(t, stage, await stage.open('login'), 'password');
      const seen = await eventually(() => stage.look.contextOf(target.window.id), (answer) => !isTrouble(answer) && answer.fields.length > 0);
      if (isTrouble(seen)) return t.fail(`${seen.trouble}: ${seen.detail}`);
      t.false(seen.inFront);
      t.deepEqual([seen.window, seen.url, seen.fields], [before.window, before.url, before.fields]);
      t.is(seen.focused, seen.focusKnown ? before.focused : null);
      t.deepEqual(await stage.look.foreground(), front.window);
      t.deepEqual(await stage.look.contextOf(front.window.id), { ...front, inFront: true, focusKnown: true });
    },
  },
  {
    title: 'a window that is closed, and one that never was, cannot be looked into',
    needs: ['login', 'dual'],
    async run(t, stage) {
      const { window, target } = await aimAt(t, stage, 'login');
      await aimAt(t, stage, 'dual', { user: 'user1', password: 'password1' });
      await stage.close(window);
      await eventually(() => listed(t, stage), (windows) => windows.every(({ id }) => id !== target.window.id));
      for (const id of [target.window.id, '0', 'no window']) t.like(await stage.look.contextOf(id), { trouble: 'window-changed' });
    },
  },
];

async function listed(t: ExecutionContext, stage: Stage): Promise<readonly WindowFacts[]> {
  const windows = await stage.look.windows();
  return isTrouble(windows) ? t.fail(windows.detail) as never : windows;
}
