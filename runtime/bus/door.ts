// One way into a mailbox, for one sender: a ROUTER with its own ZAP domain. ZAP admits the key; the door admits kinds,
// checks every message and answers each one, so that the sender knows what became of it.
//
//   sender's line ── [envelope, body] ──▶ door ── message ──▶ handler
//                 ◀── [id, code, reply] ──┘  (a repeated id gets the answer of the first time)
//                 ── [stamp] ──▶ ◀── ['', 'pong', [stamp, own clock]] ──
import { chmodSync, rmSync } from 'node:fs';
import { Router } from 'zeromq';
import type { ActorName } from '../../contracts/actors.ts';
import { contractOf, permitted, type Message } from '../../contracts/catalogue.ts';
import type { Clock } from '../clock.ts';
import { AnswerCode, decode, encodeBody, isRefusal, pack, RefusalCode, unpack, type Refusal } from '../codec.ts';
import { socketPath } from '../places.ts';
import { keyBytes } from './curve.ts';
import type { Answer, Neighbours } from './neighbours.ts';
import { post } from './post.ts';
import { admit, watchRefused, type Admission } from './zap.ts';

/** Answers kept for senders that repeat a message; more than can wait on one line. */
const ANSWERS_KEPT_MAX = 512;
const HANDLING_MAX = 128;
/** Frames beyond this are not read at all: the connection ends. Smaller ones that are too big get an answer. */
const FRAME_BYTES_READ_MAX = 1024 * 1024;
const MESSAGES_QUEUED_MAX = 256;
/** A connection that does not prove its key by then ends, so that nobody holds the doors of others open. */
const HANDSHAKE_WITHIN_MS = 5000;

export interface DoorOptions {
  readonly receiver: ActorName;
  readonly sender: ActorName;
  /** Session that every message of this door must carry; null inside the machine zone. */
  readonly session: string | null;
  readonly endpoint: string;
  /** Rights of the socket's file; the key decides all the same. */
  readonly mode: number;
  /** Public CURVE key, Z85. */
  readonly senderKey: string;
  readonly secretKey: string;
  readonly clock: Clock;
  /** The other actors of this process. */
  readonly neighbours: Neighbours | undefined;
  /** What the actor does with a message; the answer goes back with the acknowledgement. */
  readonly handle: (message: Message) => unknown;
  /** `sender` is null where nobody proved to be it. */
  readonly refused: (refusal: Refusal, sender: ActorName | null) => void;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #admission: Admission;
  readonly #socket: Router;
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #outbox: (Buffer | Uint8Array)[][] = [];
  #leave: (() => void) | undefined;
  #sending = false;
  #handling = 0;

  static async open(options: DoorOptions): Promise<Door> {
    const door = new Door(options, await admit(options.secretKey, [keyBytes(options.senderKey)]));
    await door.#socket.bind(options.endpoint);
    chmodSync(socketPath(options.endpoint), options.mode);
    void door.#serve();
    door.#leave = options.neighbours?.open(options.endpoint, options.senderKey, (frames) => door.#take(frames));
    return door;
  }

