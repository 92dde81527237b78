// A D-Bus connection whose every call has a bound: to a bus, or to a program that listens by itself.
import { Message, MessageType, Variant, sessionBus } from '@jellybrick/dbus-next';
import type { MessageBus } from '@jellybrick/dbus-next';
import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';

/** The bus cannot be reached, or a call on it failed. The message names the member called, never a value. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code = 'BUS';
  /** Name of the D-Bus error, as `org.freedesktop.DBus.Error.UnknownMethod`; `timeout`, `closed` (a bus) or `gone` (a program) for our own. */
  readonly error: string;

  constructor(error: string, member: string) {
    super(`${member}: ${error}`);
    this.error = error;
  }
}

export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

const CONNECT_MS = 3000;
const CALL_MS = 1000;
const DBUS = 'org.freedesktop.DBus';
const DBUS_PATH = '/org/freedesktop/DBus';
const A11Y_PATH = '/org/a11y/bus';

/** Connects to the bus at `address`. Throws `BusError`. */
export const connectBus = (address: string): Promise<Bus> => connect(address, 'closed');

/** Connects to a program that listens at `address`; calls that wait when it ends fail at once, as `gone`. Throws `BusError`. */
export const connectProgram = (address: string): Promise<Bus> => connect(address, 'gone');

/** The library tells of the end of a connection, and of its stream, on its inner object alone. */
const innerOf = (connection: MessageBus): EventEmitter & { readonly stream?: Writable } =>
  (connection as unknown as { _connection: EventEmitter & { readonly stream?: Writable } })._connection;

export function ends(connection: MessageBus, ended: () => void): void {
  innerOf(connection).once('end', ended);
  (connection as EventEmitter).on('error', ended);
}

async function connect(address: string, whenLost: 'closed' | 'gone'): Promise<Bus> {
  const connection = sessionBus({ busAddress: address });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new BusError('timeout', 'connect')), CONNECT_MS);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      settle();
    };
    connection.once('connect', () => end(resolve));
    ends(connection, () => end(() => reject(new BusError('unreachable', 'connect'))));
  });
  return new Bus(connection, whenLost);
}

type Call = [destination: string, path: string, iface: string, member: string, signature?: string, body?: unknown[]];

export class Bus {
  readonly #connection: MessageBus;
  readonly #whenLost: string;
  /** Calls without an answer yet. */
  readonly #open = new Set<() => void>();
  /** Questions that were put and not sent yet. */
  readonly #asked = new Map<string, Promise<unknown[]>>();
  #gathers = false;
  #closed = false;

  constructor(connection: MessageBus, whenLost: string) {
    this.#connection = connection;
    this.#whenLost = whenLost;
    ends(connection, () => {
      this.#closed = true;
      for (const lose of this.#open) lose();
    });
  }

  /** Our unique name on a bus. */
  get name(): string {
    return String((this.#connection as unknown as { name: string | null }).name);
  }

  /** True once the connection is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Body of the answer. Throws `BusError`, after a second at the latest. */
  call(...call: Call): Promise<unknown[]> {
    // What is asked after it is not answered by what was asked before it.
    this.#asked.clear();
    return this.#send(...call);
  }

  /** As `call`, for what changes nothing: a question that is put several times at once is sent once. Throws `BusError`. */
  ask(...question: Call): Promise<unknown[]> {
    const key = JSON.stringify(question);
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const answer = this.#send(...question);
    this.#asked.set(key, answer);
    return answer;
  }

  async #send(...[destination, path, iface, member, signature = '', body = []]: Call): Promise<unknown[]> {
    this.#gather();
    if (this.#closed) throw new BusError(this.#whenLost, member);
    const message = new Message({ destination, path, interface: iface, member, signature, body });
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const lose = (): void => reject(new BusError(this.#whenLost, member));
    const timer = setTimeout(() => reject(new BusError('timeout', member)), CALL_MS);
    this.#open.add(lose);
    try {
      const answer = await Promise.race([this.#connection.call(message), failed]);
      return answer?.body ?? [];
    } catch (error) {
      if (error instanceof BusError) throw error;
      throw new BusError((error as { type?: string }).type ?? 'failed', member);
    } finally {
      clearTimeout(timer);
      this.#open.delete(lose);
    }
  }

  /** Calls made at once are sent at once: their program is woken once for all of them. */
  #gather(): void {
    if (this.#gathers) return;
    this.#gathers = true;
    const { stream } = innerOf(this.#connection);
    stream?.cork();
    process.nextTick(() => {
      this.#gathers = false;
      this.#asked.clear();
      stream?.uncork();
    });
  }

  /** Value of a property. Throws `BusError`. */
  async property(destination: string, path: string, iface: string, name: string): Promise<unknown> {
    const [value] = await this.ask(destination, path, `${DBUS}.Properties`, 'Get', 'ss', [iface, name]);
    return value instanceof Variant ? value.value : value;
  }

  async pidOf(sender: string): Promise<number> {
    const [pid] = await this.call(DBUS, DBUS_PATH, DBUS, 'GetConnectionUnixProcessID', 's', [sender]);
    return Number(pid);
  }

  async hasOwner(name: string): Promise<boolean> {
    const [owned] = await this.call(DBUS, DBUS_PATH, DBUS, 'NameHasOwner', 's', [name]);
    return owned === true;
  }

  /** Every name that somebody on the bus owns. */
  async names(): Promise<string[]> {
    const [names] = await this.call(DBUS, DBUS_PATH, DBUS, 'ListNames');
    return names as string[];
  }

  /** Asks for signals that match `rule`; all of them reach every listener of `onSignal`. */
  async match(rule: string): Promise<void> {
    await this.call(DBUS, DBUS_PATH, DBUS, 'AddMatch', 's', [`type='signal',${rule}`]);
  }

  onSignal(listener: (signal: BusSignal) => void): void {
    this.#connection.on('message', (message) => {
      if (message.type === MessageType.SIGNAL) listener(message);
    });
  }

  /** Address of the accessibility bus; starts it. On a session bus only. */
  async accessibilityAddress(): Promise<string> {
    const [address] = await this.call('org.a11y.Bus', A11Y_PATH, 'org.a11y.Bus', 'GetAddress');
    return String(address);
  }

  /** Tells programs that somebody reads their fields. On a session bus only. */
  async enableAccessibility(): Promise<void> {
    const body = ['org.a11y.Status', 'IsEnabled', new Variant('b', true)];
    await this.call('org.a11y.Bus', A11Y_PATH, `${DBUS}.Properties`, 'Set', 'ssv', body);
  }

  close(): void {
    if (!this.#closed) this.#connection.disconnect();
    this.#closed = true;
  }
}
