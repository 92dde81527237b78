// Facts: a PUB that whoever holds a key of the zone may read. Facts may be lost; each carries its number, so that a gap shows.
import { Publisher, Subscriber } from 'zeromq';
import { decode, FRAME_BYTES_MAX, isRefusal, pack, unpack } from '../codec.ts';
import type { Message } from '../../contracts/catalogue.ts';
import { Gatekeeper } from './zap.ts';

interface OutletOptions {
  readonly name: string;
  readonly endpoint: string;
  readonly publicKey: string;
  readonly secretKey: string;
  /** Keys that may listen. */
  readonly listeners: readonly Uint8Array[];
}

export class Outlet {
  readonly #socket: Publisher;
  readonly #outbox: Uint8Array[][] = [];
  #sending = false;
  #number = 0;

  static async open(options: OutletOptions): Promise<Outlet> {
    const domain = `outlet:${options.name}`;
    (await Gatekeeper.instance()).admit(domain, options.listeners);
    const outlet = new Outlet(options, domain);
    await outlet.#socket.bind(options.endpoint);
    return outlet;
  }

  private constructor(options: OutletOptions, domain: string) {
    this.#socket = new Publisher({
      curveServer: true,
      curveSecretKey: options.secretKey,
      zapDomain: domain,
      zapEnforceDomain: true,
      linger: 0,
    });
  }

  publish(kind: string, frames: readonly Uint8Array[]): void {
    this.#outbox.push([Buffer.from(kind), pack(++this.#number), ...frames]);
    if (!this.#sending) void this.#drain();
  }

  close(): void {
    this.#socket.close();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0 && !this.#socket.closed) await this.#socket.send(this.#outbox.shift()!).catch(() => {});
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
    });
    socket.subscribe(...options.kinds);
    socket.connect(endpoint);
    void hear(socket, options.heard);
    return socket;
  });
  return () => sockets.forEach((socket) => socket.close());
}

async function hear(socket: Subscriber, heard: (fact: Fact) => void): Promise<void> {
  for await (const [, number, ...frames] of socket) {
    const message = decode(frames);
    if (!isRefusal(message)) heard({ message, number: Number(unpack(number!)) });
  }
}
