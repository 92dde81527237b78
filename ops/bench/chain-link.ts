// One process of the yardstick: `chain-link.ts ROLE`. Does what the actor of that name waits for in a tap, without doing its work.
//
//   reader ─▶ listener ─▶ resolver ─▶ broker ─┬─▶ gateway ─https─▶     ┌─ then ─▶ injector ─▶ listener, and back
//                          └─ desktop ─┘      ├─▶ audit, one sync ─────┤          └─ desktop, eight times ─▶ listener
//                                             └─ agent ────────────────┘
import { once } from 'node:events';
import { fdatasync, openSync, writeSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Dealer, Router } from 'zeromq';
import { nowUs } from '../../runtime/clock.ts';

const ASKS = {
  listener: ['resolver'], resolver: ['broker'], broker: ['gateway', 'audit', 'injector'], injector: ['listener'], gateway: [], audit: [],
} as const satisfies Record<string, readonly string[]>;
export type Role = keyof typeof ASKS;
export const ROLES = Object.keys(ASKS) as readonly Role[];

export interface ChainConfig {
  readonly dir: string;
  readonly keys: Readonly<Record<Role, { readonly publicKey: string; readonly secretKey: string }>>;
  readonly ca: string;
  readonly nesPort: number;
  readonly peerPort: number;
}

const ENVELOPE = Buffer.alloc(240, 1);
const BODY = Buffer.alloc(100, 2);
const QUESTION = Buffer.alloc(60, 3);
const RECORD = 'x'.repeat(400);
/** Questions of a fill to the desktop that wait for one another. */
const FILL_WAYS = 8;

class ChainLink {
  readonly #role: Role;
  readonly #config: ChainConfig;
  readonly #lines = new Map<Role, Dealer>();
  readonly #peer: WebSocket;
  readonly #agent: Agent;
  readonly #file: number;

  constructor(role: Role, config: ChainConfig) {
    [this.#role, this.#config] = [role, config];
    const { dir, keys, ca, peerPort } = config;
    const { publicKey: curvePublicKey, secretKey: curveSecretKey } = keys[role];
    for (const to of ASKS[role]) {
      const line = new Dealer({ curveServerKey: keys[to].publicKey, curvePublicKey, curveSecretKey, linger: 0 });
      line.connect(`ipc://${join(dir, to)}`);
      this.#lines.set(to, line);
    }
    this.#peer = new WebSocket(`ws://127.0.0.1:${peerPort}/${role}`, { perMessageDeflate: false });
    this.#agent = new Agent({ keepAlive: true, ca });
    this.#file = openSync(join(dir, `${role}.log`), 'a');
  }

  async serve(): Promise<void> {
    const { dir, keys } = this.#config;
    const door = new Router({ curveServer: true, curveSecretKey: keys[this.#role].secretKey, linger: 0 });
    // Both at once: the socket may open while the door is bound.
    await Promise.all([door.bind(`ipc://${join(dir, this.#role)}`), once(this.#peer, 'open')]);
    if (this.#role === 'listener') this.#peer.on('message', () => void this.#ask('resolver'));
    process.send?.({ say: 'ready' });
    for await (const [route, , body] of door) {
      const answered = (): Promise<void> => door.send([route!, BODY]);
      if (this.#role === 'resolver') void answered().then(() => this.#work());
      else if (body!.byteLength === 0) process.send?.({ say: 'ended', atUs: nowUs() });
      else void this.#work().then(answered);
    }
  }

  async #work(): Promise<void> {
    switch (this.#role) {
      case 'resolver':
        await this.#askPeer();
        return void this.#ask('broker');
      case 'broker':
        await Promise.all([this.#ask('gateway'), this.#ask('audit'), this.#askPeer()]);
        return void this.#ask('injector');
      case 'gateway': return this.#fetch();
      case 'audit': return this.#sync();
      case 'injector': {
        await this.#ask('listener');
        for (let way = 0; way < FILL_WAYS; way++) await this.#askPeer();
        return this.#lines.get('listener')!.send([ENVELOPE, Buffer.alloc(0)]);
      }
      case 'listener': return;
    }
  }

  async #ask(to: Role): Promise<void> {
    const line = this.#lines.get(to)!;
    await line.send([ENVELOPE, BODY]);
    await line.receive();
  }

  #askPeer(): Promise<void> {
    return new Promise((resolve) => {
      this.#peer.once('message', () => resolve());
      this.#peer.send(QUESTION);
    });
  }

  #fetch(): Promise<void> {
    const { nesPort } = this.#config;
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: nesPort, path: '/', agent: this.#agent }, (response) => response.resume().once('end', resolve)).once('error', reject);
    });
  }

  #sync(): Promise<void> {
    writeSync(this.#file, RECORD);
    return new Promise((resolve) => fdatasync(this.#file, () => resolve()));
  }
}

const [, file, role] = process.argv;
if (file === import.meta.filename) process.once('message', (config) => void new ChainLink(role as Role, config as ChainConfig).serve());
