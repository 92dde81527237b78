// An actor's mailbox and outlet. It knows topics, not addresses: the contracts say who may hear what, and from that
// come the doors to open, the lines to draw and the keys to admit.
import { ACTORS, type ActorName } from '../../contracts/actors.ts';
import { contractOf, permitted, receiversOf, sendersTo, type Body, type Kind, type Message, type Reply } from '../../contracts/catalogue.ts';
import type { Envelope } from '../../contracts/envelope.ts';
import { Delivery } from '../../contracts/schema.ts';
import type { Clock } from '../clock.ts';
import { AnswerCode, decodeReply, encode, encodeBody, pack, RefusalCode, unpack, type Refusal } from '../codec.ts';
import { newId } from '../id.ts';
import { doorEndpoint, outletEndpoint, type Places } from '../places.ts';
import { keyBytes, type CurvePair, type KeyHolder } from './curve.ts';
import { Door } from './door.ts';
import { Line, UNDELIVERED, type Offset } from './line.ts';
import type { Neighbours, Take } from './neighbours.ts';
import { Outlet } from './outlet.ts';

/** Other users may knock where a session's messages come in; who is let in is decided by key. */
const DOOR_MODE_SHARED = 0o666;
const DOOR_MODE_OWN = 0o600;
const TTL_MS = 5000;
/** Reasons counted apart; all others together. */
const REFUSAL_KINDS_MAX = 64;

/** The other zone, as enrolment made it known. */
export interface Peer {
  /** Session zone of the pair. */
  readonly session: string;
  readonly runDir: string;
  /** Public CURVE keys (Z85) of its actors. */
  readonly keys: ReadonlyMap<ActorName, string>;
}

export interface Meta {
  readonly to: ActorName;
  readonly tap?: string | null;
  readonly cause?: string | null;
  /** Microseconds, monotonic; 5 s from now without it. */
  readonly deadlineUs?: number;
  /** When what it tells of happened; now without it. */
  readonly atUs?: number;
  /** For the machine zone: the session that it goes to, or that it is about. */
  readonly session?: string | null;
}

/** `ok` with the answer, or why not: a refusal code of the door, `undelivered` or `queue-full`. */
export type Ack<K extends Kind> = { readonly ok: true; readonly reply: Reply<K> } | { readonly ok: false; readonly code: string };

export type Handler = (message: Message) => unknown;

export interface BusOptions {
  readonly name: ActorName;
  readonly places: Places;
  readonly keys: ReadonlyMap<KeyHolder, CurvePair>;
  /** Own session for an actor of a session zone, null in the machine zone. */
  readonly session: string | null;
  readonly clock: Clock;
  readonly refused: (refusal: Refusal, sender: ActorName | null) => void;
  readonly lineChanged: (to: ActorName, session: string | null, up: boolean) => void;
  /** The other actors of this process; none for an actor that has one of its own. */
  readonly neighbours?: Neighbours | undefined;
}

