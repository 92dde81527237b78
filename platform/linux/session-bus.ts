// One connection to the user's session bus that comes back when the bus does, and whose calls always end.
import { Message, sessionBus } from '@jellybrick/dbus-next';
import type { MessageBus } from '@jellybrick/dbus-next';
import { ends } from './bus.ts';

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: unknown[];
}
/** `error` is the D-Bus error name, or `no-bus` / `no-answer`. */
export type BusAnswer = { readonly body: readonly unknown[] } | { readonly error: string };

export const BUS_NAME = 'org.freedesktop.DBus';
const CONNECT_MS = 2_000;
const CALL_MS = 3_000;
const RETRY_MS = { first: 250, most: 5_000 } as const;

export class SessionBus {
  readonly #address: string | undefined;
  readonly #up: ((bus: MessageBus) => Promise<void>)[] = [];
  readonly #heard: ((signal: Message) => void)[] = [];
  /** Calls without an answer yet. */
  readonly #open = new Set<(answer: BusAnswer) => void>();
  #bus: MessageBus | null = null;
  #retryMs: number = RETRY_MS.first;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /** `address` is a D-Bus address; undefined leaves the choice to the library (the user's own bus). */
  constructor(address: string | undefined) {
    this.#address = address;
  }

  /** Called with every new connection, before it is used for anything else. Must not throw. */
  onUp(listener: (bus: MessageBus) => Promise<void>): void {
    this.#up.push(listener);
  }

  /** Called with every signal that a match rule lets through. */
  onSignal(listener: (signal: Message) => void): void {
    this.#heard.push(listener);
  }

  /** Tries once and answers whether it is up; goes on trying in the background until `close`. */
  async open(): Promise<boolean> {
    const bus = await connect(this.#address);
    if (this.#closed) bus?.disconnect();
    else if (bus === null) this.#later();
    else await this.#adopt(bus);
    return this.#bus !== null;
  }

  get bus(): MessageBus | null {
    return this.#bus;
  }

  /** Never throws; an answer comes within three seconds. */
  async call(call: BusCall): Promise<BusAnswer> {
    const bus = this.#bus;
    if (bus === null) return { error: 'no-bus' };
    const { promise, resolve } = Promise.withResolvers<BusAnswer>();
    const timer = setTimeout(() => resolve({ error: 'no-answer' }), CALL_MS);
    this.#open.add(resolve);
    void callOn(bus, call).then(resolve);
    const answer = await promise;
    this.#open.delete(resolve);
    clearTimeout(timer);
    return answer;
  }

  /** Sends a signal of ours; lost where the bus is. */
  signal(path: string, from: string, member: string, signature = '', body: unknown[] = []): void {
    try {
      this.#bus?.send(Message.newSignal(path, from, member, signature, body));
    } catch {
      // The stream is closed and its end is not told yet: as good as no bus.
    }
  }

  /** Lets signals through that match the rule, on this connection. */
  async match(rule: string): Promise<BusAnswer> {
    return this.call({ destination: BUS_NAME, path: '/org/freedesktop/DBus', interface: BUS_NAME, member: 'AddMatch', signature: 's', body: [rule] });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#bus?.disconnect();
    this.#lose();
  }

  async #adopt(bus: MessageBus): Promise<void> {
    this.#bus = bus;
    this.#retryMs = RETRY_MS.first;
    const gone = () => {
      if (this.#bus !== bus) return;
      bus.disconnect();
      this.#lose();
      this.#later();
    };
    ends(bus, gone);
    bus.on('message', (message: Message) => {
      if (message.type === SIGNAL) for (const listener of this.#heard) listener(message);
    });
    for (const listener of this.#up) await listener(bus);
  }

  #lose(): void {
    this.#bus = null;
    for (const resolve of this.#open) resolve({ error: 'no-bus' });
  }

  #later(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => void this.open(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
  }
}

const SIGNAL = 4;

function connect(address: string | undefined): Promise<MessageBus | null> {
  return new Promise((resolve) => {
    const bus = sessionBus(address === undefined ? {} : { busAddress: address });
    let settled = false;
    const done = (result: MessageBus | null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      if (result === null) bus.disconnect();
      resolve(result);
    };
    const timer = setTimeout(() => done(null), CONNECT_MS);
    bus.once('connect', () => done(bus));
    ends(bus, () => done(null));
  });
}

async function callOn(bus: MessageBus, call: BusCall): Promise<BusAnswer> {
  try {
    const reply = await bus.call(new Message({ ...call }));
    return { body: reply?.body ?? [] };
  } catch (error) {
    return { error: error instanceof Error && 'type' in error ? String(error.type) : 'no-bus' };
  }
}
