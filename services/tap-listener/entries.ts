// What the tap-listener writes to its journal, what a successor reads from it, and the words of an end.
import type { Body } from '../../contracts/catalogue.ts';
import type { End, OpenTap } from './decide.ts';

export type EndBody = Body<'tap.ended'>;
export type Entry =
  | { readonly e: 'open'; readonly boot: string; readonly open: OpenTap }
  | { readonly e: 'ended'; readonly tap: string; readonly body: EndBody }
  /** The record has the end. */
  | { readonly e: 'told'; readonly tap: string };

export interface LeftBehind {
  /** The tap that had not ended, as it stood last. */
  readonly open: Extract<Entry, { e: 'open' }> | null;
  /** Ends that the record may not have. */
  readonly untold: readonly Extract<Entry, { e: 'ended' }>[];
}

export function leftBehind(entries: readonly Entry[]): LeftBehind {
  const ended = entries.filter((entry) => entry.e === 'ended');
  const over = new Set(ended.map(({ tap }) => tap));
  const told = new Set(entries.flatMap((entry) => (entry.e === 'told' ? [entry.tap] : [])));
  const open = entries.filter((entry) => entry.e === 'open').findLast((entry) => !over.has(entry.open.tap) && !told.has(entry.open.tap));
  return { open: open ?? null, untold: ended.filter(({ tap, body }) => !body.silent && !told.has(tap)) };
}

/** What the person sees and the record closes with. */
export function endBody({ tap, outcome, reason, endedUs }: End): EndBody {
  const stage = (name: string, us: number | undefined): object => (us === undefined ? {} : { [name]: sinceTap(tap, us) });
  return {
    outcome,
    reason,
    silent: reason === 'suppressed',
    band: tap.band,
    via: tap.via,
    stages: {
      ...stage('accept', tap.acceptedUs),
      ...stage('resolve', tap.resolvedUs),
      ...stage('credential', tap.credentialUs),
      ...stage('inject', tap.begunUs),
      total: sinceTap(tap, endedUs),
    },
  };
}

/** Milliseconds from t0, within what the contract takes: stamps of another boot give anything. */
function sinceTap({ tappedUs }: OpenTap, us: number): number {
  const DAY_MS = 86_400_000;
  return Math.min(DAY_MS, Math.max(0, (us - tappedUs) / 1000));
}