export class Bus {
  readonly #options: BusOptions;
  readonly #own: CurvePair;
  readonly #doors = new Map<string, Door>();
  readonly #lines = new Map<string, Line>();
  readonly #refusals = new Map<string, number>();
  #outlet: Outlet | undefined;
  /** Joins and leaves, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #handler: Handler = () => {
    throw new TypeError('the actor has no handler yet');
  };

  constructor(options: BusOptions) {
    this.#options = options;
    this.#own = keyOf(options.keys, options.name);
  }

  /** Opens outlet, doors and lines within the zone; from here on `handler` gets every message. */
  async open(handler: Handler): Promise<void> {
    this.#handler = handler;
    const { name, places, keys } = this.#options;
    const { zone } = ACTORS[name];
    this.#outlet = await Outlet.open({
      endpoint: outletEndpoint(places.run, name),
      secretKey: this.#own.secretKey,
      listeners: [...keys.values()].map((pair) => keyBytes(pair.publicKey)),
      refused: () => this.#refused({ refused: RefusalCode.wrongKey, path: 'outlet', id: '' }, null),
    });
    for (const receiver of receiversOf(name)) {
      if (ACTORS[receiver].zone === zone) this.#draw(receiver, null, places.run, keyOf(keys, receiver).publicKey);
    }
    const neighbours = sendersTo(name).filter((sender) => ACTORS[sender].zone === zone);
    await Promise.all(neighbours.map((sender) => this.#open(sender, null, keyOf(keys, sender).publicKey)));
  }

  /** Opens the doors for, and the lines to, the actors of the other zone. A second call for a session replaces the first. */
  join(peer: Peer): Promise<void> {
    return this.#inTurn(async () => {
      await this.#part(peer.session);
      await this.#meet(peer);
    });
  }

  /** Closes what `join` opened: keys are revoked, connections end. */
  leave(session: string): Promise<void> {
    return this.#inTurn(() => this.#part(session));
  }

  /** Sends one message and waits for what became of it. Never rejects; waits at most until the deadline. */
  async send<K extends Kind>(kind: K, body: Body<K>, meta: Meta): Promise<Ack<K>> {
    const { name, clock, session: own } = this.#options;
    const contract = contractOf(kind);
    if (!permitted(kind, name, meta.to)) throw new TypeError(`${name} may not send ${kind} to ${meta.to}`);
    const line = this.#lines.get(lineKey(meta.to, this.#route(meta)));
    const nowUs = clock.nowUs();
    const deadlineUs = meta.deadlineUs ?? nowUs + TTL_MS * 1000;
    if (line === undefined) return { ok: false, code: UNDELIVERED.code };
    const wall = clock.wallMs();
    const id = newId(wall);
    const atUs = meta.atUs ?? nowUs;
    const envelope = ({ offsetUs, uncertainUs }: Offset): Uint8Array => pack({
      id, kind, v: contract.v, tap: meta.tap ?? null, cause: meta.cause ?? null, from: name, session: own ?? this.#route(meta),
      at: Math.max(0, atUs + offsetUs), deadline: Math.max(0, deadlineUs + offsetUs - uncertainUs), wall,
    } satisfies Envelope);
    const { code, reply } = await line.send({ id, envelope, body: encodeBody(contract.hasSecret, body), deadlineUs });
    if (code !== AnswerCode.ok) return { ok: false, code };
    if (contract.reply === null) return { ok: true, reply: undefined as Reply<K> };
    const parsed = decodeReply(kind, reply instanceof Uint8Array ? unpack(reply) : undefined);
    if (parsed !== undefined) return { ok: true, reply: parsed as Reply<K> };
    this.#refused({ refused: RefusalCode.badBody, path: `${kind}.reply`, id }, meta.to);
    return { ok: false, code: RefusalCode.badBody };
  }

  /** Publishes a fact to whoever listens. Throws `TypeError` for what is no fact of this actor. */
  publish<K extends Kind>(kind: K, body: Body<K>, tap: string | null = null): void {
    const { name, clock, session } = this.#options;
    const contract = contractOf(kind);
    if (contract.delivery !== Delivery.fact || !contract.from.includes(name)) throw new TypeError(`${kind} is no fact of ${name}`);
    const nowUs = clock.nowUs();
    const envelope = {
      id: newId(clock.wallMs()), kind, v: contract.v, tap, cause: null, from: name,
      session, at: nowUs, deadline: nowUs + TTL_MS * 1000, wall: clock.wallMs(),
    };
    this.#outlet?.publish(kind, encode(envelope, contract, body));
  }

  /** Refused input since the start, by code. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals;
  }

  /** Messages sent and not acknowledged. */
  get waiting(): number {
    return [...this.#lines.values()].reduce((sum, line) => sum + line.waiting, 0);
  }

  async close(): Promise<void> {
    await this.#turn;
    for (const line of this.#lines.values()) line.close();
    for (const door of this.#doors.values()) door.close();
    this.#outlet?.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #meet(peer: Peer): Promise<void> {
    const { name } = this.#options;
    const { zone } = ACTORS[name];
    for (const receiver of receiversOf(name)) {
      const serverKey = peer.keys.get(receiver);
      if (ACTORS[receiver].zone !== zone && serverKey !== undefined) this.#draw(receiver, peer.session, peer.runDir, serverKey);
    }
    for (const sender of sendersTo(name)) {
      const senderKey = peer.keys.get(sender);
      if (ACTORS[sender].zone !== zone && senderKey !== undefined) await this.#open(sender, peer.session, senderKey);
    }
  }

  async #part(session: string): Promise<void> {
    for (const [key, line] of this.#lines) if (sessionOfKey(key) === session) { line.close(); this.#lines.delete(key); }
    for (const [key, door] of this.#doors) if (sessionOfKey(key) === session) { this.#doors.delete(key); door.close(); }
  }

  /** In-zone lines have no session in their key, whatever session the message is about. */
  #route(meta: Meta): string | null {
    const crosses = ACTORS[meta.to].zone !== ACTORS[this.#options.name].zone;
    return crosses ? (this.#options.session ?? meta.session ?? null) : null;
  }

  #draw(receiver: ActorName, session: string | null, runDir: string, serverKey: string): void {
    const { name, clock, lineChanged, neighbours } = this.#options;
    const endpoint = doorEndpoint(runDir, receiver, name, session);
    const near = (): Take | undefined => neighbours?.find(endpoint, this.#own.publicKey);
    const changed = (up: boolean): void => lineChanged(receiver, session, up);
    this.#lines.set(lineKey(receiver, session), new Line({ endpoint, serverKey, ...this.#own, clock, near, changed }));
  }

  async #open(sender: ActorName, session: string | null, senderKey: string): Promise<void> {
    const { name, places, clock, neighbours, session: own } = this.#options;
    const endpoint = doorEndpoint(places.run, name, sender, session);
    const door = await Door.open({
      receiver: name, sender, session: session ?? own, endpoint, clock,
      mode: session === null ? DOOR_MODE_OWN : DOOR_MODE_SHARED,
      senderKey, secretKey: this.#own.secretKey, neighbours,
      handle: (message) => this.#handler(message),
      refused: (refusal, from) => this.#refused(refusal, from),
    });
    this.#doors.set(lineKey(sender, session), door);
  }

  #refused(refusal: Refusal, sender: ActorName | null): void {
    const code = this.#refusals.size < REFUSAL_KINDS_MAX || this.#refusals.has(refusal.refused) ? refusal.refused : 'other';
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
    this.#options.refused(refusal, sender);
  }
}

const lineKey = (actor: ActorName, session: string | null): string => `${actor}@${session ?? ''}`;
const sessionOfKey = (key: string): string => key.slice(key.indexOf('@') + 1);

function keyOf(keys: ReadonlyMap<KeyHolder, CurvePair>, holder: KeyHolder): CurvePair {
  const pair = keys.get(holder);
  if (pair === undefined) throw new TypeError(`the zone has no key pair for ${holder}`);
  return pair;
}
