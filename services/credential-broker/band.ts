// The broker's own talk with the Nymi Agent: the only link that may say `init`, and the only one that fetches keys of bands.
import type { Codec, Garbage } from '../../contracts/external/codec.ts';
import { Status } from '../../contracts/external/nymi-agent.ts';
import type { AgentAsks, AgentNotice } from '../../contracts/external/nymi-agent.ts';
import type { Reason } from '../../contracts/reasons.ts';
import type { Secret } from '../../contracts/secret.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import type { Answer, Within } from '../../runtime/exchanges.ts';
import { Link } from '../../runtime/link.ts';
import type { LinkCounts, LinkLimits, LinkState } from '../../runtime/link.ts';
import type { TimerClock } from '../../runtime/timer.ts';

/** Why there is no key. `detail` is for the log: a cause, never a value. */
export interface BandFailure {
  readonly reason: Reason;
  readonly detail: string;
}
export const isBandFailure = (value: Secret | BandFailure): value is BandFailure => 'reason' in value;

export interface BandOptions {
  readonly url: string;
  /** Where the Agent fetches its certificates. */
  readonly nesUrl: string;
  /** The gateway's NES token, UTF-8; asked anew for each `init`, and wiped here. Has a bound in time, never rejects. */
  readonly token: () => Promise<Secret | BandFailure>;
  readonly codec: Codec<AgentAsks, AgentNotice>;
  readonly clock: TimerClock;
  readonly random: () => number;
  readonly onState?: (state: LinkState) => void;
  readonly onGarbage?: (garbage: Garbage, path: string) => void;
  readonly limits?: Partial<LinkLimits>;
}

const ASK_MS = 5_000;
const AGAIN = { minMs: 500, maxMs: 15_000 };
/** Radio trouble is often over with the next advertisement. */
const RADIO_PAUSE_MS = 50;

export class Bands {
  readonly #options: BandOptions;
  readonly #link: Link<AgentAsks, AgentNotice>;
  readonly #endpointOf = new Map<string, string>();
  #initialising: Promise<BandFailure | null> | undefined;
  #attempt = 0;
  #cancelTimer = (): void => {};

