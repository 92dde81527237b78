// The checks of windows that show no fields, on the virtual desktop in this process.
import test from 'ava';
import { actOn } from '../../platform/virtual/act.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { lookAt } from '../../platform/virtual/look.ts';
import { windowOf } from '../../platform/virtual/model.ts';
import { Seat } from '../../platform/virtual/seat.ts';
import { VirtualDesktop } from '../../platform/virtual/world.ts';
import { reasonOf, secret } from './aim.ts';
import { targetOf, unseenChecks, type UnseenStage } from './unseen.ts';

async function stage() {
  const world = new VirtualDesktop('a');
  const hands = handsOn(world);
  const seat = new Seat(world);
  const window = (await hands.openScene('login', { executable: '/opt/scales/weigh', exposed: false, origin: null }))!;
  await hands.click(window, 'user');
  const unseen: UnseenStage = {
    look: lookAt(seat),
    act: actOn(seat, () => undefined),
    async holds() {
      const { user = '', password = '' } = (await hands.arrived()).windows[window] ?? {};
      return [user, password];
    },
    cover: async () => void (await hands.openScene('nopassword')),
    rename: async (title) => void (windowOf(world.desktop, window)!.title = title),
  };
  return { world, hands, window, unseen };
}

for (const { title, run } of unseenChecks) {
  test(`Virtual desktop: a window that shows no fields: ${title}`, async (t) => {
    const { hands, unseen } = await stage();
    await run(t, unseen);
    t.like(await hands.arrived(), { stray: '', submits: 0 });
  });
}

for (const afterPresses of [1, 5, 12, 13, 14, 20]) {
  test(`another window that comes after ${afterPresses} keys gets none of the rest`, async (t) => {
    const { hands, window, unseen } = await stage();
    const aim = await targetOf(t, unseen);
    const other = (await hands.openScene('login'))!;
    await hands.click(other, 'user');
    await hands.raise(window);
    await hands.ambush(afterPresses, { do: 'raise', window: other });
    const stopped = await unseen.act.writeUnseen(aim, { user: secret('operator.one'), password: secret('Sesame-7') }, new AbortController().signal, () => undefined);
    t.is(reasonOf(stopped), 'window-changed');
    t.like(await hands.arrived(), { stray: '', windows: { [other]: { user: '', password: '' } } });
  });
}

test('a program that shows its fields by now is not typed into unseen', async (t) => {
  const { hands, unseen } = await stage();
  const open = (await hands.openScene('login', { origin: null }))!;
  await hands.click(open, 'user');
  const answer = await unseen.act.writeUnseen(await targetOf(t, unseen), { user: secret('operator.one'), password: secret('Sesame-7') }, new AbortController().signal, () => t.fail('begun'));
  t.is(reasonOf(answer), 'element-gone');
});
