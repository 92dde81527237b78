// Answers each tap with a target or a reason: looks at the window first, so that a suppressed application sees nothing.
import type { ApplicationRules } from '../../config/applications.ts';
import type { ConfigProblem } from '../../config/problem.ts';
import type { UnseenForm } from '../../config/schema.ts';
import type { Message } from '../../contracts/catalogue.ts';
import type { Look, Trouble } from '../../platform/port.ts';
import type { Bus } from '../../runtime/bus/bus.ts';
import type { Log } from '../../runtime/log.ts';
import { isSuppressed, resolve, resolveUnseen, type Refused } from './decide.ts';

export type TapAccepted = Extract<Message, { kind: 'tap.accepted' }>;

export interface TapsOptions {
  readonly bus: Pick<Bus, 'send'>;
  readonly nowUs: () => number;
  readonly look: Pick<Look, 'context' | 'foreground'>;
  /** The rules of this moment. */
  readonly rules: () => ApplicationRules | ConfigProblem;
  /** Login windows that are filled though they show no fields. */
  readonly unseenForms: readonly UnseenForm[];
  readonly log: Pick<Log, 'info'>;
}

/** Looks, and tells whom it concerns. Never rejects. */
export async function answer(options: TapsOptions, message: TapAccepted): Promise<void> {
  const { bus, nowUs, look, log } = options;
  const { body, envelope } = message;
  const { band, via, credentialByUs, leaseUs } = body;
  const meta = { tap: envelope.tap, cause: envelope.id, deadlineUs: envelope.deadline };
  const rules = options.rules();
  const seeing = seen(() => look.context());
  const front = await seen(() => look.foreground());
  if (isSuppressed(rules, front)) return refuse(options, message, { refused: 'suppressed', application: null });
  const sighted = resolve(rules, await seeing);
  const result = 'refused' in sighted ? resolveUnseen(rules, sighted, front, options.unseenForms) : sighted;
  const showReceived = (): void => void bus.send('tap.received', { via }, { ...meta, to: 'tray' });
  // One stamp for both judges: the tap-listener goes by it, too.
  const atUs = nowUs();
  if ('refused' in result || atUs > body.resolveByUs) {
    showReceived();
    return refuse(options, message, 'refused' in result ? result : { refused: 'deadline:resolve', application: result.application });
  }
  const resolved = { band, via, credentialByUs, leaseUs, ...result };
  for (const to of ['credential-broker', 'injector', 'tap-listener'] as const) void bus.send('target.resolved', resolved, { ...meta, atUs, to });
  // Those who work go before those who look.
  showReceived();
  log.info({ tap: envelope.tap, tookMs: (atUs - body.tappedUs) / 1000 }, 'target.resolved');
}

function refuse({ bus, log }: TapsOptions, { body, envelope }: TapAccepted, { refused: reason, ...more }: Refused): void {
  const { band, via, leaseUs } = body;
  const meta = { tap: envelope.tap, cause: envelope.id, deadlineUs: envelope.deadline };
  const refusal = { band, via, reason, leaseUs, ...more };
  log.info({ tap: envelope.tap, reason }, 'target.refused');
  // The broker first: it identifies the band, and the end that follows from the other message should find it at it.
  if (reason !== 'suppressed') void bus.send('target.refused', refusal, { ...meta, to: 'credential-broker' });
  void bus.send('target.refused', refusal, { ...meta, to: 'tap-listener' });
}

/** Looks now; a look that breaks is an answer too. */
export async function seen<Sight>(sight: () => Promise<Sight | Trouble>): Promise<Sight | Trouble> {
  try {
    return await sight();
  } catch (error) {
    return { trouble: 'no-desktop', detail: error instanceof Error ? error.name : 'thrown' };
  }
}
