// The tap-listener's shell: raw events from the Nymi Agent in, one end for each accepted tap out. It writes to its journal
// before it speaks, so that a successor ends what it left open and tells what it had not told.
import { join } from 'node:path';
import { Subject } from 'rxjs';
import type { Body, Message } from '../../contracts/catalogue.ts';
import { jsonCodec } from '../../contracts/external/nymi-json.ts';
import { addressTowards } from '../../runtime/address.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { bootId } from '../../runtime/clock.ts';
import { newId } from '../../runtime/id.ts';
import { Journal } from '../../runtime/journal.ts';
import { Runner } from '../../runtime/run.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { Agent, type AgentState } from './agent.ts';
import { decideWith, INITIAL, Phase, type Command, type End, type Event, type OpenTap } from './decide.ts';
import type { Raw } from './raw.ts';
import { RSSI_DEFAULTS } from './rssi.ts';
import { tapCandidates, type Candidate } from './streams.ts';

type EndBody = Body<'tap.ended'>;
type Entry =
  | { readonly e: 'open'; readonly boot: string; readonly open: OpenTap }
  | { readonly e: 'ended'; readonly tap: string; readonly body: EndBody }
  | { readonly e: 'told'; readonly tap: string };

/** An end is told again until the record has it; each try may take so long. */
const TELL_WITHIN_MS = 5000;
const TELL_AGAIN_MS = 500;
const SHOW_WITHIN_MS = 5000;
const SLEEP_CHECK_MS = 500;
const SLEPT_MS = 1000;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log, places } = context;
  const profile = context.openLog('Profile');
  const boot = bootId();
  const { journal, entries } = Journal.open<Entry>(join(places.state, 'tap-listener.jsonl'));
  let agent: Agent | undefined;
  let agentState: AgentState = 'connecting';
  let stopped = false;
  const untold = new Set<string>();

  const runner = new Runner<typeof INITIAL, Event, Command>({ step: decideWith(config.budget), initial: INITIAL, nowUs: clock.nowUs, perform: (command) => perform(command) });

  const perform = (command: Command): void => {
    switch (command.do) {
      case 'journal': return journal.append({ e: 'open', boot, open: command.open });
      case 'accept': return accept(command);
      case 'commit': return both('tap.committed', {}, command.open);
      case 'cancel': return both('tap.cancelled', { reason: command.reason }, command.open);
      case 'end': return end(command.end);
      case 'drop': return dropped(command);
      case 'warn-storm': return void bus.send('tap.dropped', { why: 'storm' }, { to: 'tray' });
    }
  };

  const accept = ({ open, resolveByUs, credentialByUs }: Extract<Command, { do: 'accept' }>): void => {
    const { tap, band, via, tappedUs, leaseUs, deadlineUs } = open;
    log.info({ tap, via, tookMs: (open.acceptedUs - tappedUs) / 1000 }, 'tap.accepted');
    void bus.send('tap.accepted', { band, via, tappedUs, resolveByUs, credentialByUs, leaseUs }, { to: 'window-resolver', tap, deadlineUs });
  };

  const both = <K extends 'tap.committed' | 'tap.cancelled'>(kind: K, body: Body<K>, { tap, deadlineUs }: OpenTap): void => {
    for (const to of ['injector', 'credential-broker'] as const) void bus.send(kind, body, { to, tap, deadlineUs });
  };

  const end = (ended: End): void => {
    const { tap } = ended.tap;
    const body = endBody(ended);
    journal.append({ e: 'ended', tap, body });
    log.info({ tap, outcome: body.outcome, reason: body.reason }, 'tap.ended');
    profile.info({ tap, outcome: body.outcome, reason: body.reason, via: body.via, stages: body.stages }, 'tap.profile');
    void tell(tap, body);
  };

  /** The person is told at once; the record until it has it. */
  const tell = async (tap: string, body: EndBody): Promise<void> => {
    untold.add(tap);
    if (!body.silent) void bus.send('tap.ended', body, { to: 'tray', tap, deadlineUs: clock.nowUs() + SHOW_WITHIN_MS * 1000 });
    while (!stopped && !body.silent) {
      const ack = await bus.send('tap.ended', body, { to: 'credential-broker', tap, deadlineUs: clock.nowUs() + TELL_WITHIN_MS * 1000 });
      if (ack.ok) break;
      await new Promise((resolve) => setTimeout(resolve, TELL_AGAIN_MS));
    }
    if (stopped) return;
    journal.append({ e: 'told', tap });
    untold.delete(tap);
    if (journal.wantsCut && untold.size === 0 && runner.state.open === null) journal.cut([]);
  };

  const dropped = ({ why, via }: Extract<Command, { do: 'drop' }>): void => {
    log.info({ why, via }, 'tap.dropped');
    if (why === 'busy') void bus.send('tap.dropped', { why }, { to: 'tray' });
  };

  const raws = new Subject<Raw>();
  const candidates = raws.pipe(tapCandidates({ ...RSSI_DEFAULTS, windowReadings: config.tap.rssiWindowTap, tapThresholdDbm: config.tap.rssiTapThresholdDbm })).subscribe((candidate: Candidate) => {
    if (candidate.kind === 'unreadable') runner.emit({ event: 'unreadable', atUs: candidate.atUs });
    else runner.emit({ event: 'tapped', tap: newId(), band: candidate.band, via: candidate.via, atUs: candidate.atUs });
  });

  const reportAgent = (): void => void bus.send('agent.reported', { state: agentState, detail: null }, { to: 'tray' });
  const connect = async (): Promise<void> => {
    const endpointId = config.agent.endpointId ?? (await addressTowards(new URL(config.agent.url).hostname));
    agent = new Agent({
      url: config.agent.url, endpointId, codec: jsonCodec(), clock: systemTimer, random: Math.random,
      onRaw: (raw) => raws.next(raw),
      onState: (state) => {
        agentState = state;
        log.info({ state }, 'agent.state');
        reportAgent();
      },
      onGarbage: (garbage, path) => log.warn({ code: garbage, path }, 'agent.garbage'),
    });
    agent.connect();
  };

  const handle = ({ kind, body, envelope }: Message): unknown => {
    const { tap, at: atUs } = envelope;
    if (tap === null) return undefined;
    switch (kind) {
      case 'target.resolved': return runner.emit({ event: 'resolved', tap, atUs });
      case 'target.refused': return runner.emit({ event: 'refused', tap, reason: body.reason, atUs });
      case 'credential.refused': return runner.emit({ event: 'refused', tap, reason: body.reason, atUs });
      case 'injection.begun': {
        runner.emit({ event: 'begun', tap, atUs, credentialUs: body.credentialUs });
        const { open } = runner.state;
        return { granted: open?.tap === tap && open.phase === Phase.injecting };
      }
      case 'injection.ended': return runner.emit({ event: 'ended', tap, atUs, outcome: body.outcome, reason: body.reason });
      default: return undefined;
    }
  };

  const watching = watchForSleep(() => runner.emit({ event: 'slept' }), clock);
  return {
    handle,
    opened: () => {
      const left = leftOpen(entries);
      journal.cut(left.open === null ? left.untold : [left.open, ...left.untold]);
      for (const entry of left.untold) if (entry.e === 'ended') void tell(entry.tap, entry.body);
      if (left.open !== null) runner.emit({ event: 'recovered', open: left.open.open, sameBoot: left.open.boot === boot });
      void connect();
    },
    lineChanged: (to, _session, up) => {
      if (to === 'tray' && up) reportAgent();
    },
    stop: async () => {
      stopped = true;
      clearInterval(watching);
      candidates.unsubscribe();
      runner.stop();
      await agent?.close();
      journal.close();
    },
  };
}

