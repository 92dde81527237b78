// A websocket to somebody else's server that comes back by itself and knows which answer belongs to which question.
// What the frames mean is the codec's business.
import { WebSocket } from 'ws';
import { Garbage } from '../contracts/external/codec.ts';
import type { Asks, Codec, Frame } from '../contracts/external/codec.ts';
import { backoffMs } from './backoff.ts';
import { Exchanges } from './exchanges.ts';
import type { Answer, Within } from './exchanges.ts';
import type { TimerClock } from './timer.ts';

/** Why a connection could not be made, or ended. */
export const DownCause = {
  /** Nobody answered at the address, or what answered is no such server. */
  refused: 'refused',
  /** The other side ended the connection. */
  closed: 'closed',
  /** No answer to the connect, to the codec's opening, or to a heartbeat. */
  silent: 'silent',
  /** The other side broke the websocket protocol, or sent a frame above `frameBytesMax`. */
  protocol: 'protocol',
} as const;
export type DownCause = (typeof DownCause)[keyof typeof DownCause];

export type LinkState =
  | { readonly state: 'connecting' }
  | { readonly state: 'up' }
  | { readonly state: 'down'; readonly cause: DownCause; readonly retryInMs: number };

export interface LinkOptions<A extends Asks, Notice> {
  readonly url: string;
  readonly codec: Codec<A, Notice>;
  readonly clock: TimerClock;
  /** In [0, 1), as `Math.random`. */
  readonly random: () => number;
  /** Called for each notice, with the monotonic stamp of its frame's arrival. */
  readonly onNotice: (notice: Notice, atUs: number) => void;
  /** Called at each change; never after `close`. */
  readonly onState: (state: LinkState) => void;
  /** Called for each dropped frame with its kind and place, for the log. */
  readonly onGarbage?: ((garbage: Garbage, path: string) => void) | undefined;
  readonly limits?: Partial<LinkLimits> | undefined;
}

export interface LinkLimits {
  /** Size of one frame, and of what may wait to be sent. */
  readonly frameBytesMax: number;
  /** Requests without an answer. */
  readonly inFlightMax: number;
  /** From the first packet until the codec's opening is answered. */
  readonly connectMs: number;
  /** A connection without any sign of life in that time is asked for one, and ended after as long again. */
  readonly beatMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A connection that held so long starts the backoff anew: a server that drops it at once is no better than one away. */
  readonly steadyMs: number;
}
const LIMITS: LinkLimits = {
  frameBytesMax: 65_536,
  inFlightMax: 64,
  connectMs: 5_000,
  beatMs: 10_000,
  backoffMinMs: 250,
  backoffMaxMs: 15_000,
  steadyMs: 2_000,
};

export interface LinkCounts {
  /** Times the link came up. */
  readonly connections: number;
  readonly notices: number;
  readonly replies: number;
  /** Dropped frames by kind. */
  readonly dropped: Readonly<Partial<Record<Garbage, number>>>;
}

export class Link<A extends Asks, Notice> {
  readonly #options: LinkOptions<A, Notice>;
  readonly #limits: LinkLimits;
  readonly #exchanges: Exchanges;
  #counts: LinkCounts = { connections: 0, notices: 0, replies: 0, dropped: {} };
  #socket: WebSocket | undefined;
  #fault: DownCause = DownCause.refused;
  #upSinceUs: number | undefined;
  #attempt = 0;
  #alive = false;
  #closed = false;
  #cancelTimer = (): void => {};

