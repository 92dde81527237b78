// The lab's login pages: real ones in looks and behaviour, that tell their server what arrived in which field.
// Values stay in this server's memory; nothing of them is logged.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** What a page is like. */
export const PAGES = {
  /** User name, password, and a search box that is neither. */
  login: 'Sign in',
  /** Inputs under the control of a script, which sets their values back from its model as React does. */
  controlled: 'Sign in, controlled inputs',
  /** Two persons sign one record: user1, password1, user2, password2. */
  dual: 'Electronic signature',
  /** The user is chosen from a drop-down. */
  select: 'Shift sign-in',
} as const;
export type PageName = keyof typeof PAGES;

const REPORT = z.object({
  /** One number for each time a page was loaded. */
  load: z.string().max(64),
  seq: z.number().int(),
  kind: z.enum(['loaded', 'focus', 'input', 'submit']),
  /** Name of the field; empty where none is concerned. */
  field: z.string().max(64),
  /** What the field holds after the event. */
  value: z.string().max(4_096),
  /** The event came from the user's side and not from a script of the page. */
  trusted: z.boolean(),
  /** Where a page keeps a model of its own, what that holds for the field. */
  model: z.string().max(4_096).nullable(),
});

/** One event on a page, in the order of its happening there. */
export interface Received extends z.output<typeof REPORT> {
  readonly page: PageName;
}

export interface PagesOptions {
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** User names in the drop-down of `select`. */
  readonly users?: readonly string[];
}

const LOOPBACK = '127.0.0.1';
const BODY_BYTES_MAX = 65_536;
const KEPT_MAX = 20_000;
const USERS = ['ada', 'grace', 'niklas', 'ines', 'halvor', 'lotte'];
const ASSETS: Readonly<Record<string, string>> = { 'style.css': 'text/css', 'report.js': 'text/javascript', 'controlled.js': 'text/javascript' };
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'none'",
};

/** Listens on loopback only. Rejects if the port is taken. */
export async function startPages({ port = 0, users = USERS }: PagesOptions = {}): Promise<Pages> {
  const pages = new Pages(users);
  await pages.listen(port);
  return pages;
}

export class Pages {
  readonly #users: readonly string[];
  readonly #server = createServer((request, response) => {
    // A browser that closes its window in the middle of a report is no trouble of ours.
    this.#serve(request, response).catch(() => response.destroy());
  });
  readonly #watchers = new Set<() => void>();
  #received: Received[] = [];

  constructor(users: readonly string[]) {
    this.#users = users;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, LOOPBACK, resolve);
    });
  }

  /** Address of a page; `field` gets the focus when it loads. */
  url(name: PageName, field?: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${LOOPBACK}:${port}/${name}${field === undefined ? '' : `#${field}`}`;
  }

  /** Everything since the start or `forget`, oldest first; the latest 20,000 events. */
  received(): readonly Received[] {
    return this.#received;
  }

  /** What each field of a page holds after its last event. */
  values(page: PageName): Readonly<Record<string, string>> {
    const inputs = this.#received.filter((event) => event.page === page && event.kind === 'input');
    return Object.fromEntries(inputs.map(({ field, value }) => [field, value]));
  }

  forget(): void {
    this.#received = [];
  }

  /** Resolves with the first event, of those already received or to come, that `matches`. */
  until(matches: (event: Received) => boolean): Promise<Received> {
    return new Promise((resolve) => {
      const watch = (): void => {
        const found = this.#received.find(matches);
        if (found === undefined) return;
        this.#watchers.delete(watch);
        resolve(found);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, first = '', second] = new URL(request.url ?? '/', 'http://lab').pathname.split('/');
    if (request.method === 'POST' && first === 'report' && isPage(second)) {
      const status = this.#report(second, await bodyOf(request));
      return void response.writeHead(status, HEADERS).end();
    }
    const file = request.method === 'GET' ? this.#file(first === '' ? 'login' : first) : null;
    if (file === null) return void response.writeHead(404, HEADERS).end();
    response.writeHead(200, { ...HEADERS, 'content-type': `${file.type}; charset=utf-8` }).end(file.text);
  }

  #file(name: string): { readonly type: string; readonly text: string } | null {
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (type !== undefined) return { type, text: textOf(name) };
    if (!isPage(name)) return null;
    const options = this.#users.map((user) => `<option>${user.replaceAll(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`)}</option>`);
    return { type: 'text/html', text: textOf(`${name}.html`).replace('<!-- users -->', () => options.join('')) };
  }

  /** The status to answer with. */
  #report(page: PageName, body: string | null): number {
    if (body === null) return 413;
    const events = readReports(body);
    if (events === null) return 400;
    this.#received = [...this.#received, ...events.map((event) => ({ page, ...event }))].slice(-KEPT_MAX);
    for (const watch of [...this.#watchers]) watch();
    return 204;
  }
}

const isPage = (name: string | undefined): name is PageName => name !== undefined && Object.hasOwn(PAGES, name);

const textOf = (file: string): string => readFileSync(new URL(`site/${file}`, import.meta.url), 'utf8');

/** Null if it is longer than the bound. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readReports(body: string): readonly z.output<typeof REPORT>[] | null {
  try {
    return z.array(REPORT).max(500).parse(JSON.parse(body));
  } catch {
    return null;
  }
}
