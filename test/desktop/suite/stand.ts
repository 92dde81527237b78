// The stand of the suite: one desktop, one browser with the page under test in front, and witnesses for whatever goes astray.
import type { ApplicationRules } from '../../../config/applications.ts';
import type { Outcome, Reason } from '../../../contracts/reasons.ts';
import { isTrouble, type Context, type Trouble } from '../../../platform/port.ts';
import { fill } from '../../../services/injector/fill.ts';
import { resolve } from '../../../services/window-resolver/decide.ts';
import { secret } from '../../platform/aim.ts';
import { startLab, type BrowserName, type Lab } from '../../platform/linux-stage.ts';
import { eventually } from '../../platform/stage.ts';
import { NAME, PASSWORD, type Case, type More } from './case.ts';
import { login } from './html.ts';
import { Site, TITLE } from './site.ts';
import type { Account, Arrival } from './sniffer.ts';
import { Witness } from './witness.ts';

/** What a tap came to, and what the sniffers saw of it. */
export interface Told {
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly detail: string;
  /** Fields of all documents of the page before the tap, and after it. */
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  /** Keys and inputs in the documents of the page. */
  readonly arrivals: readonly Arrival[];
  /** Documents of the page before the tap. */
  readonly documents: readonly string[];
  /** Keys and inputs anywhere else: in the other window of the browser, in the plain window. */
  readonly elsewhere: number;
}

/** Longer than the product gives a tap: what a busy machine makes of its deadline is not what the suite is about. */
const TAP_MS = 10_000;
const SETTLE_MS = 1_500;
const WINDOW_MS = 10_000;
const SHIFT = 50;
const CONTROL = 37;
const KEYCODES = { Down: 116, l: 46, Escape: 9 } as const;
const ANY: ApplicationRules = { included: [], suppressed: [] };