  /** `connect` begins; until then nothing happens. */
  constructor(options: LinkOptions<A, Notice>) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#exchanges = new Exchanges(options.clock, this.#limits.inFlightMax);
  }

  get up(): boolean {
    return this.#upSinceUs !== undefined;
  }

  /** Since the start. */
  get counts(): LinkCounts {
    return this.#counts;
  }

  /** Asks, and resolves with the answer or with why there is none. Never rejects. */
  request<O extends keyof A & string>(operation: O, payload: A[O]['request'], within: Within): Promise<Answer<A[O]['reply']>> {
    const socket = this.#socket;
    if (socket === undefined || !this.up) return Promise.resolve({ kind: 'lost', lost: 'down' });
    if (socket.bufferedAmount > this.#limits.frameBytesMax) return Promise.resolve({ kind: 'lost', lost: 'full' });
    const send = (exchange: string): void => socket.send(this.#options.codec.encode(exchange, operation, payload));
    return this.#exchanges.ask(operation, send, within) as Promise<Answer<A[O]['reply']>>;
  }

  /** Begins, and comes back after each failure, until `close`. */
  connect(): void {
    if (this.#closed || this.#socket !== undefined) return;
    this.#options.onState({ state: 'connecting' });
    this.#fault = DownCause.refused;
    const socket = new WebSocket(this.#options.url, {
      maxPayload: this.#limits.frameBytesMax,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#cancelTimer = this.#options.clock.after(this.#limits.connectMs, () => this.#end(socket, DownCause.silent));
    socket.on('open', () => void this.#open(socket));
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('pong', () => (this.#alive = true));
    socket.on('error', () => {
      if (this.#fault === DownCause.closed) this.#end(socket, DownCause.protocol);
    });
    socket.on('close', () => this.#down());
  }

  /** Ends the connection for good: requests in flight are lost, nothing is reported any more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#leave('aborted');
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const cancel = this.#options.clock.after(500, () => socket.terminate());
    socket.close(1000);
    await closed;
    cancel();
  }

  /** Goes through the codec's opening, then up. */
  async #open(socket: WebSocket): Promise<void> {
    this.#fault = DownCause.closed;
    const { opening } = this.#options.codec;
    if (opening('0') !== null && !(await this.#own(socket, opening))) return this.#end(socket, DownCause.silent);
    if (this.#closed || socket.readyState !== WebSocket.OPEN) return;
    this.#cancelTimer();
    this.#upSinceUs = this.#options.clock.nowUs();
    this.#counts = { ...this.#counts, connections: this.#counts.connections + 1 };
    this.#alive = true;
    this.#beat(socket);
    this.#options.onState({ state: 'up' });
  }

  /** Sends a frame of the link's own and tells whether it was answered well. */
  async #own(socket: WebSocket, frame: (exchange: string) => string | null): Promise<boolean> {
    const send = (exchange: string): void => socket.send(frame(exchange) ?? '');
    const answer = await this.#exchanges.ask('link', send, { timeoutMs: this.#limits.connectMs });
    return answer.kind === 'answered';
  }

  #beat(socket: WebSocket): void {
    this.#cancelTimer = this.#options.clock.after(this.#limits.beatMs, () => {
      if (!this.#alive) return this.#end(socket, DownCause.silent);
      this.#alive = false;
      if (this.#options.codec.heartbeat('0') === null) socket.ping();
      else void this.#own(socket, this.#options.codec.heartbeat);
      this.#beat(socket);
    });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#closed) return void data.fill(0);
    const atUs = this.#options.clock.nowUs();
    this.#alive = true;
    const asked = (exchange: string): (keyof A & string) | 'link' | undefined => this.#exchanges.operationOf(exchange);
    const frame = isBinary ? BINARY : this.#options.codec.decode(data, asked);
    data.fill(0);
    if (frame.kind === 'notice') {
      this.#counts = { ...this.#counts, notices: this.#counts.notices + 1 };
      this.#options.onNotice(frame.notice, atUs);
    } else if (frame.kind === 'reply') {
      this.#counts = { ...this.#counts, replies: this.#counts.replies + 1 };
      const { exchange, status, payload } = frame;
      this.#exchanges.settle(exchange, status === 0 ? { kind: 'answered', payload } : { kind: 'rejected', status });
    } else {
      this.#drop(frame.garbage, frame.path);
      if (frame.exchange !== undefined) this.#exchanges.settle(frame.exchange, { kind: 'lost', lost: 'malformed' });
    }
  }

  #drop(garbage: Garbage, path: string): void {
    const { dropped } = this.#counts;
    this.#counts = { ...this.#counts, dropped: { ...dropped, [garbage]: (dropped[garbage] ?? 0) + 1 } };
    this.#options.onGarbage?.(garbage, path);
  }

  #end(socket: WebSocket, cause: DownCause): void {
    this.#fault = cause;
    socket.terminate();
  }

  #down(): void {
    if (this.#closed) return;
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = this.#limits;
    const upMs = this.#upSinceUs === undefined ? 0 : (this.#options.clock.nowUs() - this.#upSinceUs) / 1_000;
    if (upMs >= this.#limits.steadyMs) this.#attempt = 0;
    this.#leave('down');
    this.#socket = undefined;
    const retryInMs = backoffMs(this.#attempt, { minMs, maxMs }, this.#options.random);
    this.#attempt += 1;
    this.#cancelTimer = this.#options.clock.after(retryInMs, () => this.connect());
    this.#options.onState({ state: 'down', cause: this.#fault, retryInMs });
  }

  #leave(why: 'down' | 'aborted'): void {
    this.#cancelTimer();
    this.#upSinceUs = undefined;
    this.#exchanges.settleAll(why);
  }
}

const BINARY: Frame<never> = { kind: 'garbage', garbage: Garbage.notJson, path: '' };
