// The sender's side of a door: a DEALER with a bounded number of messages that are not yet acknowledged. Nothing is handed
// to zeromq while the peer is away: when it comes (back), everything unacknowledged goes again, under its old id, and the
// door answers a repeated id as it did the first time.
//
//   down ── handshake ──▶ met: measure the clocks ── answer ──▶ up: send what waits ── disconnect, no heartbeat ──▶ down
import { Dealer } from 'zeromq';
import type { Clock } from '../clock.ts';
import { AnswerCode, FRAME_BYTES_MAX, pack, readAnswer, RefusalCode, unpack } from '../codec.ts';
import type { Take } from './neighbours.ts';
import { post } from './post.ts';

const WAITING_MAX = 256;
const MEASURE_EVERY_MS = 5000;
const RECONNECT_MS = 10;
const RECONNECT_MS_MAX = 160;
/** zeromq gives up on a peer that turned it away; the key may be admitted later. */
const TURNED_AWAY_MS = 1000;
/** Answered by zeromq's own thread, so that a busy peer keeps its line, and a stopped or lost one loses it. */
const HEARTBEAT_EVERY_MS = 500;
const HEARTBEAT_WITHIN_MS = 2000;
/** What the peer holds against us: a sender that is stopped loses its connection. */
const HEARTBEAT_PEER_WITHIN_MS = 5000;
const HANDSHAKE_WITHIN_MS = 5000;
/** In place of the id of a message: a measurement of the clocks. */
const MEASURE = '';
const ENVELOPE_BYTES_MAX = 1024;
const BODY_BYTES_MAX = FRAME_BYTES_MAX - ENVELOPE_BYTES_MAX;

/** What became of a message: `ok` with the raw answer, or the refusal code; `undelivered` if nobody answered in time. */
export interface Delivered {
  readonly code: AnswerCode | 'undelivered' | 'queue-full';
  readonly reply: unknown;
}
export const UNDELIVERED: Delivered = { code: 'undelivered', reply: null };
const QUEUE_FULL: Delivered = { code: 'queue-full', reply: null };
const TOO_BIG: Delivered = { code: RefusalCode.tooBig, reply: null };

/** The peer's clock less ours, in microseconds, and how far that may be wrong; both 0 where it is one clock. */
export interface Offset {
  readonly offsetUs: number;
  readonly uncertainUs: number;
}
const SAME_CLOCK: Offset = { offsetUs: 0, uncertainUs: 0 };

export interface Outgoing {
  readonly id: string;
  /** Its stamps are of the peer's clock, which is known when the message leaves. */
  readonly envelope: (offset: Offset) => Uint8Array;
  readonly body: Uint8Array;
  /** Of our clock. */
  readonly deadlineUs: number;
}

interface Waiting {
  readonly message: Outgoing;
  readonly resolve: (delivered: Delivered) => void;
  readonly timer: NodeJS.Timeout;
}

export interface LineOptions {
  readonly endpoint: string;
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly clock: Clock;
  /** The door itself, where it is one of this process. */
  readonly near: () => Take | undefined;
  /** Told when the peer comes and goes. */
  readonly changed: (up: boolean) => void;
}

