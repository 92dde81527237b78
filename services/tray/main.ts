// The tray's shell: turns messages into events of the tray's step and its commands into what a person sees.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ConfigProblem } from '../../config/problem.ts';
import type { Message } from '../../contracts/catalogue.ts';
import { Outcome } from '../../contracts/reasons.ts';
import { messagesFor } from '../../insight/messages.ts';
import { platformFor } from '../../platform/index.ts';
import type { MissingPart, Show } from '../../platform/port.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { newId } from '../../runtime/id.ts';
import { sealingKeys } from '../../runtime/identity.ts';
import { after, Runner, type Step } from '../../runtime/run.ts';
import { trayStep } from './decide.ts';
import { PasswordForms } from './forms.ts';
import { INITIAL, type Component, type Health, type TrayCommand, type TrayEvent, type TrayState } from './state.ts';

/** The machine zone is missed when so many of its reports are. */
const REPORTS_MISSED = 2.5;
const FIRST_REPORT_MS = 5000;
const RESTART_COMMAND = join(import.meta.dirname, '../../ops/cli.ts');

type Shown = Exclude<TrayCommand, { command: 'after' }>;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, clock, log, places, loggingProblem } = context;
  const show = await showFor(context);
  const keys = await sealingKeys(places.keys, 'tray');
  let missing: NodeJS.Timeout | undefined;

  const runner = new Runner<TrayState, TrayEvent, Shown>({
    step: timed(trayStep(messagesFor({ product: config.product, loggingFile: 'logging.json' }))),
    initial: INITIAL,
    nowUs: clock.nowUs,
    perform: (command) => void perform(command).catch((error: unknown) => log.warn({ command: command.command, cause: causeOf(error) }, 'show.failed')),
  });
  const forms = new PasswordForms({ context, show, keys, emit: (event) => runner.emit(event), state: () => runner.state });

  const perform = async (command: Shown): Promise<void> => {
    switch (command.command) {
      case 'icon': return show.icon(command.icon);
      case 'alert': return show.alert(command.alert);
      case 'messageBox': return show.messageBox(command);
      case 'menu': return show.menu(command.items, (id) => runner.emit({ event: 'menu.chosen', id }));
      case 'form': return forms.ask(command);
      case 'password.submit': return forms.submit(command.request);
      case 'password.cancel': return forms.cancel(command);
      case 'password.discard': return forms.discard(command.request);
      case 'logs.open': return show.openFolder(places.logs);
      case 'restart': return restart();
    }
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
      case 'tap.ended': return runner.emit({ event: 'tap.ended', tap: tap ?? '', outcome: body.outcome, reason: body.reason, remedy: body.remedy });
      case 'tap.dropped': return runner.emit(body.why === 'storm' ? { event: 'tap.storm' } : { event: 'tap.ended', tap: newId(), outcome: Outcome.refused, reason: 'busy' });
      case 'agent.reported': return health(AGENT_HEALTH[body.state]);
      case 'settings.reported': return settingsEvents(body).forEach((event) => runner.emit(event));
      case 'service.reported':
        expectReport(body.everyMs * REPORTS_MISSED);
        return health({ service: 'up', ...NES_HEALTH[body.nes] });
      case 'form.requested': return forms.requested(body.form, body.user);
      case 'form.judged': return forms.take({ event: 'password.result', request: body.form, result: VERDICTS[body.verdict] });
    }
  };

  return {
    handle,
    opened: () => {
      runner.emit({ event: 'started' });
      health({ logging: loggingHealth(loggingProblem) });
      expectReport(FIRST_REPORT_MS);
    },
    enrolled: (answer) => forms.enrolled(answer),
    stop: async () => {
      clearTimeout(missing);
      runner.stop();
      forms.close();
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

function loggingHealth(problem: ConfigProblem | null): Health {
  if (problem === null) return 'up';
  return problem.problem === 'missing' ? 'logging-missing' : 'logging-broken';
}

function settingsEvents({ settings, kept }: Extract<Message, { kind: 'settings.reported' }>['body']): readonly TrayEvent[] {
  const unusable = settings === 'good' ? null : settings;
  return [
    { event: 'settings.kept', file: kept === true ? unusable : null },
    { event: 'component.changed', component: 'settings', health: kept === true || unusable === null ? 'up' : `settings-${unusable}` },
  ];
}

const VERDICTS = { updated: 'updated', wrong: 'wrong-password', failed: 'update-failed', closed: 'closed' } as const;

function showFor({ config, log }: ActorContext): Promise<Show> {
  const address = desktopAddress(config);
  const onMissing = ({ part, detail }: MissingPart): void => log.warn({ part, detail }, 'desktop.lacks');
  return platformFor(address).then((platform) => platform.show(address, { product: config.product, onMissing }));
}

/** The tray's step as a runner takes it: microseconds, and timers of its own. */
function timed(step: ReturnType<typeof trayStep>): Step<TrayState, TrayEvent, Shown> {
  return (state, event, nowUs) => {
    const [next, commands] = step(state, event, nowUs / 1000);
    return [next, commands.map((command) => (command.command === 'after' ? after(command.ms, command.event) : command))];
  };
}

const causeOf = (error: unknown): string => (error instanceof Error ? error.name : 'thrown');

/** Outlives this process, which ends with the zone. */
function restart(): void {
  spawn(process.execPath, [RESTART_COMMAND, 'restart', '--zone', 'session'], { detached: true, stdio: 'ignore' }).unref();
}
