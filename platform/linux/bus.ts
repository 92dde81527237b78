// A D-Bus connection whose every call has a bound, and the way from the session bus to the accessibility bus.
import { Message, MessageType, Variant, sessionBus } from '@jellybrick/dbus-next';
import type { MessageBus } from '@jellybrick/dbus-next';

/** The bus cannot be reached, or a call on it failed. The message names the member called, never a value. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code = 'BUS';
  /** Name of the D-Bus error, as `org.freedesktop.DBus.Error.UnknownMethod`; `timeout` or `closed` for our own. */
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
export async function connectBus(address: string): Promise<Bus> {
  const connection = sessionBus({ busAddress: address });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new BusError('timeout', 'connect')), CONNECT_MS);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      settle();
    };
    connection.once('connect', () => end(resolve));
    (connection as NodeJS.EventEmitter).once('error', () => end(() => reject(new BusError('unreachable', 'connect'))));
  });
  return new Bus(connection);
}

export class Bus {
  readonly #connection: MessageBus;
  #closed = false;

  constructor(connection: MessageBus) {
    this.#connection = connection;
    const lost = (): void => void (this.#closed = true);
    (connection as NodeJS.EventEmitter).on('error', lost).on('end', lost).on('close', lost);
  }

  /** True once the connection is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Body of the answer. Throws `BusError`, after a second at the latest. */
  async call(destination: string, path: string, iface: string, member: string, signature = '', body: unknown[] = []): Promise<unknown[]> {
    if (this.#closed) throw new BusError('closed', member);
    const message = new Message({ destination, path, interface: iface, member, signature, body });
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new BusError(this.#closed ? 'closed' : 'timeout', member)), CALL_MS);
    });
    try {
      const answer = await Promise.race([this.#connection.call(message), bound]);
      return answer?.body ?? [];
    } catch (error) {
      if (error instanceof BusError) throw error;
      throw new BusError((error as { type?: string }).type ?? 'failed', member);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Value of a property. Throws `BusError`. */
  async property(destination: string, path: string, iface: string, name: string): Promise<unknown> {
    const [value] = await this.call(destination, path, `${DBUS}.Properties`, 'Get', 'ss', [iface, name]);
    return value instanceof Variant ? value.value : value;
  }

  async pidOf(sender: string): Promise<number> {
    const [pid] = await this.call(DBUS, DBUS_PATH, DBUS, 'GetConnectionUnixProcessID', 's', [sender]);
    return Number(pid);
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

  async unmatch(rule: string): Promise<void> {
    await this.call(DBUS, DBUS_PATH, DBUS, 'RemoveMatch', 's', [`type='signal',${rule}`]);
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
