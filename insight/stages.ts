// Where the time of a tap went: its stages in the order in which they end, each beside what it may take.
import type { Budget } from '../config/schema.ts';
import type { Decision } from '../contracts/recording.ts';
import type { Via } from './stories.ts';

export type StageName = 'accept' | 'resolve' | 'credential' | 'wait' | 'inject';
export interface StageBar {
  readonly name: StageName;
  /** The actor whose time it is. */
  readonly actor: 'tap-listener' | 'window-resolver' | 'credential-broker' | 'injector';
  /** Milliseconds from t0. */
  readonly fromMs: number;
  readonly toMs: number;
  /** When it must be over, from t0; null: nobody's deadline. */
  readonly byMs: number | null;
  /** Still going on when the tap ended. */
  readonly open?: true;
}
type Stages = NonNullable<Decision['stages']>;

/** Resolver and broker work beside each other from the acceptance on; the injector waits for the later of credential and commit. */
export function stageBars(stages: Stages, via: Via, budget: Budget): StageBar[] {
  const { accept, resolve, credential, inject, total } = stages;
  const { credentialMs, totalMs } = limitsOf(via, budget);
  const from = Math.min(accept ?? 0, total);
  const bars: StageBar[] = [];
  if (accept !== undefined) bars.push({ name: 'accept', actor: 'tap-listener', fromMs: 0, toMs: accept, byMs: budget.acceptMs });
  if (resolve !== undefined) bars.push({ name: 'resolve', actor: 'window-resolver', fromMs: from, toMs: resolve, byMs: budget.resolveMs });
  if (credential !== undefined) bars.push({ name: 'credential', actor: 'credential-broker', fromMs: from, toMs: credential, byMs: credentialMs });
  if (resolve === undefined) bars.push({ name: 'resolve', actor: 'window-resolver', fromMs: from, toMs: total, byMs: budget.resolveMs, open: true });
  else if (credential === undefined) bars.push({ name: 'credential', actor: 'credential-broker', fromMs: from, toMs: total, byMs: credentialMs, open: true });
  if (inject === undefined) return bars;
  const readyMs = Math.max(credential ?? from, resolve ?? from);
  if (inject > readyMs) bars.push({ name: 'wait', actor: 'injector', fromMs: readyMs, toMs: inject, byMs: null });
  bars.push({ name: 'inject', actor: 'injector', fromMs: inject, toMs: total, byMs: totalMs });
  return bars;
}

export const limitsOf = (via: Via, budget: Budget): { readonly credentialMs: number; readonly totalMs: number } =>
  via === 'nfc' ? { credentialMs: budget.credentialMsNfc, totalMs: budget.totalMsNfc } : { credentialMs: budget.credentialMsBle, totalMs: budget.totalMsBle };
