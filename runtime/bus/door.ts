// One way into a mailbox, for one sender: a ROUTER with its own ZAP domain. ZAP admits the key; the door admits kinds,
// checks every message and answers each one, so that the sender knows what became of it.
//
//   sender's line ── [envelope, body] ──▶ door ── message ──▶ handler
//                 ◀── [id, code, reply] ──┘  (a repeated id gets the answer of the first time)
//                 ── [ping] ──▶ ◀── [pong, stamp] ──
import { Router } from 'zeromq';
import type { ActorName } from '../../contracts/actors.ts';
import { contractOf, permitted, type Message } from '../../contracts/catalogue.ts';
import type { Clock } from '../clock.ts';
import { decode, encodeBody, FRAME_BYTES_MAX, isRefusal, pack, RefusalCode, unpack, type Refusal } from '../codec.ts';
import { Gatekeeper } from './zap.ts';

/** Answers kept for senders that repeat a message; more than can wait on one line. */
const ANSWERS_KEPT_MAX = 512;
const HANDLING_MAX = 128;
const OK = 'ok';

export interface DoorOptions {
  readonly receiver: ActorName;
  readonly sender: ActorName;
  /** Session that every message of this door must carry; null inside the machine zone. */
  readonly session: string | null;
  readonly endpoint: string;
  readonly senderKey: Uint8Array;
  readonly secretKey: string;
  readonly publicKey: string;
  readonly clock: Clock;
  /** What the actor does with a message; the answer goes back with the acknowledgement. */
  readonly handle: (message: Message) => unknown;
  readonly refused: (refusal: Refusal, sender: ActorName) => void;
}

type Answer = readonly [id: string, code: string, reply: Uint8Array | null];

export class Door {
  readonly #options: DoorOptions;
  readonly #domain: string;
  readonly #socket: Router;
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #outbox: (Buffer | Uint8Array)[][] = [];
  #sending = false;
  #handling = 0;

  static async open(options: DoorOptions): Promise<Door> {
    const gatekeeper = await Gatekeeper.instance();
    const door = new Door(options);
    gatekeeper.admit(door.#domain, [options.senderKey]);
    await door.#socket.bind(options.endpoint);
    void door.#serve();
    return door;
  }

  private constructor(options: DoorOptions) {
    this.#options = options;
    this.#domain = domainOf(options);
    this.#socket = new Router({
      curveServer: true,
      curveSecretKey: options.secretKey,
      zapDomain: this.#domain,
      zapEnforceDomain: true,
      linger: 0,
      maxMessageSize: FRAME_BYTES_MAX,
    });
  }

  /** Revokes the key and closes the socket: connections that stand end with it. */
  async close(): Promise<void> {
    (await Gatekeeper.instance()).revoke(this.#domain);
    this.#socket.close();
  }

  async #serve(): Promise<void> {
    for await (const [route, ...frames] of this.#socket) {
      if (frames.length === 1) this.#pong(route!);
      else void this.#receive(route!, frames);
    }
  }

  #pong(route: Buffer): void {
    this.#reply(route, pack(['', 'pong', this.#options.clock.nowUs()]));
  }

  async #receive(route: Buffer, frames: Buffer[]): Promise<void> {
    const message = this.#judge(frames);
    if (isRefusal(message)) {
      this.#options.refused(message, this.#options.sender);
      this.#reply(route, pack([message.id, message.refused, null]));
      return;
    }
    const { id } = message.envelope;
    const answer = this.#answers.get(id) ?? this.#handle(message);
    if (!contractOf(message.kind).hasSecret) this.#keep(id, answer);
    this.#reply(route, pack(await answer));
  }

  #judge(frames: Buffer[]): Message | Refusal {
    const { sender, receiver, session, clock } = this.#options;
    const message = decode(frames);
    if (isRefusal(message)) return message;
    const { kind, envelope } = message;
    const refuse = (refused: RefusalCode, path: string): Refusal => ({ refused, path, id: envelope.id });
    if (envelope.from !== sender) return refuse(RefusalCode.wrongSender, 'envelope.from');
    if (envelope.session !== session) return refuse(RefusalCode.foreignSession, 'envelope.session');
    if (!permitted(kind, sender, receiver)) return refuse(RefusalCode.notPermitted, 'envelope.kind');
    if (envelope.deadline < clock.nowUs()) return refuse(RefusalCode.expired, 'envelope.deadline');
    if (this.#handling >= HANDLING_MAX) return refuse(RefusalCode.overloaded, 'mailbox');
    return message;
  }

  async #handle(message: Message): Promise<Answer> {
    const { id } = message.envelope;
    this.#handling++;
    try {
      const reply = await this.#options.handle(message);
      const contract = contractOf(message.kind);
      return [id, OK, contract.reply === null ? null : encodeBody(contract.hasSecret, reply as object)];
    } catch (error) {
      this.#options.refused({ refused: RefusalCode.handlerFailed, path: faultOf(error), id }, this.#options.sender);
      return [id, RefusalCode.handlerFailed, null];
    } finally {
      this.#handling--;
    }
  }

  #keep(id: string, answer: Promise<Answer>): void {
    this.#answers.set(id, answer);
    if (this.#answers.size > ANSWERS_KEPT_MAX) this.#answers.delete(this.#answers.keys().next().value!);
  }

  #reply(route: Buffer, frame: Uint8Array): void {
    this.#outbox.push([route, frame]);
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0 && !this.#socket.closed) await this.#socket.send(this.#outbox.shift()!).catch(() => {});
    this.#sending = false;
  }
}

/** The ZAP domain of a door. */
export const domainOf = (door: Pick<DoorOptions, 'receiver' | 'sender' | 'session'>): string =>
  `${door.receiver}<${door.sender}${door.session === null ? '' : `@${door.session}`}`;

/** Reads the answer frame of a door: `[id, code, reply]`. */
export function readAnswer(frame: Uint8Array): { id: string; code: string; reply: unknown } | null {
  const raw = unpack(frame);
  if (!Array.isArray(raw) || raw.length !== 3 || typeof raw[0] !== 'string' || typeof raw[1] !== 'string') return null;
  return { id: raw[0], code: raw[1], reply: raw[2] };
}

const faultOf = (error: unknown): string => (error instanceof Error ? `${error.name}${'code' in error ? ` ${String(error.code)}` : ''}` : 'thrown');
