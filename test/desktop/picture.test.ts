// The page of a replay in a real Chromium: what it shows, that zoom and click work, and that it asks the network for nothing.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import WebSocket from 'ws';
import { Painter } from '../../insight/picture.ts';
import { replayer } from '../../insight/replay.ts';
import { recordedSettings } from '../../insight/replay-settings.ts';
import { findProgram } from '../../ops/lab/desktop/processes.ts';
import { startDesktop, type LabDesktop } from '../../ops/lab/desktop.ts';
import { writePicture } from '../../ops/replay/picture.ts';
import { BANDS, recorded, type Happening } from '../insight/live.ts';

const [ADA, GRACE] = BANDS;
const tap = (ms: number, band: string): Happening => ({ ms, what: 'raw', raw: { kind: 'nfc', uid: band, band } });
const dir = await mkdtemp(join(tmpdir(), 'tapline-picture-'));
const page = join(dir, 'taps.html');
let desktop: LabDesktop;
let browser: Browser;

test.before(async () => {
  const { header, entries } = recorded({
    happenings: [
      tap(1_000, ADA), tap(1_600, ADA), tap(9_000, GRACE), tap(20_000, ADA), tap(20_050, GRACE), { ms: 31_000, what: 'approach', band: ADA, nearDbm: -36 },
      tap(45_000, GRACE), { ms: 52_000, what: 'raw', raw: { kind: 'nfc', uid: '', band: null } },
    ],
    manners: [
      { refuses: false, resolvedMs: 9, begunMs: 20, endedMs: 50 }, { refuses: true, resolvedMs: 12, begunMs: 0, endedMs: 0 },
      { refuses: false, resolvedMs: 11, begunMs: 1_700, endedMs: 60 },
    ],
    lagsMs: [0.4],
  });
  const painter = new Painter(header, recordedSettings(header));
  const { take } = replayer(header);
  for (const entry of entries) painter.take(entry, take(entry));
  await writePicture(page, painter.picture([]));
  desktop = await startDesktop({ dir });
  browser = await Browser.open(desktop);
});
test.after.always(async () => {
  await browser?.close();
  await desktop?.close();
  await rm(dir, { recursive: true, force: true });
});

test.serial('it shows a lane for each actor, every tap as a bar, and drops with their reason', async (t) => {
  const texts = await browser.tell<string[]>(`[...document.querySelectorAll('#lanes > text')].map((text) => text.textContent)`);
  for (const lane of ['gestures', 'tap', 'tap-listener', 'window-resolver', 'credential-broker', 'injector']) t.true(texts.includes(lane), lane);
  t.is(await browser.tell(`document.querySelectorAll('#lanes circle').length`), 5);
  t.is(await browser.tell(`document.querySelectorAll('#lanes path').length`), 3);
  t.regex(await browser.tell(`document.getElementById('counts').innerText`), /dropped: bounce 1/);
});

test.serial('a click on a tap zooms to it, with its stages against the budget and what there is to say of it', async (t) => {
  await browser.clickOn('#lanes circle');
  t.regex(await browser.tell(`document.getElementById('details').innerText`), /filled[\s\S]*within 100 ms \(budget\.ambiguityMs\)[\s\S]*170 ms of 2,500 ms/);
  const bars = await browser.tell<string[]>(`[...document.querySelectorAll('#lanes rect.work title')].map((title) => title.textContent)`);
  for (const stage of ['accept', 'resolve', 'credential', 'inject']) t.true(bars.some((bar) => bar.startsWith(stage)), stage);
  t.true(await browser.tell<number>(`document.querySelectorAll('#lanes rect.limit').length`) >= 2);
  t.regex(await browser.tell(`document.getElementById('shown').textContent`), /^00:00:00\.9\d\d to 00:00:01\.\d{3}$/);
});

test.serial('the wheel zooms, and the keys go from gesture to gesture', async (t) => {
  const before = await browser.tell<string>(`document.getElementById('shown').textContent`);
  await browser.wheelOn('#lanes', 600);
  t.not(await browser.tell(`document.getElementById('shown').textContent`), before);
  await browser.key('ArrowRight');
  t.regex(await browser.tell(`document.getElementById('details').innerText`), /^dropped: bounce[\s\S]*600 ms before/);
});

test.serial('it is light or dark as the reader wishes, and a picture of it is no blank', async (t) => {
  await browser.clickOn('#before');
  const [light, dark] = [await browser.look('light'), await browser.look('dark')];
  t.is(light.ground, 'rgb(246, 247, 248)');
  t.is(dark.ground, 'rgb(17, 22, 27)');
  // A page without its lanes takes a fifth of that.
  for (const { png } of [light, dark]) t.true(png.length > 30_000, String(png.length));
});

