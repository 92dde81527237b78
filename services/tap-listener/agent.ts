// The tap-listener's own talk with the Nymi Agent: it subscribes to one terminal after each connect, and hands raw events on.
import type { AgentAsks, AgentNotice } from '../../contracts/external/nymi-agent.ts';
import type { Codec, Garbage } from '../../contracts/external/codec.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import { Link } from '../../runtime/link.ts';
import type { LinkCounts, LinkLimits, LinkState } from '../../runtime/link.ts';
import type { TimerClock } from '../../runtime/timer.ts';
import type { Raw } from './raw.ts';

/** How taps of this terminal can reach us. */
export const AgentState = {
  /** On the way: connecting for the first time, or waiting for the terminal's state. */
  connecting: 'connecting',
  /** Taps arrive. */
  connected: 'connected',
  /** No Agent answers (7.12). */
  unreachable: 'unreachable',
  /** The Agent does not hear the terminal's endpoint service (7.13). */
  endpointNotRunning: 'endpoint-not-running',
  /** The terminal has no Bluetooth adapter (7.14). */
  adapterMissing: 'adapter-missing',
} as const;
export type AgentState = (typeof AgentState)[keyof typeof AgentState];

export interface AgentOptions {
  readonly url: string;
  /** IP address of the terminal whose taps count, as it is now. Rejects where there is no way to the Agent. */
  readonly endpoint: () => Promise<string>;
  readonly codec: Codec<AgentAsks, AgentNotice>;
  readonly clock: TimerClock;
  readonly random: () => number;
  readonly onRaw: (raw: Raw) => void;
  /** Called at each change, with the stamp of its cause. */
  readonly onState: (state: AgentState, atUs: number) => void;
  readonly onGarbage?: (garbage: Garbage, path: string) => void;
  readonly limits?: Partial<LinkLimits>;
  /** How often a terminal's address is looked at; one that moves to another network gets another one. */
  readonly addressEveryMs?: number;
}

/** How long a subscribed terminal may take to report, and a subscription to be answered. */
const READY_MS = 3_000;
const ADDRESS_EVERY_MS = 5_000;
const RESUBSCRIBE = { minMs: 500, maxMs: 10_000 };

/** What is known of the terminal; null: not told yet. */
interface EndpointFacts {
  readonly running: boolean | null;
  readonly adapter: boolean | null;
}
const NOTHING_KNOWN: EndpointFacts = { running: null, adapter: null };

export class Agent {
  readonly #options: AgentOptions;
  readonly #link: Link<AgentAsks, AgentNotice>;
  #state: AgentState = AgentState.connecting;
  #facts = NOTHING_KNOWN;
  #endpointId: string | null = null;
  #attempt = 0;
  #cancelTimer = (): void => {};
  #cancelWatch = (): void => {};

  constructor(options: AgentOptions) {
    this.#options = options;
    const { url, codec, clock, random, onGarbage, limits } = options;
    this.#link = new Link({
      url, codec, clock, random, onGarbage, limits,
      onNotice: (notice, atUs) => this.#notice(notice, atUs),
      onState: (state) => this.#linkChanged(state),
    });
  }

  get state(): AgentState {
    return this.#state;
  }

  get counts(): LinkCounts {
    return this.#link.counts;
  }

  /** Begins; events and states follow until `close`. */
  connect(): void {
    this.#link.connect();
  }

  async close(): Promise<void> {
    this.#cancelTimer();
    this.#cancelWatch();
    await this.#link.close();
  }

  #linkChanged(link: LinkState): void {
    this.#cancelTimer();
    this.#cancelWatch();
    this.#facts = NOTHING_KNOWN;
    if (link.state === 'down') return this.#become(AgentState.unreachable);
    if (link.state === 'connecting') return;
    this.#attempt = 0;
    void this.#subscribe();
  }

  async #subscribe(): Promise<void> {
    const { clock, random } = this.#options;
    this.#endpointId = await this.#address();
    const asked = this.#endpointId === null ? null : await this.#link.request('subscribe_endpoint', { endpoint_id: this.#endpointId }, { timeoutMs: READY_MS });
    if (asked?.kind === 'answered') {
      this.#watchAddress();
      this.#cancelTimer = clock.after(READY_MS, () => this.#learn({ running: this.#facts.running ?? false }));
      return this.#learn(factsOf(asked.payload));
    }
    if (!this.#link.up) return;
    this.#become(AgentState.endpointNotRunning);
    this.#cancelTimer = clock.after(backoffMs(this.#attempt, RESUBSCRIBE, random), () => void this.#subscribe());
    this.#attempt += 1;
  }

  #address(): Promise<string | null> {
    return this.#options.endpoint().catch(() => null);
  }

  /** A terminal whose address changed is another one to the Agent: the old subscription would hear nothing any more. */
  #watchAddress(): void {
    const { clock, addressEveryMs = ADDRESS_EVERY_MS } = this.#options;
    this.#cancelWatch = clock.after(addressEveryMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const [known, now] = [this.#endpointId, await this.#address()];
    if (!this.#link.up || this.#endpointId !== known) return;
    if (now === null || now === known || known === null) return this.#watchAddress();
    void this.#link.request('unsubscribe_endpoint', { endpoint_id: known }, { timeoutMs: READY_MS });
    this.#cancelTimer();
    this.#facts = NOTHING_KNOWN;
    this.#become(AgentState.connecting);
    await this.#subscribe();
  }

  #notice(notice: AgentNotice, atUs: number): void {
    const { endpoint_id: endpoint } = notice.payload;
    // A shared Agent must not tell this session of another terminal; if it does, nothing is made of it.
    if (endpoint !== undefined && endpoint !== this.#endpointId) return;
    if (notice.name === 'endpoint_state') return this.#learn(factsOf(notice.payload));
    if (notice.name === 'ble_ready') return this.#learn({ running: true, adapter: true });
    this.#options.onRaw(rawOf(notice, atUs));
  }

  #learn(facts: Partial<EndpointFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
    const { running, adapter } = this.#facts;
    if (running === null) return this.#become(AgentState.connecting);
    if (!running) return this.#become(AgentState.endpointNotRunning);
    this.#become(adapter === false ? AgentState.adapterMissing : AgentState.connected);
  }

  #become(state: AgentState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state, this.#options.clock.nowUs());
  }
}

interface WireFacts {
  readonly endpoint_running?: boolean | undefined;
  readonly adapter_present?: boolean | undefined;
  readonly ble_ready?: boolean | undefined;
}

/** Only what was told. A radio that is ready tells that the service runs and the adapter is there. */
function factsOf({ endpoint_running, adapter_present, ble_ready }: WireFacts): Partial<EndpointFacts> {
  return {
    ...(ble_ready === true && { running: true, adapter: true }),
    ...(endpoint_running !== undefined && { running: endpoint_running }),
    ...(adapter_present !== undefined && { adapter: adapter_present }),
  };
}

type Event = Extract<AgentNotice, { name: 'nfc_tap' | 'ble_rssi' | 'presence' }>;

function rawOf(event: Event, atUs: number): Raw {
  if (event.name === 'nfc_tap') return { kind: 'nfc', atUs, uid: event.payload.uid, band: event.payload.device ?? null };
  if (event.name === 'ble_rssi') return { kind: 'rssi', atUs, band: event.payload.device, rssiDbm: event.payload.rssi };
  const { device: band, presence, authenticated, worn } = event.payload;
  return { kind: 'presence', atUs, band, presence, authenticated, worn: worn ?? null };
}
