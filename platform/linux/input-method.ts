// Whether an input method may take keys on their way into a program, and make other characters of them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectBus } from './bus.ts';
import type { Bus } from './bus.ts';
import type { X11 } from './x11.ts';

type Variables = ReadonlyMap<string, string>;

const IBUS = 'org.freedesktop.IBus';
const IBUS_PATH = '/org/freedesktop/IBus';
/** Names on the session bus of input methods that are not asked what they do at the moment. */
const OTHERS = ['org.fcitx.Fcitx5', 'org.fcitx.Fcitx', 'org.uim.uim'];
/** Engines of IBus that are keyboard layouts hand every key on. */
const PLAIN_ENGINE = /^xkb:/;
const MACHINE_ID = '/etc/machine-id';

/** Connects to the session bus. Throws `BusError`. */
export async function openInputMethods(x11: X11, sessionBus: string): Promise<InputMethods> {
  return new InputMethods(x11, await connectBus(sessionBus));
}

export class InputMethods {
  readonly #x11: X11;
  readonly #session: Bus;
  #ibus: { readonly address: string; readonly bus: Bus } | null = null;

  constructor(x11: X11, session: Bus) {
    this.#x11 = x11;
    this.#session = session;
  }

  /** True unless there is no input method on this desktop, or one that is known to hand on every key now. */
  async mayTake(): Promise<boolean> {
    const names = await this.#session.names().catch((): string[] => []);
    if (OTHERS.some((name) => names.includes(name))) return true;
    return names.includes(IBUS) ? !(await this.#ibusIsPlain()) : this.#x11.servesInputMethod();
  }

  close(): void {
    this.#ibus?.bus.close();
    this.#session.close();
  }

  async #ibusIsPlain(): Promise<boolean> {
    try {
      const bus = await this.#connected(await ibusAddress(await variablesOf(await this.#session.pidOf(IBUS))));
      const engine = (await bus.property(IBUS, IBUS_PATH, IBUS, 'GlobalEngine')) as { readonly value?: readonly unknown[] };
      return PLAIN_ENGINE.test(String(engine.value?.[2]));
    } catch {
      return false;
    }
  }

  async #connected(address: string): Promise<Bus> {
    if (this.#ibus?.address === address && !this.#ibus.bus.closed) return this.#ibus.bus;
    this.#ibus?.bus.close();
    const bus = await connectBus(address);
    this.#ibus = { address, bus };
    return bus;
  }
}

/** Environment of a program; empty if it is not ours to read. */
async function variablesOf(pid: number): Promise<Variables> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return new Map(text.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** The address that the daemon of a display writes down for its programs. Rejects where it is not found. */
async function ibusAddress(variables: Variables): Promise<string> {
  const folder = variables.get('XDG_CONFIG_HOME') ?? join(variables.get('HOME') ?? '/', '.config');
  const display = /:(\d+)/.exec(variables.get('DISPLAY') ?? '')?.[1] ?? '0';
  const machine = await readFile(MACHINE_ID, 'utf8');
  const text = await readFile(join(folder, 'ibus', 'bus', `${machine.trim()}-unix-${display}`), 'utf8');
  const address = /^IBUS_ADDRESS=(.+)$/m.exec(text)?.[1];
  if (address === undefined) throw new Error('the file names no address');
  return address;
}
