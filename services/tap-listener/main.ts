// The tap-listener's shell: raw events from the Nymi Agent in, one end for each accepted tap out.
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { codecFor } from '../../contracts/external/nymi-codec.ts';
import { addressTowards } from '../../runtime/address.ts';
import { decisionsOf } from '../../insight/decisions.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { bootId } from '../../runtime/clock.ts';
import { newId } from '../../runtime/id.ts';
import { Journal } from '../../runtime/journal.ts';
import { pseudonymsWith } from '../../runtime/pseudonym.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { Agent, type AgentState } from './agent.ts';
import { eventOf, type State } from './decide.ts';
import { leftBehind, type Entry } from './entries.ts';
import { Observed } from './observed.ts';
import type { Raw } from './raw.ts';
import { RSSI_DEFAULTS } from './rssi.ts';
import { NO_CANDIDATES, tapCandidates, type CandidateState } from './streams.ts';
import { Taps } from './taps.ts';

const SLEEP_CHECK_MS = 500;
const SLEPT_MS = 1000;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log, places } = context;
  const { journal, entries } = Journal.open<Entry>(join(places.state, 'tap-listener.jsonl'));
  const { open, untold } = leftBehind(entries);
  journal.cut([...(open === null ? [] : [open]), ...untold]);
  let heard: CandidateState = NO_CANDIDATES;
  const observed = observedBy(context, () => ({ listener: taps.state, candidates: heard }));
  const taps = new Taps({
    budget: config.budget, bus, timer: systemTimer, journal, entries, boot: bootId(), log, profile: context.openLog('Profile'),
    observe: (event, us, commands) => observed?.input(event, us, decisionsOf(commands, us, event)),
  });
  let agent: Agent | undefined;
  let agentState: AgentState = 'connecting';

  const raws = new Subject<Raw>();
  const rssi = { ...RSSI_DEFAULTS, windowReadings: config.tap.rssiWindowTap, tapThresholdDbm: config.tap.rssiTapThresholdDbm };
  const candidates = raws.pipe(tapCandidates(rssi, heard, (state) => (heard = state))).subscribe((candidate) => {
    taps.emit(eventOf(candidate, newId));
  });

  const reportAgent = (): void => void bus.send('agent.reported', { state: agentState, detail: null }, { to: 'tray' });
  const connect = (): void => {
    const { url, endpointId, framing } = config.agent;
    agent = new Agent({
      url, codec: codecFor(framing), clock: systemTimer, random: Math.random,
      endpoint: async () => endpointId ?? addressTowards(new URL(url).hostname),
      onRaw: (raw) => {
        observed?.raw(raw);
        raws.next(raw);
      },
      onState: (state) => {
        agentState = state;
        log.info({ state }, 'agent.state');
        reportAgent();
      },
      onGarbage: (garbage, path) => log.warn({ code: garbage, path }, 'agent.garbage'),
    });
    agent.connect();
  };

  const watching = watchForSleep(() => taps.emit({ event: 'slept' }), clock);
  return {
    handle: (message) => taps.handle(message),
    opened: () => {
      taps.open();
      connect();
    },
    lineChanged: (to, _session, up) => {
      if (to === 'tray' && up) reportAgent();
    },
    stop: async () => {
      clearInterval(watching);
      candidates.unsubscribe();
      taps.stop();
      observed?.close();
      await agent?.close();
      journal.close();
    },
  };
}

/** What goes to the recorder; null: nothing is recorded. */
function observedBy({ config, bus, places }: ActorContext, known: () => { readonly listener: State; readonly candidates: CandidateState }): Observed | null {
  if (config.recorder.mode === 'off') return null;
  return new Observed({ pseudonym: pseudonymsWith(places.keys), publish: (body) => bus.publish('tap.observed', body), known, timer: systemTimer });
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
