// ZAP (RFC 27): the one place in a process that admits CURVE keys. zeromq tells neither key nor user id on a message, so
// one door has one domain with one admitted key, and the door knows its sender.
//
// A socket becomes a CURVE server only by what `admit` hands out, and that exists only once the handler stands: no door
// can be bound before it.
import { context, Router, type Publisher } from 'zeromq';
import { post } from './post.ts';

const ENDPOINT = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const KEY_BYTES = 32;

/** What a socket is opened with, and the end of it. */
export interface Admission {
  readonly options: {
    readonly curveServer: true;
    readonly curveSecretKey: string;
    readonly zapDomain: string;
    readonly zapEnforceDomain: true;
  };
  /** Nobody enters any more; who is in stays until the socket closes. */
  revoke(): void;
}

/** Admits these keys (32 bytes each), and no others, to one socket that is still to be opened. */
export async function admit(curveSecretKey: string, publicKeys: readonly Uint8Array[]): Promise<Admission> {
  for (;;) {
    const starting = (Gatekeeper.current ??= Gatekeeper.start());
    const keeper = await starting;
    if (starting === Gatekeeper.current) return keeper.admit(curveSecretKey, publicKeys);
  }
}

/** The handler of this process; there as long as anybody is admitted, since an open socket keeps a process alive. */
class Gatekeeper {
  static current: Promise<Gatekeeper> | undefined;
  static #retired: Promise<void> = Promise.resolve();
  readonly #socket = new Router({ linger: 0 });
  readonly #admitted = new Map<string, ReadonlySet<string>>();
  #domains = 0;

  static async start(): Promise<Gatekeeper> {
    context.blocky = false; // one unsent message must not hang the exit
    await Gatekeeper.#retired;
    const keeper = new Gatekeeper();
    await keeper.#socket.bind(ENDPOINT);
    void keeper.#serve();
    return keeper;
  }

  admit(curveSecretKey: string, publicKeys: readonly Uint8Array[]): Admission {
    const zapDomain = `tapline.${++this.#domains}`;
    this.#admitted.set(zapDomain, new Set(publicKeys.map(hex)));
    return {
      options: { curveServer: true, curveSecretKey, zapDomain, zapEnforceDomain: true },
      revoke: () => this.#revoke(zapDomain),
    };
  }

  #revoke(domain: string): void {
    if (!this.#admitted.delete(domain) || this.#admitted.size > 0) return;
    Gatekeeper.current = undefined;
    Gatekeeper.#retired = this.#socket.unbind(ENDPOINT).then(() => this.#socket.close());
  }

  async #serve(): Promise<void> {
    for await (const [route, , version, requestId, domain, , , mechanism, key] of this.#socket) {
      const ok = version?.toString() === VERSION && this.#mayEnter(domain?.toString() ?? '', mechanism?.toString() ?? '', key);
      const answer = [route!, '', VERSION, requestId ?? '', ok ? '200' : '400', ok ? 'OK' : 'key not admitted', '', ''];
      await post(this.#socket, answer);
    }
  }

  #mayEnter(domain: string, mechanism: string, key: Uint8Array | undefined): boolean {
    if (mechanism !== 'CURVE' || key?.byteLength !== KEY_BYTES) return false;
    return this.#admitted.get(domain)?.has(hex(key)) ?? false;
  }
}

/** Calls `refused` for each client that was turned away: its key is not admitted here, it has none, or it speaks no CURVE. */
export async function watchRefused(socket: Router | Publisher, refused: () => void): Promise<void> {
  for await (const { type } of socket.events) {
    if (type === 'handshake:error:auth' || type === 'handshake:error:protocol') refused();
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