  private constructor(options: DoorOptions, admission: Admission) {
    this.#options = options;
    this.#admission = admission;
    this.#socket = new Router({
      ...admission.options,
      linger: 0,
      maxMessageSize: FRAME_BYTES_READ_MAX,
      receiveHighWaterMark: MESSAGES_QUEUED_MAX,
      handshakeInterval: HANDSHAKE_WITHIN_MS,
    });
    const path = `${options.receiver}<${options.sender}`;
    void watchRefused(this.#socket, () => options.refused({ refused: RefusalCode.wrongKey, path, id: '' }, null));
  }

  /** Revokes the key and closes the socket: connections that stand end with it. The path is free for another door then. */
  close(): void {
    if (this.#socket.closed) return;
    this.#leave?.();
    this.#admission.revoke();
    // At once: while an unbinding is under way, receiving and sending would throw.
    this.#socket.unbindSync(this.#options.endpoint);
    this.#socket.close();
    rmSync(socketPath(this.#options.endpoint), { force: true });
  }

  async #serve(): Promise<void> {
    for await (const [route, ...frames] of this.#socket) {
      if (frames.length === 1) this.#pong(route!, frames[0]!);
      else void this.#receive(route!, frames);
    }
  }

  #pong(route: Buffer, frame: Buffer): void {
    const stamp = unpack(frame);
    if (typeof stamp !== 'number') return this.#options.refused({ refused: RefusalCode.notMsgpack, path: 'ping', id: '' }, this.#options.sender);
    this.#reply(route, ['', AnswerCode.pong, pack([stamp, this.#options.clock.nowUs()])]);
  }

  async #receive(route: Buffer, frames: Buffer[]): Promise<void> {
    this.#reply(route, await this.#take(frames));
  }

  /** Judges the frames of one message, has it handled, and gives the answer to its sender. */
  async #take(frames: readonly Uint8Array[]): Promise<Answer> {
    const message = this.#judge(frames);
    if (isRefusal(message)) {
      this.#options.refused(message, this.#options.sender);
      return [message.id, message.refused, null];
    }
    return this.#answers.get(message.envelope.id) ?? this.#admit(message);
  }

  #judge(frames: readonly Uint8Array[]): Message | Refusal {
    const { sender, receiver, session, clock } = this.#options;
    const message = decode(frames);
    if (isRefusal(message)) return message;
    const { kind, envelope } = message;
    const refuse = (refused: RefusalCode, path: string): Refusal => ({ refused, path, id: envelope.id });
    if (envelope.from !== sender) return refuse(RefusalCode.wrongSender, 'envelope.from');
    if (envelope.session !== session) return refuse(RefusalCode.foreignSession, 'envelope.session');
    if (!permitted(kind, sender, receiver)) return refuse(RefusalCode.notPermitted, 'envelope.kind');
    if (this.#answers.has(envelope.id)) return message;
    if (envelope.deadline < clock.nowUs()) return refuse(RefusalCode.expired, 'envelope.deadline');
    if (this.#handling >= HANDLING_MAX) return refuse(RefusalCode.overloaded, 'mailbox');
    return message;
  }

  /** Handles a message that is new, once; its answer is kept for repetitions, unless it holds a secret. */
  #admit(message: Message): Promise<Answer> {
    const { id } = message.envelope;
    const answer = this.#handle(message);
    this.#answers.set(id, answer);
    if (this.#answers.size > ANSWERS_KEPT_MAX) this.#answers.delete(this.#answers.keys().next().value!);
    if (contractOf(message.kind).hasSecret) void answer.then(() => this.#answers.delete(id));
    return answer;
  }

  async #handle(message: Message): Promise<Answer> {
    const { id } = message.envelope;
    this.#handling++;
    try {
      const reply = await this.#options.handle(message);
      const contract = contractOf(message.kind);
      return [id, AnswerCode.ok, contract.reply === null ? null : encodeBody(contract.hasSecret, reply as object)];
    } catch (error) {
      this.#options.refused({ refused: RefusalCode.handlerFailed, path: faultOf(error), id }, this.#options.sender);
      return [id, RefusalCode.handlerFailed, null];
    } finally {
      this.#handling--;
    }
  }

  #reply(route: Buffer, answer: Answer): void {
    this.#outbox.push([route, pack(answer)]);
    if (!this.#sending) void this.#drain();
  }

  /** A ROUTER never waits for a peer: what it cannot hand on it drops, and so the outbox stays short. */
  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0 && !this.#socket.closed) await post(this.#socket, this.#outbox.shift()!);
    this.#sending = false;
  }
}

const faultOf = (error: unknown): string => (error instanceof Error ? `${error.name}${'code' in error ? ` ${String(error.code)}` : ''}` : 'thrown');
