// Pages for a real browser, made of the scenes: they take orders from the test and tell it what arrived in them.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SCENES, SCENE_NAMES } from '../../platform/virtual/scenes.ts';
import type { FieldSpec, PageSpec, SceneName } from '../../platform/virtual/scenes.ts';

type Order = Readonly<Record<string, string | number>>;
/** What a page answers to every order, and says by itself at the start: its fields, and the person's signs of it. */
interface Report {
  readonly values: Readonly<Record<string, string>>;
  readonly stray: string;
  readonly submits: number;
  readonly focused: string;
  /** Kind of each input event: `name:type` in the order of arrival. */
  readonly events: readonly string[];
}

const ORDER_MS = 30_000;

export class Pages {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #streams = new Map<string, ServerResponse>();
  readonly #greetings = new Map<string, () => void>();
  readonly #answers = new Map<number, (report: Report) => void>();
  #orders = 0;

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  urlOf(scene: SceneName, key: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${SCENES[scene].path}?key=${key}`;
  }

  /** Runs `open` and resolves when the page of that key has loaded and listens. */
  async loaded(key: string, open: () => Promise<void> | void): Promise<void> {
    const greeting = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the page did not load')), ORDER_MS);
      this.#greetings.set(key, () => resolve(clearTimeout(timer)));
    });
    await open();
    await greeting;
    this.#greetings.delete(key);
  }

  /** Orders: `{focus}`, `{replace}`, `{navigate}`, `{close}`, `{report}`,
   *  `{elsewhereAfter}`: a script moves the focus to the button after so many inputs. Resolves when it is done. */
  order(key: string, order: Order): Promise<Report> {
    const id = ++this.#orders;
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`the page ${key} did not answer ${Object.keys(order).join()}; ${this.shows(key) ? 'it is shown' : 'it is gone'}`));
      const timer = setTimeout(fail, ORDER_MS);
      this.#answers.set(id, (report) => {
        clearTimeout(timer);
        this.#answers.delete(id);
        resolve(report);
      });
      this.#streams.get(key)?.write(`data: ${JSON.stringify({ ...order, id })}\n\n`);
    });
  }

  /** True while a page of that key is shown. */
  shows(key: string): boolean {
    return this.#streams.has(key);
  }

  async close(): Promise<void> {
    for (const stream of this.#streams.values()) stream.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const key = url.searchParams.get('key') ?? '';
    if (url.pathname === '/orders') return this.#attach(key, response);
    if (url.pathname === '/answer') return this.#answered(request, response);
    const scene = SCENE_NAMES.find((name) => SCENES[name].path === url.pathname);
    response.writeHead(scene === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(scene === undefined ? '' : pageOf(SCENES[scene], scene === 'controlled'));
  }

  #attach(key: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': here\n\n');
    this.#streams.set(key, response);
    response.once('close', () => this.#streams.get(key) === response && this.#streams.delete(key));
    this.#greetings.get(key)?.();
  }

  async #answered(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { id, report } = JSON.parse(Buffer.concat(parts).toString('utf8')) as { id: number; report: Report };
    response.end();
    this.#answers.get(id)?.(report);
  }
}

function pageOf(page: PageSpec, controlled: boolean): string {
  const forms = Map.groupBy(page.fields, (field) => field.form ?? 'main');
  const body = [...forms].map(([name, fields]) => `<form name="${name}">${fields.map(fieldOf).join('')}<button>Sign in</button></form>`);
  return `<!doctype html><meta charset="utf-8"><title>${page.title}</title>
<style>body{font:16px sans-serif;margin:3em}label{display:inline-block;width:14em}p{margin:.6em 0}</style>
<h1>${page.title}</h1>${body.join('')}<script>const controlled=${controlled};${SCRIPT}</script>`;
}

function fieldOf(field: FieldSpec): string {
  const { name, label, role, value = '', options = [] } = field;
  const common = `id="${name}" name="${name}" autocomplete="${field.autocomplete ?? ''}"${field.hidden ? ' style="display:none"' : ''}`;
  const listed = options.map((option) => `<option${option === value ? ' selected' : ''}>${option}</option>`).join('');
  const limits = `${field.readOnly ? ' readonly' : ''}${field.maxLength === undefined ? '' : ` maxlength="${field.maxLength}"`}`;
  const control = role === 'select'
    ? `<select ${common}>${listed}</select>`
    : `<input ${common} type="${role}" value="${value}"${limits}>`;
  return `<p><label for="${name}">${label}</label>${control}</p>`;
}

const SCRIPT = `
const key = new URLSearchParams(location.search).get('key');
const fields = () => [...document.querySelectorAll('input,select')];
const shown = (field) => field.tagName === 'SELECT' ? field.selectedOptions[0].text : field.value;
const state = { stray: '', submits: 0, events: [] };
const model = new Map();
document.addEventListener('submit', (event) => { event.preventDefault(); state.submits++; });
document.addEventListener('keydown', (event) => {
  if (!event.ctrlKey && event.key.length <= 2 && !fields().includes(event.target)) state.stray += event.key;
});
for (const type of ['input', 'change']) document.addEventListener(type, (event) => {
  state.events.push(event.target.name + ':' + type + (event.isTrusted ? '' : ':untrusted'));
  if (controlled && type === 'input') model.set(event.target.name, event.target.value);
});
if (controlled) setInterval(() => {
  for (const field of fields()) { const due = model.get(field.name) ?? ''; if (field.value !== due) field.value = due; }
}, 1);
const settled = (holds, done) => holds() ? done() : setTimeout(() => settled(holds, done), 5);
const answer = (id) => fetch('/answer', { method: 'POST', body: JSON.stringify({ id, report: {
  ...state, values: Object.fromEntries(fields().map((field) => [field.name, shown(field)])), focused: document.activeElement?.id ?? '' } }) });
new EventSource('/orders?key=' + key).onmessage = ({ data }) => {
  const order = JSON.parse(data);
  const field = document.getElementById(order.focus ?? order.replace);
  if (order.focus) { field.focus(); return settled(() => document.hasFocus() && document.activeElement === field, () => answer(order.id)); }
  if (order.replace) { const fresh = field.cloneNode(); fresh.value = ''; field.replaceWith(fresh); }
  if (order.elsewhereAfter) {
    let inputs = 0;
    document.addEventListener('input', () => { if (++inputs === order.elsewhereAfter) document.querySelector('button').focus(); });
  }
  answer(order.id).then(() => { if (order.navigate) location.replace(order.navigate); if (order.close) window.close(); });
};
`;
