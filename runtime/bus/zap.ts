// ZAP (RFC 27): the one place in a process that admits CURVE keys. A domain is a door; a door admits the keys given here.
// zeromq tells neither key nor user id on a message, so one door has one admitted key and the door knows its sender.
import { context, Router } from 'zeromq';

const ENDPOINT = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const KEY_BYTES = 32;

export class Gatekeeper {
  readonly #socket = new Router({ linger: 0 });
  readonly #admitted = new Map<string, ReadonlySet<string>>();
  #onRefused: (domain: string) => void = () => {};
  static #instance: Promise<Gatekeeper> | undefined;

  /** The gatekeeper of this process. It must stand before any door is bound: without a handler CURVE admits everybody. */
  static instance(): Promise<Gatekeeper> {
    Gatekeeper.#instance ??= Gatekeeper.#start();
    return Gatekeeper.#instance;
  }

  static async #start(): Promise<Gatekeeper> {
    context.blocky = false; // one unsent message must not hang the exit
    const keeper = new Gatekeeper();
    await keeper.#socket.bind(ENDPOINT);
    void keeper.#serve();
    return keeper;
  }

  /** From now on `domain` admits these keys (32 bytes each) and no others. */
  admit(domain: string, publicKeys: readonly Uint8Array[]): void {
    this.#admitted.set(domain, new Set(publicKeys.map(hex)));
  }

  revoke(domain: string): void {
    this.#admitted.delete(domain);
  }

  /** Told of each refused handshake with the domain that was tried. */
  onRefused(listener: (domain: string) => void): void {
    const before = this.#onRefused;
    this.#onRefused = (domain) => {
      before(domain);
      listener(domain);
    };
  }

  async #serve(): Promise<void> {
    for await (const [route, , version, requestId, domain, , , mechanism, key] of this.#socket) {
      const ok = version?.toString() === VERSION && this.#mayEnter(domain?.toString() ?? '', mechanism?.toString() ?? '', key);
      if (!ok) this.#onRefused(domain?.toString() ?? '');
      await this.#socket.send([route!, '', VERSION, requestId!, ok ? '200' : '400', ok ? 'OK' : 'key not admitted', '', '']);
    }
  }

  #mayEnter(domain: string, mechanism: string, key: Uint8Array | undefined): boolean {
    if (mechanism !== 'CURVE' || key?.byteLength !== KEY_BYTES) return false;
    return this.#admitted.get(domain)?.has(hex(key)) ?? false;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