export class Stand {
  readonly site = new Site();
  readonly lab: Lab;
  readonly witness: Witness;
  /** The window under test. */
  #window = 0;
  /** The other window of the browser. */
  #other = 0;
  #cases = 0;
  /** Where the window under test is. */
  #shows = '/0/';
  /** The address bar was given the focus. */
  #bar = false;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.witness = new Witness(lab.desktop.address.display ?? '');
  }

  /** With a `scale`, the browser draws each unit of a page with so many pixels; the screen has room for it. A Chromium `exposes` what it is told to. */
  static async start(browser: BrowserName = 'chromium', scale = 1, exposes: 'basic' | 'complete' = 'basic'): Promise<Stand> {
    const stand = new Stand(await startLab(undefined, false, `${1280 * scale}x${900 * scale}`));
    const { site, lab } = stand;
    await site.listen();
    for (const path of ['/witness', '/0/page']) site.put(path, login);
    let openWindow: (url: string) => void = () => undefined;
    const open = (url: string) => (browser === 'firefox' ? lab.desktop.openFirefox(url, { scale }) : lab.desktop.openChromium(url, { app: false, scale, exposes }));
    stand.#other = await stand.#shown(() => site.loaded(['/witness'], async () => ({ openWindow } = await open(`${site.origins.page}/witness`))));
    stand.#window = await stand.#shown(() => site.loaded(['/0/page'], () => openWindow(`${site.origins.page}/0/page`)));
    return stand;
  }

  /** Opens the page of a case in the window under test, and puts the focus where the case has it. */
  async open([, page, focus, , { frames = {}, documents = {}, keys = [] } = {}]: Case): Promise<void> {
    const { site, lab } = this;
    if (this.#bar) await this.#leaveBar();
    const at = `/${++this.#cases}/`;
    site.put(`${at}page`, page);
    for (const [name, body] of Object.entries({ ...frames, ...documents })) site.put(`${at}${name}`, body);
    await eventually(async () => this.#hasKeyboard() || void lab.x11.setInputFocus(this.#window), (has) => has === true);
    const paths = ['page', ...Object.keys(frames)].map((name) => at + name);
    await site.go(this.#shows, `${site.origins.page}${at}page`, paths);
    this.#shows = at;
    if (focus !== '') await eventually(() => site.tell(at, { focus }), (accounts) => accounts.some(({ focused }) => focused === focus));
    for (const key of keys) this.#press(key);
  }

  /** A tap, from the look to the end of the fill. `during` runs beside it. */
  async tap({ rules }: More = {}, focus = '', during: () => void = () => undefined): Promise<Told> {
    const { site, lab } = this;
    const at = `/${this.#cases}/`;
    const accounts = await site.tell(at);
    const before = valuesOf(accounts);
    const context = await eventually(() => lab.look.context(), (seen) => this.#settled(seen, at, focus), SETTLE_MS);
    site.forget();
    const keysBefore = this.witness.look();
    during();
    const ended = await this.#fill(rules?.(site.origins) ?? ANY, context);
    if (ended.outcome !== 'refused') await this.#flush();
    const after = valuesOf(await site.tell(at));
    const [witness] = await site.tell('/witness');
    const inWitness = site.arrivals.filter(({ document }) => document === witness?.document);
    const arrivals = site.arrivals.filter((arrival) => !inWitness.includes(arrival));
    const typed = Object.values(witness?.values ?? {}).join('').length;
    const elsewhere = this.witness.look() - keysBefore + inWitness.filter(({ text }) => text !== 'Shift').length + typed;
    return { ...ended, before, after, arrivals, documents: accounts.map(({ document }) => document), elsewhere };
  }

  /** Windows that may come to the front: the one under test, the browser's other one, the plain one. */
  get windows(): { readonly tested: number; readonly other: number; readonly plain: number } {
    return { tested: this.#window, other: this.#other, plain: this.witness.window };
  }

  /** Has a script run in all documents of the case. */
  run(code: string): void {
    void this.site.tell(`/${this.#cases}/`, { run: code });
  }

  async end(): Promise<void> {
    this.witness.close();
    await this.lab.end();
    await this.site.close();
  }

  /** The window that `load` opens; its page is loaded before the window has the page's title. */
  async #shown(load: () => Promise<unknown>): Promise<number> {
    const { x11 } = this.lab;
    const known = new Set(x11.topLevels());
    await load();
    const isNew = (window: number): boolean => !known.has(window) && x11.titleOf(window).startsWith(TITLE);
    const shown = await eventually(async () => x11.topLevels().find(isNew) ?? 0, (window) => window !== 0, WINDOW_MS);
    if (shown === 0) throw new Error('no window shows the page');
    return shown;
  }

  async #fill(rules: ApplicationRules, context: Context | Trouble): Promise<Pick<Told, 'outcome' | 'reason' | 'detail'>> {
    const found = resolve(rules, context);
    if ('refused' in found) return { outcome: 'refused', reason: found.refused, detail: isTrouble(context) ? context.detail : '' };
    this.lab.act.prepare(found.target);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort('deadline:injection' satisfies Reason), TAP_MS);
    const credential = { user: NAME, domain: 'PLANT', password: secret(PASSWORD) };
    try {
      return await fill(this.lab.act, { ...found, credential, signal: deadline.signal });
    } finally {
      clearTimeout(timer);
      credential.password.wipe();
    }
  }

  /** The look knows of the page and of the focus that it has; a field that it must not see, it never knows. */
  #settled(seen: Context | Trouble, at: string, focus: string): boolean {
    if (isTrouble(seen)) return false;
    if (this.#bar) return seen.url === null;
    const field = seen.focused === null ? undefined : seen.fields[seen.focused];
    return seen.url !== null && new URL(seen.url).pathname.startsWith(at) && field?.htmlId === focus;
  }

  /** Keys arrive in order: once a last one is seen, all before it are. */
  async #flush(): Promise<void> {
    const seen = this.site.arrivals.length;
    this.witness.look();
    const { shifts } = this.witness;
    this.#keys(SHIFT);
    const seenIn = (): boolean => this.witness.look() >= 0 && this.witness.shifts > shifts;
    await this.site.until(() => seenIn() || this.site.arrivals.slice(seen).some(({ text }) => text === 'Shift'), SETTLE_MS);
  }

  #press(key: 'Down' | 'Bar'): void {
    if (key === 'Down') return this.#keys(KEYCODES.Down);
    this.#bar = true;
    this.#keys(CONTROL, KEYCODES.l);
  }

  async #leaveBar(): Promise<void> {
    const inPage = async (): Promise<boolean> => {
      this.#keys(KEYCODES.Escape);
      return (await this.site.tell(`/${this.#cases}/`)).some(({ focused }) => focused !== '');
    };
    await eventually(inPage, (is) => is);
    this.#bar = false;
  }

  #keys(...keycodes: readonly number[]): void {
    for (const keycode of keycodes) this.lab.x11.key(keycode, true);
    for (const keycode of [...keycodes].reverse()) this.lab.x11.key(keycode, false);
    this.lab.x11.sync();
  }

  #hasKeyboard(): boolean {
    const { x11 } = this.lab;
    return x11.activeWindow() === this.#window && x11.within(x11.inputFocus(), this.#window);
  }
}

const valuesOf = (accounts: readonly Account[]): Record<string, string> => Object.assign({}, ...accounts.map(({ values }) => values)) as Record<string, string>;
