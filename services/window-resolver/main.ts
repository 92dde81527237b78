// The window-resolver's shell: keeps the desktop in view and answers each tap with a target or a reason.
import type { Message } from '../../contracts/catalogue.ts';
import type { Reason } from '../../contracts/reasons.ts';
import { isProblem, problemLine } from '../../config/problem.ts';
import { platformFor } from '../../platform/index.ts';
import { isTrouble, type Trouble } from '../../platform/port.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { isSuppressed, resolve, type Application } from './decide.ts';
import { RulesFile } from './rules-file.ts';

type TapMessage = Extract<Message, { kind: 'tap.accepted' }>;
const REPORT_EVERY_MS = 2000;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log } = context;
  const address = desktopAddress(config);
  const look = await (await platformFor(address)).look(address);
  const rulesFile = new RulesFile(config.applications.file);
  let reported = '';

  const refuse = ({ body, envelope }: TapMessage, reason: Reason, application: Application | null): void => {
    const { band, via, leaseUs } = body;
    const meta = { tap: envelope.tap, cause: envelope.id, deadlineUs: envelope.deadline };
    const refusal = { band, via, reason, application, leaseUs };
    log.info({ tap: envelope.tap, reason }, 'target.refused');
    void bus.send('target.refused', refusal, { ...meta, to: 'tap-listener' });
    if (reason !== 'suppressed') void bus.send('target.refused', refusal, { ...meta, to: 'credential-broker' });
  };

  const answer = async (message: TapMessage): Promise<void> => {
    const { body, envelope } = message;
    const { band, via, credentialByUs, leaseUs } = body;
    const meta = { tap: envelope.tap, cause: envelope.id, deadlineUs: envelope.deadline };
    const rules = rulesFile.read();
    const seeing = seen(() => look.context());
    if (isSuppressed(rules, await seen(() => look.foreground()))) return refuse(message, 'suppressed', null);
    void bus.send('tap.received', { via }, { ...meta, to: 'tray' });
    const result = resolve(rules, await seeing);
    if ('refused' in result) return refuse(message, result.refused, result.application);
    if (clock.nowUs() > body.resolveByUs) return refuse(message, 'deadline:resolve', result.application);
    const resolved = { band, via, credentialByUs, leaseUs, ...result };
    log.info({ tap: envelope.tap, tookMs: (clock.nowUs() - body.tappedUs) / 1000 }, 'target.resolved');
    for (const to of ['credential-broker', 'injector', 'tap-listener'] as const) void bus.send('target.resolved', resolved, { ...meta, to });
  };

  /** Tells the tray when rules or desktop changed for better or worse. */
  const report = async (): Promise<void> => {
    const rules = rulesFile.read();
    const settings = !isProblem(rules) ? 'good' : rules.problem === 'missing' ? 'missing' : 'broken';
    const window = await seen(() => look.foreground());
    const desktop = isTrouble(window) && window.trouble === 'no-desktop' ? 'unreachable' : 'reachable';
    if (reported === `${settings} ${desktop}`) return;
    if (isProblem(rules)) log.error({ problem: problemLine(rules) }, 'settings.broken');
    const ack = await bus.send('settings.reported', { settings, desktop }, { to: 'tray' });
    if (ack.ok) reported = `${settings} ${desktop}`;
  };
  let reporting: NodeJS.Timeout | undefined;

  return {
    handle: (message) => {
      if (message.kind === 'tap.accepted') void answer(message);
    },
    opened: () => {
      void report();
      reporting = setInterval(() => void report(), REPORT_EVERY_MS);
    },
    lineChanged: (to, _session, up) => {
      if (to === 'tray' && up) reported = '';
    },
    stop: async () => {
      clearInterval(reporting);
      await look.close();
    },
  };
}

/** Looks now; a look that breaks is an answer too. */
async function seen<Sight>(sight: () => Promise<Sight | Trouble>): Promise<Sight | Trouble> {
  try {
    return await sight();
  } catch (error) {
    return { trouble: 'no-desktop', detail: error instanceof Error ? error.name : 'thrown' };
  }
}
