// The tray's shell: turns messages into events of the tray's step and its commands into what a person sees.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Message } from '../../contracts/catalogue.ts';
import { Outcome } from '../../contracts/reasons.ts';
import { Secret } from '../../contracts/secret.ts';
import { messagesFor } from '../../insight/messages.ts';
import { platformFor } from '../../platform/index.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import type { EnrolAnswer } from '../../runtime/enrol.ts';
import { newId } from '../../runtime/id.ts';
import { sealingKeys } from '../../runtime/identity.ts';
import { after, Runner } from '../../runtime/run.ts';
import { publicKeyOf, seal } from '../../runtime/seal.ts';
import { INITIAL, trayStep, type Component, type Health, type TrayCommand, type TrayEvent, type TrayState } from './decide.ts';

/** The machine zone is missed when so many of its reports are. */
const REPORTS_MISSED = 2.5;
const FIRST_REPORT_MS = 5000;
const RESTART_COMMAND = join(import.meta.dirname, '../../ops/cli.ts');

type Shown = Exclude<TrayCommand, { command: 'after' }>;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log, places } = context;
  const address = desktopAddress(config);
  const show = await (await platformFor(address)).show(address, { product: config.product, onMissing: ({ part, detail }) => log.warn({ part, detail }, 'desktop.lacks') });
  const keys = await sealingKeys(places.keys, 'tray');
  const step = trayStep(messagesFor({ product: config.product, loggingFile: 'logging.json' }));
  const users = new Map<string, string>();
  const answers = new Map<string, Secret>();
  let machine: EnrolAnswer | undefined;
  let missing: NodeJS.Timeout | undefined;

  const runner = new Runner<TrayState, TrayEvent, Shown>({
    step: (state, event, nowUs) => {
      const [next, commands] = step(state, event, nowUs / 1000);
      return [next, commands.map((command) => (command.command === 'after' ? after(command.ms, command.event) : command))];
    },
    initial: INITIAL,
    nowUs: clock.nowUs,
    perform: (command) => void perform(command).catch((error: unknown) => log.warn({ command: command.command, cause: error instanceof Error ? error.name : 'thrown' }, 'show.failed')),
  });

  const perform = async (command: Shown): Promise<void> => {
    switch (command.command) {
      case 'icon': return show.icon(command.icon);
      case 'alert': return show.alert(command.alert);
      case 'messageBox': return show.messageBox(command);
      case 'menu': return show.menu(command.items, (id) => runner.emit({ event: 'menu.chosen', id }));
      case 'form': return askPassword(command);
      case 'password.submit': return submit(command.request);
      case 'password.cancel': return cancel(command);
      case 'password.discard': return discard(command.request);
      case 'logs.open': return show.openFolder(places.logs);
      case 'restart': return restart();
    }
  };

  const askPassword = async ({ request, title, text, status }: Extract<Shown, { command: 'form' }>): Promise<void> => {
    const answer = await show.passwordForm({ title, text, status, user: users.get(request) ?? '' });
    if (answer instanceof Secret) {
      discard(request);
      answers.set(request, answer);
      return passwordEvent({ event: 'form.answered', request });
    }
    if ('unanswered' in answer) log.warn({ detail: answer.unanswered }, 'form.unanswered');
    passwordEvent({ event: 'cancelled' in answer ? 'form.cancelled' : 'form.unanswered', request });
  };

  const cancel = ({ request, because }: Extract<Shown, { command: 'password.cancel' }>): void => {
    discard(request);
    const byPerson = because === 'person' || because === 'attempts';
    void bus.send('form.answered', { form: request, answer: null, ...(byPerson ? {} : { unanswered: true }) }, { to: 'credential-broker' });
  };

  /** Takes an event of a form, and forgets the names of forms that are over. */
  const passwordEvent = (event: TrayEvent): void => {
    runner.emit(event);
    const { form, waiting } = runner.state;
    for (const request of users.keys()) if (form?.request !== request && !waiting.some((one) => one.request === request)) users.delete(request);
  };

  const submit = async (request: string): Promise<void> => {
    const password = answers.get(request);
    if (password === undefined || machine === undefined) return;
    const broker = await publicKeyOf(Buffer.from(machine.sealingKey, 'base64'));
    const answer = await seal(password, keys, broker, { purpose: 'password-form', binding: [request, machine.session] });
    discard(request);
    await bus.send('form.answered', { form: request, answer }, { to: 'credential-broker' });
  };

  const discard = (request: string): void => {
    answers.get(request)?.wipe();
    answers.delete(request);
  };

  const health = (changes: Partial<Record<Component, Health>>): void => {
    for (const [component, value] of Object.entries(changes)) runner.emit({ event: 'component.changed', component: component as Component, health: value });
  };

  const expectReport = (withinMs: number): void => {
    clearTimeout(missing);
    missing = setTimeout(() => health({ service: 'service-not-responding' }), withinMs);
  };

  const handle = ({ kind, body, envelope: { tap } }: Message): void => {
    switch (kind) {
      case 'tap.received': return runner.emit({ event: 'tap.received', tap: tap ?? '' });
      case 'tap.ended': return runner.emit({ event: 'tap.ended', tap: tap ?? '', outcome: body.outcome, reason: body.reason });
      case 'tap.dropped': return runner.emit(body.why === 'storm' ? { event: 'tap.storm' } : { event: 'tap.ended', tap: newId(), outcome: Outcome.refused, reason: 'busy' });
      case 'agent.reported': return health(AGENT_HEALTH[body.state]);
      case 'settings.reported': return health({ settings: body.settings === 'good' ? 'up' : `settings-${body.settings}` });
      case 'service.reported':
        expectReport(body.everyMs * REPORTS_MISSED);
        return health({ service: 'up', ...NES_HEALTH[body.nes] });
      case 'form.requested':
        users.set(body.form, body.user);
        return passwordEvent({ event: 'password.requested', request: body.form });
      case 'form.judged': return passwordEvent({ event: 'password.result', request: body.form, result: VERDICTS[body.verdict] });
    }
  };

  return {
    handle,
    opened: () => {
      runner.emit({ event: 'started' });
      health({ startup: 'up', logging: 'up' });
      expectReport(FIRST_REPORT_MS);
    },
    enrolled: (answer) => {
      machine = answer;
    },
    stop: async () => {
      clearTimeout(missing);
      runner.stop();
      for (const request of answers.keys()) discard(request);
      await show.close();
    },
  };
}

const AGENT_HEALTH: Record<Extract<Message, { kind: 'agent.reported' }>['body']['state'], Partial<Record<Component, Health>>> = {
  'connecting': { agent: 'unknown' },
  'connected': { agent: 'up', endpoint: 'up', adapter: 'up' },
  'unreachable': { agent: 'agent-unreachable' },
  'endpoint-not-running': { agent: 'up', endpoint: 'endpoint-not-running' },
  'adapter-missing': { agent: 'up', endpoint: 'up', adapter: 'adapter-missing' },
};

const NES_HEALTH: Record<Extract<Message, { kind: 'service.reported' }>['body']['nes'], Partial<Record<Component, Health>>> = {
  'unknown': {},
  'reachable': { nes: 'up', policy: 'up' },
  'unreachable': { nes: 'nes-unreachable' },
  'feature-disabled': { nes: 'up', policy: 'feature-disabled' },
};

const VERDICTS = { updated: 'updated', wrong: 'wrong-password', failed: 'update-failed', closed: 'closed' } as const;

/** Outlives this process, which ends with the zone. */
function restart(): void {
  spawn(process.execPath, [RESTART_COMMAND, 'restart', '--zone', 'session'], { detached: true, stdio: 'ignore' }).unref();
}
