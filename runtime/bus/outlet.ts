// Facts: a PUB that whoever holds a key of the zone may read. Facts may be lost; each carries its number, so that a gap shows.
import { chmodSync } from 'node:fs';
import { Publisher, Subscriber } from 'zeromq';
import { decode, FRAME_BYTES_MAX, isRefusal, pack, unpack } from '../codec.ts';
import type { Message } from '../../contracts/catalogue.ts';
import { socketPath } from '../places.ts';
import { post } from './post.ts';
import { admit, watchRefused, type Admission } from './zap.ts';

/** For each listener; one that is slower misses what comes after. */
const FACTS_QUEUED_MAX = 1000;
const OUTBOX_MAX = 256;
const MODE_OWN = 0o600;
const HANDSHAKE_WITHIN_MS = 5000;
/** Always the same: to knock at a socket of this machine costs little, and facts told meanwhile are lost. */
const RECONNECT_MS = 100;
const HEARTBEAT_EVERY_MS = 1000;
const HEARTBEAT_WITHIN_MS = 3000;

interface OutletOptions {
  readonly endpoint: string;
  readonly secretKey: string;
  /** Keys that may listen. */
  readonly listeners: readonly Uint8Array[];
  /** Told of each listener that was turned away. */
  readonly refused: () => void;
}

export class Outlet {
  readonly #admission: Admission;
  readonly #socket: Publisher;
  readonly #outbox: Uint8Array[][] = [];
  #sending = false;
  #number = 0;

  static async open(options: OutletOptions): Promise<Outlet> {
    const outlet = new Outlet(await admit(options.secretKey, options.listeners));
    void watchRefused(outlet.#socket, options.refused);
    await outlet.#socket.bind(options.endpoint);
    chmodSync(socketPath(options.endpoint), MODE_OWN);
    return outlet;
  }

  private constructor(admission: Admission) {
    this.#admission = admission;
    this.#socket = new Publisher({
      ...admission.options, linger: 0, sendHighWaterMark: FACTS_QUEUED_MAX, handshakeInterval: HANDSHAKE_WITHIN_MS,
    });
  }

  /** Takes a number also for a fact that is lost. */
  publish(kind: string, frames: readonly Uint8Array[]): void {
    const number = ++this.#number;
    if (this.#outbox.length >= OUTBOX_MAX) return;
    this.#outbox.push([Buffer.from(kind), pack(number), ...frames]);
    if (!this.#sending) void this.#drain();
  }

  close(): void {
    this.#admission.revoke();
    this.#socket.close();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0 && !this.#socket.closed) await post(this.#socket, this.#outbox.shift()!);
    this.#sending = false;
  }
}

export interface Fact {
  readonly message: Message;
  /** Running number of its sender. */
  readonly number: number;
}

export interface ListenOptions {
  readonly endpoints: readonly { readonly endpoint: string; readonly serverKey: string }[];
  readonly publicKey: string;
  readonly secretKey: string;
  /** Kinds to listen to; none means all. */
  readonly kinds: readonly string[];
  readonly heard: (fact: Fact) => void;
  /** Told when an outlet comes and goes. */
  readonly changed?: (endpoint: string, up: boolean) => void;
}

/** Listens to outlets until the returned function is called. Facts that break their contract are passed over. */
export function listen(options: ListenOptions): () => void {
  const sockets = options.endpoints.map(({ endpoint, serverKey }) => {
    const socket = new Subscriber({
      curveServerKey: serverKey,
      curvePublicKey: options.publicKey,
      curveSecretKey: options.secretKey,
      linger: 0,
      maxMessageSize: FRAME_BYTES_MAX,
      receiveHighWaterMark: FACTS_QUEUED_MAX,
      reconnectInterval: RECONNECT_MS,
      handshakeInterval: HANDSHAKE_WITHIN_MS,
      heartbeatInterval: HEARTBEAT_EVERY_MS,
      heartbeatTimeout: HEARTBEAT_WITHIN_MS,
    });
    socket.subscribe(...options.kinds);
    if (options.changed !== undefined) void watch(socket, (up) => options.changed?.(endpoint, up));
    socket.connect(endpoint);
    void hear(socket, options.heard);
    return socket;
  });
  return () => sockets.forEach((socket) => socket.close());
}

async function watch(socket: Subscriber, changed: (up: boolean) => void): Promise<void> {
  for await (const { type } of socket.events) {
    if (type === 'handshake' || type === 'disconnect') changed(type === 'handshake');
  }
}

async function hear(socket: Subscriber, heard: (fact: Fact) => void): Promise<void> {
  for await (const [, numberFrame, ...frames] of socket) {
    const number = numberFrame === undefined ? undefined : unpack(numberFrame);
    const message = decode(frames);
    if (!isRefusal(message) && typeof number === 'number') heard({ message, number });
  }
}
