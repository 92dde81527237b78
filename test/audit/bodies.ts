// Records for the tests of the audit log.
import type { AuditBody, Stamp } from '../../services/audit/record.ts';
import { append, EMPTY_CHAIN } from '../../services/audit/chain.ts';
import type { ChainState } from '../../services/audit/chain.ts';

export const genesis: AuditBody = { kind: 'genesis', session: null, chain: 'lab' };
export const intent = (tap: string): AuditBody => ({ kind: 'intent', session: 's1', tap, band: 'NB-01', via: 'nfc', application: { process: 'msedge', origin: 'https://mes.example' } });
export const person = (tap: string): AuditBody => ({ kind: 'person', session: 's1', tap, user: 'jürgen', domain: 'LAB' });
export const outcome = (tap: string): AuditBody => ({ kind: 'outcome', session: 's1', tap, band: 'NB-01', via: 'nfc', outcome: 'filled', reason: 'ok', event: 'PasswordAutofillSuccess' });
export const event = (): AuditBody => ({ kind: 'event', session: null, tap: null, event: 'UnknownAuthenticatorDetected', band: 'NB-09', user: null, reason: 'unknown-band' });

export const stamp = (index: number): Stamp => ({ wallMs: Date.UTC(2026, 3, 30, 12) + index * 1_000, bootId: 'boot', monotonicUs: index * 1_000_000 });

/** Genesis, then for each tap its intent, person and outcome, and an event. */
export function bodiesOf(taps: number): AuditBody[] {
  const each = Array.from({ length: taps }, (_, index) => `tap-${index}`);
  return [genesis, ...each.flatMap((tap) => [intent(tap), person(tap), outcome(tap), event()])];
}

export function chainOf(bodies: readonly AuditBody[]): { readonly lines: string[]; readonly state: ChainState } {
  const lines: string[] = [];
  const state = bodies.reduce((before, body, index) => {
    const next = append(before, body, stamp(index));
    if (typeof next === 'string') throw new Error(next);
    lines.push(next[1]);
    return next[0];
  }, EMPTY_CHAIN);
  return { lines, state };
}