test.serial('nothing was asked of any network, and nothing went wrong', (t) => {
  t.deepEqual(browser.asked, [pathToFileURL(page).href]);
  t.deepEqual(browser.faults, []);
});

type Told = { readonly id?: number; readonly method?: string; readonly params?: Record<string, never>; readonly result?: Result };
interface Result {
  readonly result?: { readonly value?: unknown };
  readonly data?: string;
}

/** A Chromium on the lab's desktop, led over its own debugging protocol. */
class Browser {
  readonly asked: string[] = [];
  readonly faults: unknown[] = [];
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (told: Told) => void>();
  #last = 0;

  static async open({ environment }: LabDesktop): Promise<Browser> {
    const child = spawn(findProgram('chromium') ?? 'chromium', [
      '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--password-store=basic',
      '--disable-dev-shm-usage', '--test-type', '--remote-debugging-port=0',
      `--user-data-dir=${join(dir, 'profile')}`, '--window-position=0,0', '--window-size=1280,900', '--app=data:text/html,',
    ], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of createInterface(child.stderr)) {
      const [, port] = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line) ?? [];
      if (port !== undefined) return Browser.#at(child, Number(port));
    }
    throw new Error('Chromium ended before it could be led');
  }

  static async #at(child: ChildProcess, port: number): Promise<Browser> {
    child.stderr?.resume();
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { type: string; url: string; webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(targets.find(({ type, url }) => type === 'page' && url.startsWith('data:'))!.webSocketDebuggerUrl);
    await once(socket, 'open');
    const opened = new Browser(child, socket);
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await opened.#ask(`${domain}.enable`);
    const loaded = opened.#until('Page.loadEventFired');
    await opened.#ask('Page.navigate', { url: pathToFileURL(page).href });
    await loaded;
    return opened;
  }

  private constructor(child: ChildProcess, socket: WebSocket) {
    this.#process = child;
    this.#socket = socket;
    socket.on('close', () => this.#answers.forEach((resolve) => resolve({})));
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as Told));
  }

  /** The value of an expression in the page. */
  async tell<T>(expression: string): Promise<T> {
    const { result } = await this.#ask('Runtime.evaluate', { expression, returnByValue: true });
    return result?.result?.value as T;
  }

  async clickOn(selector: string): Promise<void> {
    const at = await this.#middleOf(selector);
    for (const type of ['mousePressed', 'mouseReleased']) await this.#ask('Input.dispatchMouseEvent', { type, ...at, button: 'left', clickCount: 1 });
  }

  async wheelOn(selector: string, deltaY: number): Promise<void> {
    await this.#ask('Input.dispatchMouseEvent', { type: 'mouseWheel', ...(await this.#middleOf(selector)), deltaX: 0, deltaY });
  }

  /** Its ground and its picture in that scheme. */
  async look(scheme: 'light' | 'dark'): Promise<{ readonly ground: string; readonly png: Buffer }> {
    await this.#ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    const { result } = await this.#ask('Page.captureScreenshot', { format: 'png' });
    const ground = await this.tell<string>('getComputedStyle(document.body).backgroundColor');
    return { ground, png: Buffer.from(result?.data ?? '', 'base64') };
  }

  async key(key: string): Promise<void> {
    for (const type of ['keyDown', 'keyUp']) await this.#ask('Input.dispatchKeyEvent', { type, key, code: key });
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    await this.#ask('Browser.close').catch(() => {});
    await ended;
  }

  #middleOf(selector: string): Promise<{ x: number; y: number }> {
    return this.tell(`(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(document.querySelector('${selector}').getBoundingClientRect())`);
  }

  #ask(method: string, params: object = {}): Promise<Told> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #until(method: string): Promise<void> {
    return new Promise((resolve) => {
      const hear = (data: Buffer): void => {
        if ((JSON.parse(data.toString()) as Told).method !== method) return;
        this.#socket.off('message', hear);
        resolve();
      };
      this.#socket.on('message', hear);
    });
  }

  #hear(told: Told): void {
    if (told.id !== undefined) this.#answers.get(told.id)?.(told);
    if (told.method === 'Network.requestWillBeSent') this.asked.push((told.params as unknown as { request: { url: string } }).request.url);
    if (told.method === 'Runtime.exceptionThrown' || told.method === 'Log.entryAdded') this.faults.push(told.params);
  }
}
