// What a desktop brings along, small but real: a private session bus, a notification server, a tray host, helper programs.
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interface as dbus, Message, sessionBus, Variant } from '@jellybrick/dbus-next';
import type { MessageBus } from '@jellybrick/dbus-next';

/** A session bus of its own that starts no services. `stop` and `start` keep the address. */
export interface PrivateBus {
  readonly address: string;
  readonly folder: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  end(): Promise<void>;
}

export async function privateBus(): Promise<PrivateBus> {
  const folder = await mkdtemp(join(tmpdir(), 'tapline-show-'));
  const address = `unix:path=${join(folder, 'bus')}`;
  const config = join(folder, 'bus.conf');
  await writeFile(config, `<busconfig><type>session</type><listen>${address}</listen><policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`);
  let stop = async () => {};
  const start = async () => {
    const daemon = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address=1'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const missing = new Promise<never>((_, reject) => {
      daemon.once('error', () => reject(new Error('dbus-daemon is missing: apt-get install --no-install-recommends dbus')));
    });
    stop = async () => {
      if (daemon.pid === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
      const gone = once(daemon, 'exit');
      daemon.kill();
      await gone;
    };
    await Promise.race([once(daemon.stdout, 'data'), missing]);
  };
  const end = async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  await start().catch(async (error: unknown) => {
    await end();
    throw error;
  });
  return { address, folder, start, stop: () => stop(), end };
}

export interface Notified {
  readonly id: number;
  readonly app: string;
  readonly summary: string;
  readonly body: string;
  readonly hints: Readonly<Record<string, Variant>>;
  readonly timeoutMs: number;
}

/** Emits `notified` (Notified) and `closed` (id). */
export class NotificationServer extends EventEmitter {
  readonly shown: Notified[] = [];
  readonly bus: MessageBus;
  readonly #interface: NotificationInterface;

  private constructor(bus: MessageBus, capabilities: readonly string[]) {
    super();
    this.bus = bus;
    this.#interface = new NotificationInterface(this, capabilities);
  }

  static async open(address: string, capabilities: readonly string[] = ['body']): Promise<NotificationServer> {
    const server = new NotificationServer(await connected(address), capabilities);
    server.bus.export('/org/freedesktop/Notifications', server.#interface);
    await server.bus.requestName('org.freedesktop.Notifications', 0);
    return server;
  }

  /** As when the person clicks it away. */
  dismiss(id: number): void {
    this.#interface.NotificationClosed(id, 2);
  }
}

/** Emits `registered` (name of the item). */
export class TrayHost extends EventEmitter {
  readonly bus: MessageBus;
  readonly items: string[] = [];

  private constructor(bus: MessageBus) {
    super();
    this.bus = bus;
  }

  static async open(address: string): Promise<TrayHost> {
    const host = new TrayHost(await connected(address));
    host.bus.export('/StatusNotifierWatcher', new WatcherInterface(host));
    await host.bus.requestName('org.kde.StatusNotifierWatcher', 0);
    await host.#call('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'AddMatch', 's', ["type='signal',path='/StatusNotifierItem'"]);
    host.bus.on('message', (message: Message) => {
      if (message.type === 4 && message.path === '/StatusNotifierItem') host.emit(message.member);
    });
    return host;
  }

  /** Value of a property of the item, unwrapped. */
  async property(item: string, name: string): Promise<unknown> {
    const [value] = await this.#call(item, '/StatusNotifierItem', 'org.freedesktop.DBus.Properties', 'Get', 'ss', ['org.kde.StatusNotifierItem', name]);
    return (value as Variant).value;
  }

  /** The labels of the item's menu by their ids. */
  async menu(item: string): Promise<ReadonlyMap<number, string>> {
    const [, layout] = await this.#call(item, '/Menu', 'com.canonical.dbusmenu', 'GetLayout', 'iias', [0, -1, []]);
    const [, , children] = layout as [number, unknown, Variant<[number, Record<string, Variant<string>>, unknown]>[]];
    return new Map(children.map(({ value: [id, properties] }) => [id, properties['label']?.value ?? '']));
  }

  async click(item: string, id: number): Promise<void> {
    await this.#call(item, '/Menu', 'com.canonical.dbusmenu', 'Event', 'isvu', [id, 'clicked', new Variant('s', ''), 0]);
  }

  async #call(destination: string, path: string, from: string, member: string, signature: string, body: unknown[]): Promise<unknown[]> {
    const reply = await this.bus.call(new Message({ destination, path, interface: from, member, signature, body }));
    return reply?.body ?? [];
  }
}

/** A helper program of the test: notes its arguments and what it is told, and answers as the given shell lines say. */
export async function program(folder: string, name: string, script: string): Promise<{ path: string; heard(): Promise<string> }> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\nlog() { printf '%s\\n' "$*" >> '${path}.log'; }\nlog "$DISPLAY $DBUS_SESSION_BUS_ADDRESS $*"\n${script}\n`);
  await chmod(path, 0o700);
  return { path, heard: () => readFile(`${path}.log`, 'utf8') };
}

/** An Assuan program; `onGetPin` is what it does when asked for the password, `$n` being the how-manieth time. */
export const assuan = (onGetPin: string): string => `n=0; echo 'OK Pleased to meet you'
while IFS= read -r line; do log "$line"
case "$line" in GETPIN) n=$((n+1)); ${onGetPin};; 'OPTION '*) echo 'ERR 83886254 Unknown option';; *) echo OK;; esac; done`;

class NotificationInterface extends dbus.Interface {
  readonly #server: NotificationServer;
  readonly #capabilities: readonly string[];
  #last = 0;

  constructor(server: NotificationServer, capabilities: readonly string[]) {
    super('org.freedesktop.Notifications');
    for (const field of ['$properties', '$methods', '$signals'] as const) delete this[field];
    this.#server = server;
    this.#capabilities = capabilities;
  }

  GetCapabilities() { return this.#capabilities; }
  Notify(app: string, _replaces: number, _icon: string, summary: string, body: string, _actions: string[], hints: Record<string, Variant>, timeoutMs: number) {
    const notified: Notified = { id: ++this.#last, app, summary, body, hints, timeoutMs };
    this.#server.shown.push(notified);
    this.#server.emit('notified', notified);
    return notified.id;
  }
  CloseNotification(id: number) {
    this.NotificationClosed(id, 3);
    this.#server.emit('closed', id);
  }
  NotificationClosed(id: number, reason: number) { return [id, reason]; }
}
NotificationInterface.configureMembers({
  methods: {
    GetCapabilities: { outSignature: 'as' },
    Notify: { inSignature: 'susssasa{sv}i', outSignature: 'u' },
    CloseNotification: { inSignature: 'u' },
  },
  signals: { NotificationClosed: { signature: 'uu' } },
});

class WatcherInterface extends dbus.Interface {
  readonly #host: TrayHost;

  constructor(host: TrayHost) {
    super('org.kde.StatusNotifierWatcher');
    for (const field of ['$properties', '$methods', '$signals'] as const) delete this[field];
    this.#host = host;
  }

  RegisterStatusNotifierItem(name: string) {
    this.#host.items.push(name);
    this.#host.emit('registered', name);
  }
}
WatcherInterface.configureMembers({ methods: { RegisterStatusNotifierItem: { inSignature: 's' } } });

async function connected(address: string): Promise<MessageBus> {
  const bus = sessionBus({ busAddress: address });
  bus.on('error' as never, (() => {}) as never);
  await once(bus, 'connect');
  return bus;
}
