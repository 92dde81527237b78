// What every adapter must do in a window that shows no fields: name, Tab and password by keys where a target asks for it,
// nothing at all where anything differs, and never a word that it saw what became of them.
import type { ExecutionContext } from 'ava';
import { isTrouble } from '../../platform/port.ts';
import type { Act, Look, Target, WindowFacts } from '../../platform/port.ts';
import { never, reasonOf, secret } from './aim.ts';
import { eventually } from './stage.ts';

/** A desktop with one window in front that has two fields, shows none, and has the focus in the first. */
export interface UnseenStage {
  readonly look: Pick<Look, 'context' | 'foreground'>;
  readonly act: Act;
  /** What its fields hold. */
  holds(): Promise<readonly [user: string, password: string]>;
  /** Opens another window in front. */
  cover(): Promise<void>;
  /** Gives the window another title. */
  rename(title: string): Promise<void>;
}

export interface UnseenCheck {
  readonly title: string;
  run(t: ExecutionContext, stage: UnseenStage): Promise<void>;
}

const USER = 'operator.one';
const PASSWORD = 'Sesame-7 {x}';

export const unseenChecks: readonly UnseenCheck[] = [
  {
    title: 'name and password arrive in its fields, and nobody says that they were seen there',
    async run(t, stage) {
      t.like(await stage.look.context(), { trouble: 'no-accessibility' });
      let begun = 0;
      const written = await stage.act.writeUnseen(await targetOf(t, stage), values(), never(), () => void begun++);
      t.deepEqual(written, { verified: false });
      t.is(begun, 1);
      t.deepEqual(await eventually(() => stage.holds(), ([, password]) => password === PASSWORD), [USER, PASSWORD]);
    },
  },
  {
    title: 'a target of another window, process or title gets no key',
    async run(t, stage) {
      const target = await targetOf(t, stage);
      const others: readonly Target[] = [
        { ...target, window: { ...target.window, id: '1' } },
        { ...target, window: { ...target.window, pid: target.window.pid + 1 } },
        { ...target, unseen: { title: `${target.unseen?.title}.`, tabs: 1 } },
        { ...target, unseen: undefined },
      ];
      for (const other of others) await mustRefuse(t, stage, other, 'window-changed');
      t.deepEqual(await stage.holds(), ['', '']);
    },
  },
  {
    title: 'a window that was covered, or has another title since, gets no key',
    async run(t, stage) {
      const target = await targetOf(t, stage);
      await stage.rename('Comment');
      await mustRefuse(t, stage, target, 'window-changed');
      const renamed = await targetOf(t, stage);
      await stage.cover();
      await mustRefuse(t, stage, renamed, 'window-changed');
      t.deepEqual(await stage.holds(), ['', '']);
    },
  },
  {
    title: 'a value with a character on no key, a control character, or none at all is refused before the first key',
    async run(t, stage) {
      const target = await targetOf(t, stage);
      for (const wrong of ['opera\tor', 'one\n', '漢字', '']) {
        await mustRefuse(t, stage, target, 'untypable', { user: secret(wrong), password: secret(PASSWORD) });
        await mustRefuse(t, stage, target, 'untypable', { user: secret(USER), password: secret(wrong) });
      }
      t.deepEqual(await stage.holds(), ['', '']);
    },
  },
  {
    title: 'what is over before it begins types nothing, and what ends midway stops there',
    async run(t, stage) {
      const target = await targetOf(t, stage);
      t.is(reasonOf(await stage.act.writeUnseen(target, values(), AbortSignal.abort('cancelled:two-bands'), () => t.fail('begun'))), 'cancelled:two-bands');
      t.deepEqual(await stage.holds(), ['', '']);
      const ending = new AbortController();
      const stopped = await stage.act.writeUnseen(target, values(), ending.signal, () => ending.abort('deadline:injection'));
      t.is(reasonOf(stopped), 'deadline:injection');
      t.is((await stage.holds())[1], '');
    },
  },
  {
    title: 'its target names no field that any other call would read, write or clear',
    async run(t, stage) {
      const target = await targetOf(t, stage);
      const { user: { ref: user }, password: { ref: password } } = target;
      t.truthy(reasonOf(await stage.act.check(target, user, { focused: false })));
      t.truthy(reasonOf(await stage.act.read(target, user)));
      t.truthy(reasonOf(await stage.act.focus(target, password, never())));
      t.truthy(reasonOf(await stage.act.write(target, user, secret(USER), never())));
      t.truthy(reasonOf(await stage.act.clear(target, password)));
      t.deepEqual(await stage.holds(), ['', '']);
    },
  },
];

const values = () => ({ user: secret(USER), password: secret(PASSWORD) });

/** The window in front as a target of one Tab. */
export async function targetOf(t: ExecutionContext, { look }: Pick<UnseenStage, 'look'>): Promise<Target> {
  const front: WindowFacts | null = await look.foreground().then((facts) => (isTrouble(facts) ? null : facts));
  if (front === null) return t.fail('no window is in front') as never;
  const { id, pid, title } = front;
  return { window: { id, pid }, url: null, user: { ref: 'unseen:user', role: 'text' }, password: { ref: 'unseen:password' }, unseen: { title, tabs: 1 } };
}

async function mustRefuse(t: ExecutionContext, { act }: UnseenStage, target: Target, reason: string, given = values()): Promise<void> {
  t.is(reasonOf(await act.writeUnseen(target, given, never(), () => t.fail('begun'))), reason as never);
}
