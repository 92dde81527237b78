// The one suite that every adapter of the platform port passes: what Tapline may rely on, whatever the desktop.
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { SceneName } from '../../platform/virtual/scenes.ts';
import { actingChecks } from './acting.ts';
import { lookingChecks } from './looking.ts';
import { refusingChecks } from './refusing.ts';
import type { Ability, Stage, StageFactory } from './stage.ts';

/** One test of the suite: a sentence, what the stage must be able to do, and the test itself. */
export interface Check {
  readonly title: string;
  readonly needs: readonly (Ability | SceneName)[];
  run(t: ExecutionContext, stage: Stage): Promise<void>;
}

/** Registers the suite for one stage, started when the first test runs and ended after the last. */
export function runAcceptance(name: string, factory: StageFactory): void {
  let starting: Promise<Stage> | undefined;
  for (const check of [...lookingChecks, ...actingChecks, ...refusingChecks]) {
    if (!check.needs.every((need) => factory.can.has(need))) continue;
    test.serial(`${name}: ${check.title}`, async (t) => {
      starting ??= factory.start();
      const stage = await starting;
      await stage.reset();
      await check.run(t, stage);
      const seen = await stage.seen();
      t.is(seen.submits, 0, 'a form was submitted');
      t.is(seen.stray, '', 'characters arrived outside of the fields');
    });
  }
  test.after.always(`${name}: ends`, async () => {
    const stage = await starting;
    await stage?.end();
  });
}
