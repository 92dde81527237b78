// One process of the yardstick: `chain-link.ts ROLE`. Does what the actor of that name waits for in a tap, without its code.
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
import { NO_WORK, worker, type Frames, type Work } from './chain-work.ts';

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
  readonly taps: number;
  /** With what the libraries do, too. */
  readonly works: boolean;
}

const TAKEN = Buffer.alloc(40, 1);
const OVER = Buffer.alloc(0);
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
  readonly #does: Work;

  constructor(role: Role, config: ChainConfig, does: Work) {
    [this.#role, this.#config, this.#does] = [role, config, does];
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
    if (this.#role === 'listener') this.#peer.on('message', () => void this.#tapped());
    process.send?.({ say: 'ready' });
    for await (const [route, ...frames] of door) {
      const answered = (): Promise<void> => door.send([route!, TAKEN]);
      if (frames[1]!.byteLength === 0) {
        process.send?.({ say: 'ended', atUs: nowUs() });
        continue;
      }
      this.#does.incoming(frames as unknown as Frames);
      if (this.#role === 'resolver') void answered().then(() => this.#work());
      else void this.#work().then(answered);
    }
  }

  async #tapped(): Promise<void> {
    this.#does.remember();
    await this.#ask('resolver');
  }

  async #work(): Promise<void> {
    switch (this.#role) {
      case 'resolver':
        await this.#askPeer();
        return void this.#ask('broker');
      case 'broker':
        await Promise.all([this.#ask('gateway'), this.#ask('audit'), this.#askPeer()]);
        this.#does.unlock();
        await this.#does.seal();
        return void this.#ask('injector');
      case 'gateway': return this.#fetch();
      case 'audit': return this.#sync();
      case 'injector': {
        this.#does.remember();
        await Promise.all([this.#ask('listener'), this.#does.unseal()]);
        this.#does.remember();
        for (let way = 0; way < FILL_WAYS; way++) await this.#askPeer();
        return this.#lines.get('listener')!.send([TAKEN, OVER]);
      }
      case 'listener': return this.#does.remember();
    }
  }

  async #ask(to: Role): Promise<void> {
    const line = this.#lines.get(to)!;
    await line.send([...this.#does.outgoing()]);
    await line.receive();
  }

  #askPeer(): Promise<void> {
    return new Promise((resolve) => {
      this.#peer.once('message', (data) => {
        this.#does.answered(String(data));
        resolve();
      });
      this.#peer.send(this.#does.question());
    });
  }

  #fetch(): Promise<void> {
    const { nesPort } = this.#config;
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: nesPort, path: '/', agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part)).once('end', () => {
          this.#does.holder(text);
          resolve();
        });
      }).once('error', reject);
    });
  }

  #sync(): Promise<void> {
    writeSync(this.#file, RECORD);
    return new Promise((resolve) => fdatasync(this.#file, () => resolve()));
  }
}

async function link(role: Role, config: ChainConfig): Promise<void> {
  const does = config.works ? await worker(config.dir, role, config.taps) : NO_WORK;
  await new ChainLink(role, config, does).serve();
}

const [, file, role] = process.argv;
if (file === import.meta.filename) process.once('message', (config) => void link(role as Role, config as ChainConfig));
