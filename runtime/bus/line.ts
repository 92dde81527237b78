// The sender's side of a door: a DEALER with a bounded queue, one send in flight, and what is not yet acknowledged.
// Nothing hides in zeromq's own queues (`immediate`): when the peer comes back, everything unacknowledged goes again,
// under its old id, and the door answers a repeated id as it did the first time.
import { Dealer } from 'zeromq';
import type { Clock } from '../clock.ts';
import { pack } from '../codec.ts';
import { readAnswer } from './door.ts';

const WAITING_MAX = 256;
const PING_EVERY_MS = 1000;
const RECONNECT_MS = 10;
const RECONNECT_MS_MAX = 160;

/** What became of a message: `ok` with the raw answer, or the refusal code; `undelivered` if nobody answered in time. */
export interface Delivered {
  readonly code: string;
  readonly reply: unknown;
}
export const UNDELIVERED: Delivered = { code: 'undelivered', reply: null };
const QUEUE_FULL: Delivered = { code: 'queue-full', reply: null };

interface Waiting {
  readonly frames: Uint8Array[];
  readonly resolve: (delivered: Delivered) => void;
  readonly timer: NodeJS.Timeout;
}

export interface LineOptions {
  readonly endpoint: string;
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly clock: Clock;
  /** Told when the peer comes and goes. */
  readonly changed: (up: boolean) => void;
}

export class Line {
  readonly #socket: Dealer;
  readonly #clock: Clock;
  readonly #changed: (up: boolean) => void;
  readonly #waiting = new Map<string, Waiting>();
  readonly #outbox: Uint8Array[][] = [];
  readonly #pinger: NodeJS.Timeout;
  #sending = false;
  #pingedUs = 0;
  #offsetUs = 0;

  constructor(options: LineOptions) {
    this.#clock = options.clock;
    this.#changed = options.changed;
    this.#socket = new Dealer({
      curveServerKey: options.serverKey,
      curvePublicKey: options.publicKey,
      curveSecretKey: options.secretKey,
      immediate: true,
      linger: 0,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: RECONNECT_MS_MAX,
    });
    void this.#watch();
    void this.#receive();
    this.#socket.connect(options.endpoint);
    this.#pinger = setInterval(() => this.#ping(), PING_EVERY_MS).unref();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The peer's clock less ours, microseconds; 0 while it is within the uncertainty of the measurement. */
  get offsetUs(): number {
    return this.#offsetUs;
  }

  /** Sends and waits for the acknowledgement, at most until `deadlineUs` of our clock. Never rejects. */
  send(id: string, frames: Uint8Array[], deadlineUs: number): Promise<Delivered> {
    if (this.#waiting.size >= WAITING_MAX) return Promise.resolve(QUEUE_FULL);
    return new Promise((resolve) => {
      const ms = Math.max(0, (deadlineUs - this.#clock.nowUs()) / 1000);
      const timer = setTimeout(() => this.#settle(id, UNDELIVERED), ms);
      this.#waiting.set(id, { frames, resolve, timer });
      this.#push(frames);
    });
  }

  close(): void {
    clearInterval(this.#pinger);
    for (const id of [...this.#waiting.keys()]) this.#settle(id, UNDELIVERED);
    this.#socket.close();
  }

  #push(frames: Uint8Array[]): void {
    this.#outbox.push(frames);
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0 && !this.#socket.closed) await this.#socket.send(this.#outbox.shift()!).catch(() => {});
    this.#sending = false;
  }

  async #receive(): Promise<void> {
    for await (const [frame] of this.#socket) {
      const answer = readAnswer(frame!);
      if (answer === null) continue;
      if (answer.code === 'pong') this.#measure(answer.reply);
      else this.#settle(answer.id, answer);
    }
  }

  async #watch(): Promise<void> {
    for await (const event of this.#socket.events) {
      if (event.type === 'handshake') this.#resend();
      if (event.type === 'handshake' || event.type === 'disconnect') this.#changed(event.type === 'handshake');
    }
  }

  #resend(): void {
    this.#outbox.length = 0;
    for (const { frames } of this.#waiting.values()) this.#push(frames);
    this.#ping();
  }

  #settle(id: string, delivered: Delivered): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve({ code: delivered.code, reply: delivered.reply });
  }

  #ping(): void {
    if (this.#outbox.length > 0) return; // it waits for the peer: a ping would wait behind it
    this.#pingedUs = this.#clock.nowUs();
    this.#push([pack('ping')]);
  }

  #measure(peerUs: unknown): void {
    if (typeof peerUs !== 'number') return;
    const receivedUs = this.#clock.nowUs();
    const offsetUs = Math.round(peerUs - (this.#pingedUs + receivedUs) / 2);
    this.#offsetUs = Math.abs(offsetUs) > receivedUs - this.#pingedUs ? offsetUs : 0;
  }
}
