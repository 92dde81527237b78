// A login page for the benchmarks, quiet while somebody types: it keeps to itself what arrives and when, until it is asked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** What the form holds. */
export interface FormSeen {
  readonly user: string;
  readonly password: string;
  /** Wall time of the last change, milliseconds since 1970 by the page's own clock. */
  readonly changedAtMs: number;
}

type Order = { readonly do: 'fresh'; readonly title: string; readonly tells: boolean } | { readonly do: 'seen'; readonly quietMs: number };

const LOOPBACK = '127.0.0.1';
const WITHIN_MS = 15_000;

export class FormPage {
  readonly #http = createServer((_request, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE));
  readonly #server = new WebSocketServer({ server: this.#http, perMessageDeflate: false });
  #socket: WebSocket | null = null;
  /** Who waits for a signal of the page. */
  readonly #waiting = new Map<string, () => void>();

  /** Starts it on a free port of loopback and returns its address. */
  async open(): Promise<string> {
    this.#server.on('connection', (socket) => {
      this.#socket = socket;
      socket.on('message', (data) => this.#waiting.get(String(data))?.());
    });
    await new Promise<void>((resolve) => this.#http.listen(0, LOOPBACK, resolve));
    return `http://${LOOPBACK}:${(this.#http.address() as AddressInfo).port}/`;
  }

  /**
   * Empties the form and puts the cursor into its user field; the window gets that title. With `tells` the page tells of each
   * character that it takes from then on. Rejects if the page does not answer.
   */
  async fresh(title: string, { tells = false } = {}): Promise<void> {
    await this.#ask({ do: 'fresh', title, tells });
  }

  /** What arrived since `fresh`, once nothing has changed for so long. Rejects if the page does not answer. */
  async seen(quietMs = 0): Promise<FormSeen> {
    return this.#ask({ do: 'seen', quietMs });
  }

  /** Resolves at the next submit; with false if none comes in time. */
  submitted(withinMs: number): Promise<boolean> {
    return this.#next(SUBMITTED, withinMs);
  }

  /** Resolves when the page tells of the next character; with false if it does not in time. */
  typed(withinMs: number): Promise<boolean> {
    return this.#next(TYPED, withinMs);
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #next(signal: string, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#waiting.set(signal, () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  async #ask(order: Order): Promise<FormSeen> {
    const signal = AbortSignal.timeout(WITHIN_MS);
    if (this.#socket === null) await once(this.#server, 'connection', { signal });
    const socket = this.#socket!;
    socket.send(JSON.stringify(order));
    for (;;) {
      const [data] = (await once(socket, 'message', { signal })) as [Buffer];
      if (!SIGNALS.includes(String(data))) return JSON.parse(String(data)) as FormSeen;
    }
  }
}

const SUBMITTED = 'submitted';
const TYPED = 'typed';
const SIGNALS = [SUBMITTED, TYPED];

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
<style>body{font:16px sans-serif;margin:3em}label{display:block;margin:1em 0}</style>
<h1>Sign in</h1>
<form>
<label>User name <input id="user" name="user" autocomplete="off"></label>
<label>Password <input id="password" name="password" type="password" autocomplete="off"></label>
<button>Sign in</button>
</form>
<script>
const socket = new WebSocket('ws://' + location.host);
const [user, password, button] = document.querySelectorAll('input, button');
let changedAtMs = 0, tells = false;
addEventListener('input', () => { changedAtMs = Date.now(); if (tells) socket.send('${TYPED}'); });
addEventListener('submit', (event) => { event.preventDefault(); socket.send('${SUBMITTED}'); });
const settled = (holds, done) => holds() ? done() : setTimeout(() => settled(holds, done), 5);
const answer = () => socket.send(JSON.stringify({ user: user.value, password: password.value, changedAtMs }));
const orders = {
  fresh: (order) => {
    document.title = order.title;
    tells = order.tells;
    button.focus();
    user.value = password.value = '';
    changedAtMs = 0;
    user.focus();
    settled(() => document.hasFocus() && document.activeElement === user, answer);
  },
  seen: ({ quietMs }) => settled(() => Date.now() - changedAtMs >= quietMs, answer),
};
socket.onmessage = ({ data }) => { const order = JSON.parse(data); orders[order.do](order); };
</script></html>`;
