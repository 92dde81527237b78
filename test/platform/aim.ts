// Steps that the tests of the suite share: open a scene, aim at a pair of fields, look what arrived.
import type { ExecutionContext } from 'ava';
import { Secret } from '../../contracts/secret.ts';
import type { Reason } from '../../contracts/reasons.ts';
import { isTrouble } from '../../platform/port.ts';
import type { Context, FieldRef, Target, Trouble, Written } from '../../platform/port.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import { eventually } from './stage.ts';
import type { Stage, WindowKey } from './stage.ts';

/** A pair of fields in an open window, its user field focused. */
export interface Aim {
  readonly window: WindowKey;
  readonly target: Target;
  readonly user: FieldRef;
  readonly password: FieldRef;
  readonly context: Context;
}

export const never = (): AbortSignal => new AbortController().signal;
export const secret = (text: string): Secret => new Secret(new TextEncoder().encode(text));

/** Opens a scene, puts the focus into `pair.user` and takes the target from what the adapter then sees. */
export async function aimAt(
  t: ExecutionContext,
  stage: Stage,
  scene: SceneName,
  pair: { user: string; password: string } = { user: 'user', password: 'password' },
): Promise<Aim> {
  const window = await stage.open(scene);
  const context = await focusOn(t, stage, window, pair.user);
  const [user, password] = [fieldOf(t, stage, context, pair.user), fieldOf(t, stage, context, pair.password)];
  const target: Target = {
    window: { id: context.window.id, pid: context.window.pid },
    url: context.url,
    user: { ref: user.ref, role: user.role },
    password: { ref: password.ref },
  };
  return { window, target, user: user.ref, password: password.ref, context };
}

/** Focuses a field as a person would; returns the context once the adapter knows of it. */
export async function focusOn(t: ExecutionContext, stage: Stage, window: WindowKey, field: string): Promise<Context> {
  await stage.focus(window, field);
  const context = await eventually(
    () => stage.look.context(),
    (answer) => !isTrouble(answer) && focusedName(stage, answer) === field,
  );
  if (isTrouble(context)) return t.fail(`no context: ${context.trouble}: ${context.detail}`) as never;
  t.is(focusedName(stage, context), field);
  return context;
}

export function focusedName(stage: Stage, context: Context): string | null {
  const field = context.focused === null ? undefined : context.fields[context.focused];
  return field === undefined ? null : stage.nameOf(field);
}

export function fieldOf(t: ExecutionContext, stage: Stage, context: Context, name: string): Context['fields'][number] {
  const field = context.fields.find((candidate) => stage.nameOf(candidate) === name);
  if (field === undefined) throw new Error(`the context has no field ${name}`);
  t.truthy(field.ref);
  return field;
}

/** Writes, and expects success; gives what the adapter says of it. */
export async function mustWrite(
  t: ExecutionContext, stage: Stage, aim: Aim, field: FieldRef, text: string,
): Promise<Written> {
  const value = secret(text);
  const written = await stage.act.write(aim.target, field, value, never());
  t.false(value.wiped, 'the value belongs to the caller');
  value.wipe();
  if (isTrouble(written)) throw new Error(`not written: ${written.trouble}: ${written.detail}`);
  return written;
}

/** Moves the focus by the adapter and expects success. */
export async function mustFocus(t: ExecutionContext, stage: Stage, aim: Aim, field: FieldRef): Promise<void> {
  t.is(reasonOf(await stage.act.focus(aim.target, field, never())), null, 'focus');
}

/** Expects a window to show exactly these values, once all that was typed has arrived. */
export async function mustShow(
  t: ExecutionContext, stage: Stage, window: WindowKey, values: Readonly<Record<string, string>>,
): Promise<void> {
  const same = (shown: unknown): boolean => JSON.stringify(shown) === JSON.stringify(values);
  const shown = await eventually(async () => (await stage.seen()).windows[window], same);
  t.deepEqual(shown, values);
}

export const reasonOf = (answer: Trouble | Written | string | null): Reason | null =>
  answer !== null && typeof answer === 'object' && 'trouble' in answer ? answer.trouble : null;

/** Waits until the adapter knows what the desktop did, then expects `act.check` to give that reason. */
export async function mustRefuse(
  t: ExecutionContext, stage: Stage, aim: Aim, field: FieldRef, reason: Reason,
): Promise<void> {
  const check = () => stage.act.check(aim.target, field, { focused: true });
  t.is(reasonOf(await eventually(check, (answer) => reasonOf(answer) === reason)), reason, 'check');
}