  constructor(options: BandOptions) {
    this.#options = options;
    const { url, codec, clock, random, onGarbage, limits } = options;
    this.#link = new Link({
      url, codec, clock, random, onGarbage, limits,
      onNotice: () => {},
      onState: (state) => this.#linkChanged(state),
    });
  }

  get counts(): LinkCounts {
    return this.#link.counts;
  }

  connect(): void {
    this.#link.connect();
  }

  async close(): Promise<void> {
    this.#cancelTimer();
    await this.#link.close();
  }

  /** Keeps the terminal of an enrolled session subscribed, across reconnects. */
  subscribe(session: string, endpointId: string): void {
    if (this.#endpointOf.get(session) === endpointId) return;
    this.unsubscribe(session);
    const isNew = !this.#isSubscribed(endpointId);
    this.#endpointOf.set(session, endpointId);
    if (isNew && this.#link.up) void this.#subscribeTo([endpointId]);
  }

  unsubscribe(session: string): void {
    const endpointId = this.#endpointOf.get(session);
    this.#endpointOf.delete(session);
    if (endpointId === undefined || this.#isSubscribed(endpointId)) return;
    void this.#link.request('unsubscribe_endpoint', { endpoint_id: endpointId }, { timeoutMs: ASK_MS });
  }

  /**
   * The symmetric key of a band, owned by the caller. Fails with `band-unreachable` (the Agent is away, the radio failed
   * twice, or time is up), `incomplete-enrollment` (no key in the band) or `nes-unreachable` (the Agent gets no certificates).
   */
  async keyOf(bandId: string, within: Within): Promise<Secret | BandFailure> {
    const { clock } = this.#options;
    const endsAtUs = clock.nowUs() + within.timeoutMs * 1_000;
    const left = (): Within => ({ timeoutMs: (endsAtUs - clock.nowUs()) / 1_000, signal: within.signal });
    const ask = (): Promise<Answer<{ readonly key: Secret | null }>> => this.#link.request('symmetric_key', { device: bandId }, left());

    if (this.#initialising !== undefined) await this.#inTime(this.#initialising, left());
    let answer = await ask();
    if (isStatus(answer, Status.certificatesMissing)) {
      const failure = await this.#inTime(this.#init(), left());
      if (failure !== null) return failure;
      answer = await ask();
    }
    if (isStatus(answer, Status.radioTrouble)) {
      await this.#inTime(this.#pause(RADIO_PAUSE_MS), left());
      answer = await ask();
    }
    return keyOrFailure(answer);
  }

  #linkChanged(link: LinkState): void {
    this.#cancelTimer();
    if (link.state === 'up') {
      this.#attempt = 0;
      void this.#prepare();
    }
    this.#options.onState?.(link);
  }

  /** Init, then subscriptions; what fails is tried again later. An Agent with cached certificates works without `init`. */
  async #prepare(): Promise<void> {
    const failure = await this.#init();
    await this.#subscribeTo([...new Set(this.#endpointOf.values())]);
    if (failure !== null) this.#prepareAgain();
  }

  async #subscribeTo(endpoints: readonly string[]): Promise<void> {
    const asked = endpoints.map((endpoint_id) => this.#link.request('subscribe_endpoint', { endpoint_id }, { timeoutMs: ASK_MS }));
    const answers = await Promise.all(asked);
    if (answers.some(({ kind }) => kind !== 'answered')) this.#prepareAgain();
  }

  #prepareAgain(): void {
    if (!this.#link.up) return;
    const { clock, random } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(backoffMs(this.#attempt, AGAIN, random), () => void this.#prepare());
    this.#attempt += 1;
  }

  /** One `init` at a time; null if the Agent took it. */
  #init(): Promise<BandFailure | null> {
    this.#initialising ??= this.#sendInit().finally(() => (this.#initialising = undefined));
    return this.#initialising;
  }

  async #sendInit(): Promise<BandFailure | null> {
    const token = await this.#options.token();
    if (isBandFailure(token)) return token;
    const request = { nes_url: this.#options.nesUrl, token: token.reveal((bytes) => UTF8.decode(bytes)) };
    token.wipe();
    const answer = await this.#link.request('init', request, { timeoutMs: ASK_MS });
    if (answer.kind === 'answered') return null;
    return answer.kind === 'rejected'
      ? { reason: 'nes-unreachable', detail: `init answered with status ${answer.status}` }
      : { reason: 'band-unreachable', detail: `init not answered: ${answer.lost}` };
  }

  #isSubscribed(endpointId: string): boolean {
    return [...this.#endpointOf.values()].includes(endpointId);
  }

  #pause(ms: number): Promise<null> {
    return new Promise((resolve) => this.#options.clock.after(ms, () => resolve(null)));
  }

  /** What `work` gives, or a failure when the time is over first; the work goes on for others. */
  #inTime(work: Promise<BandFailure | null>, { timeoutMs, signal }: Within): Promise<BandFailure | null> {
    return new Promise((resolve) => {
      const end = (result: BandFailure | null): void => {
        cancel();
        signal?.removeEventListener('abort', abort);
        resolve(result);
      };
      const abort = (): void => end({ reason: 'band-unreachable', detail: 'aborted' });
      const cancel = this.#options.clock.after(timeoutMs, () => end({ reason: 'band-unreachable', detail: 'timeout' }));
      signal?.addEventListener('abort', abort);
      void work.then(end);
      if (signal?.aborted) abort();
    });
  }
}

const UTF8 = new TextDecoder();

const isStatus = (answer: Answer<unknown>, status: number): boolean => answer.kind === 'rejected' && answer.status === status;

function keyOrFailure(answer: Answer<{ readonly key: Secret | null }>): Secret | BandFailure {
  if (answer.kind === 'lost') return { reason: 'band-unreachable', detail: `key not answered: ${answer.lost}` };
  if (answer.kind === 'answered') {
    return answer.payload.key ?? { reason: 'incomplete-enrollment', detail: 'the band has no key' };
  }
  const reason = answer.status === Status.certificatesMissing ? 'nes-unreachable' : 'band-unreachable';
  return { reason, detail: `key answered with status ${answer.status}` };
}
