// The site of the suite: serves each case under a path of its own from two origins, and hears the sniffers of all documents.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Origins } from './case.ts';
import { NAMED, OTHER } from './html.ts';
import { snifferFor, type Account, type Arrival } from './sniffer.ts';

interface Said extends Partial<Arrival> {
  readonly document: string;
  readonly account?: Account;
  readonly answer?: number;
  readonly ready?: true;
}

type Order = Readonly<Record<string, string>>;

/** Of every page, and so what the title of a window that shows one starts with. */
export const TITLE = 'Suite';
const ORDER_MS = 15_000;
const GO_ORDERS = 3;
/** Text on every page: a Chromium (150) drops the keys of the first half second of one that shows none. */
const STYLE = '<style>body{font:16px sans-serif;margin:1em}p{margin:.5em 0}input{width:200px}body::before{content:"Suite";position:fixed;right:0;bottom:0}</style>';

export class Site {
  /** Everything that arrived in any document since `forget`, in order. */
  arrivals: Arrival[] = [];
  readonly #servers: readonly Server[] = [createServer((request, response) => this.#serve(request.url ?? '/', request.headers.host ?? '', response)),
    createServer((request, response) => this.#serve(request.url ?? '/', request.headers.host ?? '', response))];
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #pages = new Map<string, string>();
  /** Documents that live, by their names. */
  readonly #documents = new Map<string, { readonly socket: WebSocket; readonly path: string; account: Account }>();
  readonly #answers = new Map<number, (account: Account) => void>();
  readonly #waiting = new Set<() => void>();
  #orders = 0;

  async listen(): Promise<void> {
    for (const server of this.#servers) {
      server.on('upgrade', (request, socket, head) => this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#attach(opened)));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
  }

  get origins(): Origins {
    const [page, other] = this.#servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return { page: page ?? '', other: other ?? '' };
  }

  /** Serves a body under a path, on both origins. */
  put(path: string, body: string): void {
    const { page, other } = this.origins;
    const folder = path.replace(/[^/]*$/, '');
    this.#pages.set(path, body.replaceAll(OTHER, other + folder).replaceAll(NAMED, page.replace('127.0.0.1', 'localhost') + folder));
  }

  /** Resolves when a document of each path is loaded, after `open`. */
  async loaded(paths: readonly string[], open: () => unknown): Promise<void> {
    const before = new Set(this.#documents.keys());
    await open();
    const there = (): boolean => paths.every((path) => [...this.#documents].some(([name, { path: its }]) => its === path && !before.has(name)));
    if (!(await this.until(there))) throw new Error(`not loaded: ${paths.join(' ')}`);
  }

  /** Resolves with true at the first moment at which `holds`, looked at whenever a sniffer speaks. */
  until(holds: () => boolean, withinMs = ORDER_MS): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(held);
      };
      const look = (): void => void (holds() && end(true));
      const timer = setTimeout(() => end(false), withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  /** Gives an order to every live document whose path begins so: `{}` report, `{focus}`, `{navigate}`, `{run}`. */
  async tell(path: string, order: Order = {}): Promise<Account[]> {
    const documents = [...this.#documents.values()].filter((document) => document.path.startsWith(path));
    return Promise.all(documents.map(({ socket, account }) => new Promise<Account>((resolve) => {
      const id = ++this.#orders;
      // A document that goes away answers no more: what it said last stands.
      const end = (answer: Account): void => {
        this.#answers.delete(id);
        socket.off('close', gone);
        resolve(answer);
      };
      const gone = (): void => end(account);
      this.#answers.set(id, end);
      socket.on('close', gone);
      socket.send(JSON.stringify({ ...order, id }));
    })));
  }

  /** Has every document whose path begins with `from` go to `url`, also one that comes only now, until documents of all paths are there. */
  async go(from: string, url: string, paths: readonly string[]): Promise<void> {
    const told = new Set<string>();
    const send = (): void => {
      const untold = [...this.#documents].filter(([name, { path }]) => path.startsWith(from) && !told.has(name));
      for (const [name, { socket }] of untold) {
        told.add(name);
        socket.send(JSON.stringify({ navigate: url }));
      }
    };
    const there = (): boolean => paths.every((path) => [...this.#documents.values()].some((document) => document.path === path));
    const arrived = (): boolean => {
      if (there()) return true;
      send();
      return false;
    };
    // Once in some thousand times the browser stays where it is.
    for (let order = 0; order < GO_ORDERS; order++) {
      told.clear();
      if (await this.until(arrived, ORDER_MS / GO_ORDERS)) return;
    }
    throw new Error(`not loaded: ${paths.join(' ')}`);
  }

  forget(): void {
    this.arrivals = [];
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #serve(url: string, host: string, response: ServerResponse): void {
    const path = url.replace(/[?#].*$/, '');
    const body = this.#pages.get(path);
    const sniffer = path === '/sniffer.js';
    response.writeHead(sniffer || body !== undefined ? 200 : 404, { 'content-type': `text/${sniffer ? 'javascript' : 'html'}; charset=utf-8`, 'cache-control': 'no-store' });
    if (sniffer) return void response.end(snifferFor(host));
    response.end(body === undefined ? '' : `<!doctype html><meta charset="utf-8"><title>${TITLE}</title>${STYLE}<script src="/sniffer.js"></script>${body}`);
  }

  #attach(socket: WebSocket): void {
    let name = '';
    socket.on('message', (data) => {
      const said = JSON.parse(String(data)) as Said;
      name = said.document;
      if (said.ready === true && said.account !== undefined) this.#documents.set(name, { socket, path: said.account.path, account: said.account });
      if (said.answer !== undefined && said.account !== undefined) this.#answers.get(said.answer)?.({ ...said.account, document: name });
      if (said.event !== undefined) this.arrivals.push({ document: name, event: said.event, element: said.element ?? '', text: said.text ?? '' });
      for (const look of this.#waiting) look();
    });
    socket.on('close', () => {
      this.#documents.delete(name);
      for (const look of this.#waiting) look();
    });
  }
}