function endBody({ tap, outcome, reason, endedUs }: End): EndBody {
  const since = (us: number | undefined): { ms?: number } => (us === undefined ? {} : { ms: Math.max(0, (us - tap.tappedUs) / 1000) });
  const stage = (name: string, us: number | undefined): object => (us === undefined ? {} : { [name]: since(us).ms });
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
      total: Math.max(0, (endedUs - tap.tappedUs) / 1000),
    },
  };
}

/** From the journal of a predecessor: the tap that had not ended, and the ends that were not told. */
function leftOpen(entries: readonly Entry[]): { open: Extract<Entry, { e: 'open' }> | null; untold: Entry[] } {
  const over = new Set(entries.flatMap((entry) => (entry.e === 'ended' ? [entry.tap] : [])));
  const told = new Set(entries.flatMap((entry) => (entry.e === 'told' ? [entry.tap] : [])));
  const open = entries.findLast((entry) => entry.e === 'open' && !over.has(entry.open.tap));
  return { open: open?.e === 'open' ? open : null, untold: entries.filter((entry) => entry.e === 'ended' && !told.has(entry.tap)) };
}

/** Calls `slept` when wall time ran on while the monotonic clock stood. */
function watchForSleep(slept: () => void, clock: ActorContext['clock']): NodeJS.Timeout {
  let apart = clock.wallMs() - clock.nowUs() / 1000;
  return setInterval(() => {
    const now = clock.wallMs() - clock.nowUs() / 1000;
    if (Math.abs(now - apart) > SLEPT_MS) slept();
    apart = now;
  }, SLEEP_CHECK_MS);
}
