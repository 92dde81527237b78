// Where the adapter must stop: each difference from the target has its own reason, and nothing is written.
import { isTrouble } from '../../platform/port.ts';
import type { Check } from './acceptance.ts';
import { aimAt, focusOn, mustFocus, mustRefuse, mustShow, mustWrite, never, reasonOf, secret } from './aim.ts';
import type { Aim } from './aim.ts';
import type { Reason } from '../../contracts/reasons.ts';
import type { FieldRef } from '../../platform/port.ts';
import { Ability } from './stage.ts';
import type { Stage } from './stage.ts';
import type { ExecutionContext } from 'ava';

const EMPTY = { user: '', password: '' };

/** Expects every way of writing to give that reason, after the adapter's own check gave it. */
async function mustStop(t: ExecutionContext, stage: Stage, aim: Aim, field: FieldRef, reason: Reason): Promise<void> {
  await mustRefuse(t, stage, aim, field, reason);
  t.is(reasonOf(await stage.act.write(aim.target, field, secret('Sesame'), never())), reason, 'write');
}

export const refusingChecks: readonly Check[] = [
  {
    title: 'with another window in front nothing is written, focused, read or cleared',
    needs: ['login', 'search'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      const other = await aimAt(t, stage, 'search');
      await mustStop(t, stage, aim, aim.user, 'window-changed');
      await mustStop(t, stage, aim, aim.password, 'window-changed');
      t.is(reasonOf(await stage.act.focus(aim.target, aim.password, never())), 'window-changed');
      t.is(reasonOf(await stage.act.clear(aim.target, aim.user)), 'window-changed');
      t.is(reasonOf(await stage.act.read(aim.target, aim.user)), 'window-changed');
      await mustShow(t, stage, aim.window, EMPTY);
      await mustShow(t, stage, other.window, { search: '', ...EMPTY });
    },
  },
  {
    title: 'another window of the same title in front is another window',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      const twin = await aimAt(t, stage, 'login');
      await mustStop(t, stage, aim, aim.user, 'window-changed');
      await mustShow(t, stage, aim.window, EMPTY);
      await mustShow(t, stage, twin.window, EMPTY);
    },
  },
  {
    title: 'a window of another process is another window',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      const target = { ...aim.target, window: { ...aim.target.window, pid: aim.target.window.pid + 1 } };
      await mustStop(t, stage, { ...aim, target }, aim.user, 'window-changed');
      await mustShow(t, stage, aim.window, EMPTY);
    },
  },
  {
    title: 'a closed window stops the tap, and the window behind it gets nothing',
    needs: ['login'],
    async run(t, stage) {
      const behind = await aimAt(t, stage, 'login');
      const aim = await aimAt(t, stage, 'login');
      await stage.close(aim.window);
      await stage.raise(behind.window);
      await mustStop(t, stage, aim, aim.user, 'window-changed');
      await mustShow(t, stage, behind.window, EMPTY);
    },
  },
  {
    title: 'with the focus elsewhere in the window nothing is written',
    needs: ['search'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'search');
      await mustStop(t, stage, aim, aim.password, 'focus-lost');
      await focusOn(t, stage, aim.window, 'search');
      await mustStop(t, stage, aim, aim.user, 'focus-lost');
      await mustShow(t, stage, aim.window, { search: '', ...EMPTY });
    },
  },
  {
    title: 'with the focus elsewhere no option is chosen',
    needs: ['select'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'select');
      await mustFocus(t, stage, aim, aim.password);
      t.is(reasonOf(await stage.act.choose(aim.target, aim.user, 'operator.two', never())), 'focus-lost');
      await mustShow(t, stage, aim.window, { user: 'Choose…', password: '' });
    },
  },
  {
    title: 'an element that took the place of the old one is not written',
    needs: ['login', Ability.replace],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      await stage.replace(aim.window, 'user');
      await mustStop(t, stage, aim, aim.user, 'element-gone');
      const after = await focusOn(t, stage, aim.window, 'user');
      t.false(after.fields.some((field) => field.ref === aim.user), 'references are never given again');
      await mustStop(t, stage, aim, aim.user, 'element-gone');
      await mustShow(t, stage, aim.window, EMPTY);
    },
  },
  {
    title: 'another document in the same window is not written',
    needs: ['login', 'search', Ability.navigate],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      await stage.navigate(aim.window, 'search');
      await focusOn(t, stage, aim.window, 'user');
      await mustStop(t, stage, aim, aim.user, 'document-changed');
      await mustStop(t, stage, aim, aim.password, 'document-changed');
      await mustShow(t, stage, aim.window, { search: '', ...EMPTY });
    },
  },
  {
    title: 'a password field is never read',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      await mustFocus(t, stage, aim, aim.password);
      await mustWrite(t, stage, aim, aim.password, 'Sesame');
      const answer = await stage.act.read(aim.target, aim.password);
      t.is(reasonOf(answer), 'desktop-error');
      t.false(JSON.stringify(answer).includes('Sesame'));
    },
  },
  {
    title: 'an unknown option leaves the drop-down untouched',
    needs: ['select'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'select');
      for (const option of ['operator', 'operator.three', '']) {
        t.is(reasonOf(await stage.act.choose(aim.target, aim.user, option, never())), 'option-missing', option);
      }
      await mustShow(t, stage, aim.window, { user: 'Choose…', password: '' });
    },
  },
  {
    title: 'a read-only field is read but not written',
    needs: ['readonly'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'readonly');
      t.is(await stage.act.check(aim.target, aim.user, { focused: true }), null);
      t.is(await stage.act.read(aim.target, aim.user), 'operator.seven');
      t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('op'), never())), 'element-hidden');
      await mustShow(t, stage, aim.window, { user: 'operator.seven', password: '' });
    },
  },
  {
    title: 'a value that the field cuts off is not reported as written',
    needs: ['short'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'short');
      await mustFocus(t, stage, aim, aim.password);
      const answer = await stage.act.write(aim.target, aim.password, secret('Sesame-open-7'), never());
      t.true(['value-too-long', 'not-applied'].includes(reasonOf(answer) ?? 'written'), JSON.stringify(answer));
    },
  },
  {
    title: 'line breaks and tabs are never typed: they would submit the form or move the focus',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      for (const value of ['ses\name', 'ses\rame', 'ses\tame', 'ses\u001bame', 'ses\bame']) {
        t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret(value), never())), 'untypable');
      }
      await mustShow(t, stage, aim.window, EMPTY);
    },
  },
  {
    title: 'an ended signal stops every call with its reason',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      const ended = AbortSignal.abort('cancelled:two-bands' satisfies Reason);
      t.is(reasonOf(await stage.act.write(aim.target, aim.user, secret('op'), ended)), 'cancelled:two-bands');
      t.is(reasonOf(await stage.act.focus(aim.target, aim.password, ended)), 'cancelled:two-bands');
      t.is(await stage.act.check(aim.target, aim.user, { focused: true }), null, 'the focus has not moved');
      await mustShow(t, stage, aim.window, EMPTY);
    },
  },
  {
    title: 'an ended signal chooses nothing',
    needs: ['select'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'select');
      const ended = AbortSignal.abort('deadline:total' satisfies Reason);
      t.is(reasonOf(await stage.act.choose(aim.target, aim.user, 'operator.two', ended)), 'deadline:total');
      await mustShow(t, stage, aim.window, { user: 'Choose…', password: '' });
    },
  },
  {
    title: 'a signal that ends during a write stops it with its reason, or comes too late',
    needs: ['login'],
    async run(t, stage) {
      const aim = await aimAt(t, stage, 'login');
      const ending = new AbortController();
      const writing = stage.act.write(aim.target, aim.user, secret('o'.repeat(60)), ending.signal);
      setImmediate(() => ending.abort('deadline:injection' satisfies Reason));
      const answer = await writing;
      if (isTrouble(answer)) t.is(answer.trouble, 'deadline:injection');
      const shown = (await stage.seen()).windows[aim.window];
      t.regex(shown?.['user'] ?? '-', /^o{0,60}$/);
      t.is(shown?.['password'], '');
    },
  },
];