export class Line {
  readonly #options: LineOptions;
  readonly #socket: Dealer;
  readonly #waiting = new Map<string, Waiting>();
  /** Ids of what waits and was not sent on this connection. */
  readonly #unsent = new Set<string>();
  readonly #measuring: NodeJS.Timeout;
  #state: 'down' | 'met' | 'up' = 'down';
  #sending = false;
  #offset = SAME_CLOCK;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#socket = new Dealer({
      curveServerKey: options.serverKey,
      curvePublicKey: options.publicKey,
      curveSecretKey: options.secretKey,
      immediate: true,
      linger: 0,
      maxMessageSize: FRAME_BYTES_MAX,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: RECONNECT_MS_MAX,
      handshakeInterval: HANDSHAKE_WITHIN_MS,
      heartbeatInterval: HEARTBEAT_EVERY_MS,
      heartbeatTimeout: HEARTBEAT_WITHIN_MS,
      heartbeatTimeToLive: HEARTBEAT_PEER_WITHIN_MS,
    });
    void this.#watch();
    void this.#receive();
    this.#socket.connect(options.endpoint);
    this.#measuring = setInterval(() => this.#push(MEASURE), MEASURE_EVERY_MS).unref();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Sends and waits for the acknowledgement, at most until the deadline. Never rejects. */
  send(message: Outgoing): Promise<Delivered> {
    const { id, body, deadlineUs } = message;
    if (this.#waiting.size >= WAITING_MAX) return Promise.resolve(QUEUE_FULL);
    if (body.byteLength > BODY_BYTES_MAX) return Promise.resolve(TOO_BIG);
    return new Promise((resolve) => {
      const ms = Math.max(0, (deadlineUs - this.#options.clock.nowUs()) / 1000);
      // Timers round down to whole milliseconds: a message would be given up while its receiver still takes it.
      const timer = setTimeout(() => this.#settle(id, UNDELIVERED), Math.ceil(ms) + 1);
      this.#waiting.set(id, { message, resolve, timer });
      this.#push(id);
    });
  }

  close(): void {
    clearInterval(this.#measuring);
    this.#state = 'down';
    for (const id of [...this.#waiting.keys()]) this.#settle(id, UNDELIVERED);
    this.#socket.close();
  }

  /** To the end of the queue, so that a round of sending that has passed the id meets it again. */
  #push(id: string): void {
    this.#unsent.delete(id);
    this.#unsent.add(id);
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    for (const id of this.#unsent) {
      if (this.#state === 'down') break;
      if (this.#state === 'met' && id !== MEASURE) continue;
      this.#unsent.delete(id);
      const frames = this.#framesOf(id);
      const take = id === MEASURE ? undefined : this.#options.near();
      if (frames === null) continue;
      if (take === undefined) await post(this.#socket, frames);
      else void this.#hand(frames, take);
    }
    this.#sending = false;
  }

  /** Copies, as a socket makes them: whoever takes a secret wipes what it came in. */
  async #hand(frames: readonly Uint8Array[], take: Take): Promise<void> {
    const copies = frames.map((frame) => Uint8Array.from(frame));
    await null;
    const [id, code, reply] = await take(copies);
    this.#settle(id, { code, reply });
  }

  #framesOf(id: string): Uint8Array[] | null {
    if (id === MEASURE) return [pack(this.#options.clock.nowUs())];
    const message = this.#waiting.get(id)?.message;
    return message === undefined ? null : [message.envelope(this.#offset), message.body];
  }

  async #receive(): Promise<void> {
    for await (const [frame] of this.#socket) {
      const answer = readAnswer(frame!);
      if (answer === null) continue;
      if (answer.code === AnswerCode.pong) this.#measure(answer.reply);
      else this.#settle(answer.id, answer);
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#socket.events) {
      if (type === 'handshake') this.#meet();
      else if (type === 'disconnect') this.#part();
      else if (type === 'handshake:error:auth' || type === 'handshake:error:protocol') this.#connectAgain();
    }
  }

  #meet(): void {
    this.#state = 'met';
    this.#push(MEASURE);
  }

  #rise(): void {
    this.#state = 'up';
    for (const id of this.#waiting.keys()) this.#push(id);
    this.#options.changed(true);
  }

  #part(): void {
    const wasUp = this.#state === 'up';
    this.#state = 'down';
    if (wasUp) this.#options.changed(false);
  }

  #connectAgain(): void {
    setTimeout(() => {
      if (this.#socket.closed) return;
      try {
        this.#socket.disconnect(this.#options.endpoint);
      } catch {
        // gone already, as it should be
      }
      this.#socket.connect(this.#options.endpoint);
    }, TURNED_AWAY_MS).unref();
  }

  #settle(id: string, { code, reply }: Delivered): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    this.#unsent.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve({ code, reply });
  }

  /** One clock for all processes of a host: only what the way there and back cannot explain is an offset. */
  #measure(reply: unknown): void {
    const stamps = reply instanceof Uint8Array ? unpack(reply) : undefined;
    if (!Array.isArray(stamps) || !stamps.every(Number.isFinite)) return;
    const [sentUs, peerUs] = stamps as [number, number];
    const receivedUs = this.#options.clock.nowUs();
    const uncertainUs = Math.max(0, receivedUs - sentUs) / 2;
    const offsetUs = peerUs - (sentUs + receivedUs) / 2;
    this.#offset = Math.abs(offsetUs) <= uncertainUs ? SAME_CLOCK : { offsetUs: Math.round(offsetUs), uncertainUs: Math.ceil(uncertainUs) };
    if (this.#state === 'met') this.#rise();
  }
}
