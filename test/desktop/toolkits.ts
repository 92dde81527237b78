// The programs of each toolkit, and taps on them: what is in front is looked at, the pair is decided on, and a credential goes into it.
import type { ExecutionContext } from 'ava';
import type { ApplicationRules } from '../../config/applications.ts';
import { fill } from '../../services/injector/fill.ts';
import type { Filled } from '../../services/injector/fill.ts';
import { resolve } from '../../services/window-resolver/decide.ts';
import { never, secret } from '../platform/aim.ts';
import { DialogStage } from '../platform/dialog-stage.ts';
import { BrowserStage } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import type { Stage } from '../platform/stage.ts';

export interface Toolkit {
  readonly name: string;
  /** How the program tells of keys, whoever presses them, and how it does while somebody else listens to it: docs/decisions/0024. */
  readonly tells: readonly string[];
  readonly tellsListeners: readonly string[];
  start(lab: Lab): Promise<RealStage>;
}
export type RealStage = BrowserStage | DialogStage;

export const TOOLKITS: readonly Toolkit[] = [
  { name: 'Chromium', tells: [], tellsListeners: ['NotifyListenersSync'], start: (lab) => BrowserStage.start(lab, 'chromium') },
  { name: 'Firefox', tells: [], tellsListeners: ['NotifyListenersSync'], start: (lab) => BrowserStage.start(lab, 'firefox') },
  { name: 'GTK 3', tells: [], tellsListeners: ['NotifyListenersSync'], start: async (lab) => new DialogStage(lab, 'gtk3') },
  { name: 'GTK 4', tells: ['TextChanged'], tellsListeners: ['TextChanged'], start: async (lab) => new DialogStage(lab, 'gtk4') },
  { name: 'Qt 5', tells: [], tellsListeners: ['NotifyListenersSync'], start: async (lab) => new DialogStage(lab, 'qt5') },
];
export const ONE = { user: 'operator.one', domain: 'LAB', password: 'Sesame-7!{é}€' };
export const TWO = { user: 'Zoë.Müller', domain: 'LAB', password: 'Tür "auf" 漢 😀' };
/** Letters that no label, no name and no other value has. */
export const NOWHERE_ELSE = 'ЖЩЮЯФЪ';
export const FILLED: Filled = { outcome: 'filled', reason: 'ok', detail: '' };

type Someone = typeof ONE;

/** A tap of that person on whatever is in front; `meanwhile` happens once the pair is decided on. */
export async function tap(
  t: ExecutionContext, stage: Stage, person: Someone, usernameFieldType: 'text' | 'select' = 'text', meanwhile: () => void = () => undefined,
): Promise<Filled> {
  const rules: ApplicationRules = { included: [{ processName: null, windowTitle: null, url: null, usernameFieldType }], suppressed: [] };
  const found = resolve(rules, await stage.look.context());
  if ('refused' in found) return t.fail(`refused: ${found.refused}`) as never;
  stage.act.prepare(found.target);
  const credential = { user: person.user, domain: person.domain, password: secret(person.password) };
  meanwhile();
  const startedMs = performance.now();
  const filled = await fill(stage.act, { ...found, credential, signal: never() });
  t.log(`${filled.outcome} in ${Math.round(performance.now() - startedMs)} ms`);
  return filled;
}
