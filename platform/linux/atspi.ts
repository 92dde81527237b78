// What programs say of their elements when they are asked over the accessibility bus: roles, states, trees, text.
import { connectBus, connectProgram } from './bus.ts';
import type { Bus } from './bus.ts';
import { lineOf } from './line.ts';
import type { Rectangle } from './x11.ts';

/** One element: the unique bus name of its program and its path there. */
export interface Element {
  readonly sender: string;
  readonly path: string;
}

/** Numeric roles of AT-SPI; the names vary by toolkit. */
export const Role = {
  comboBox: 11, dialog: 16, frame: 23, label: 29, list: 31, listItem: 32, menu: 33, menuItem: 35, passwordText: 40, text: 61, window: 69,
  application: 75, entry: 79, documentFrame: 82, form: 87, documentWeb: 95, listBox: 98,
} as const;

/** Bit numbers of AT-SPI states. */
export const State = {
  active: 1, busy: 3, defunct: 6, editable: 7, enabled: 8, expanded: 10, focused: 12, multiLine: 17,
  selected: 23, sensitive: 24, showing: 25, visible: 30, readOnly: 43,
} as const;

/** Names under which toolkits go; others are possible. GTK changed its spelling. */
export const Toolkit = { chromium: 'Chromium', firefox: 'Gecko', gtk3: 'gtk', gtk4: 'GTK', qt: 'Qt' } as const;

export type StateSet = readonly number[];
export const hasState = (states: StateSet, bit: number): boolean => (((states[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1;

/** Every spare part of the name of an element, so that the text is never given to another one. */
export const refOf = (element: Element): string => Buffer.from(`${element.sender}\n${element.path}`, 'latin1').toString('base64url');

/** The element that `refOf` named; null if the text was not made by it. */
export function elementOf(ref: string): Element | null {
  const [sender, path] = Buffer.from(ref, 'base64url').toString('latin1').split('\n');
  return sender?.startsWith(':') && path?.startsWith('/') ? { sender, path } : null;
}

export const sameElement = (a: Element, b: Element): boolean => a.sender === b.sender && a.path === b.path;

export interface Search {
  readonly roles?: readonly number[];
  readonly states?: readonly number[];
}

const IFACE = 'org.a11y.atspi.';
/** The element above all others of a program. */
export const rootOf = (sender: string): Element => ({ sender, path: '/org/a11y/atspi/accessible/root' });
/** Whom programs tell that they are there; its children are their roots. */
export const REGISTRY = rootOf('org.a11y.atspi.Registry');
const Relation = { labelledBy: 2, controllerFor: 3 } as const;
const MATCH_ALL = 1;
const MATCH_ANY = 2;
const SORT_CANONICAL = 1;
const SCREEN_COORDINATES = 0;
const TO_THE_END = -1;
const CACHED_SENDERS_MAX = 256;
const LINES_MAX = 16;

/** Connects over the session bus and asks programs to expose themselves. Throws `BusError`. */
export async function openAccessibility(sessionBus: string): Promise<Accessibility> {
  const session = await connectBus(sessionBus);
  try {
    const address = await session.accessibilityAddress();
    await session.enableAccessibility();
    return new Accessibility(await connectBus(address), address);
  } finally {
    session.close();
  }
}

/** Every method throws `BusError` where the element, or its program, is gone or does not answer. */
export class Accessibility {
  readonly #bus: Bus;
  readonly #address: string;
  readonly #pids = new Map<string, number>();
  readonly #toolkits = new Map<string, string>();
  /** Lines to programs, past the bus; null where a program has none. */
  readonly #lines = new Map<string, Bus | null>();

  constructor(bus: Bus, address: string) {
    this.#bus = bus;
    this.#address = address;
  }

  get closed(): boolean {
    return this.#bus.closed;
  }

  /** Root elements of all programs. */
  applications(): Promise<Element[]> {
    return this.children(REGISTRY);
  }

  async pidOf(sender: string): Promise<number> {
    return cached(this.#pids, sender, () => this.#bus.pidOf(sender));
  }

  /** Name of the program's toolkit, as `Chromium`, `gtk`, `Qt`; empty if it does not say. */
  async toolkitOf(sender: string): Promise<string> {
    const ask = (): Promise<unknown> => this.#bus.property(sender, rootOf(sender).path, `${IFACE}Application`, 'ToolkitName');
    return cached(this.#toolkits, sender, async () => String(await ask().catch(() => '')));
  }

  async children(element: Element): Promise<Element[]> {
    return elements(await this.#first(element, 'Accessible', 'GetChildren'));
  }

  /** The element above; null at the top. */
  async parent(element: Element): Promise<Element | null> {
    return elements([await this.#property(element, 'Accessible', 'Parent')])[0] ?? null;
  }

  async role(element: Element): Promise<number> {
    return Number(await this.#first(element, 'Accessible', 'GetRole'));
  }

  async states(element: Element): Promise<StateSet> {
    return (await this.#first(element, 'Accessible', 'GetState')) as number[];
  }

  async name(element: Element): Promise<string> {
    return String(await this.#property(element, 'Accessible', 'Name'));
  }

  async attributes(element: Element): Promise<Readonly<Record<string, string>>> {
    return (await this.#first(element, 'Accessible', 'GetAttributes')) as Record<string, string>;
  }

  /** Name of the element that labels this one; empty if none does. */
  async labelledBy(element: Element): Promise<string> {
    const [label] = await this.labelsOf(element);
    return label === undefined ? '' : this.name(label);
  }

  /** Elements that label this one. */
  labelsOf(element: Element): Promise<Element[]> {
    return this.#related(element, Relation.labelledBy);
  }

  /** Elements that this one says it opens, or changes. */
  controlledBy(element: Element): Promise<Element[]> {
    return this.#related(element, Relation.controllerFor);
  }

  /** Elements below `root` in document order that have one of the roles and all of the states. GTK 4 and Qt 5 cannot. */
  async matches(root: Element, search: Search): Promise<Element[]> {
    const rule = [bits(search.states ?? [], 2), MATCH_ALL, {}, MATCH_ALL, bits(search.roles ?? [], 4), MATCH_ANY, [], MATCH_ALL, false];
    const body = [rule, SORT_CANONICAL, 0, true];
    return elements((await this.#ask(root, 'Collection', 'GetMatches', '(aiia{ss}iaiiasib)uib', body))[0]);
  }

  /** Place and size on the screen. */
  async extents(element: Element): Promise<Rectangle> {
    const [x, y, width, height] = (await this.#first(element, 'Component', 'GetExtents', 'u', [SCREEN_COORDINATES])) as [number, number, number, number];
    return { x, y, width, height };
  }

  /** What `root` says is on top at a point of the screen; null if nothing of it is there. */
  async elementAt(root: Element, { x, y }: { readonly x: number; readonly y: number }): Promise<Element | null> {
    return elements([await this.#first(root, 'Component', 'GetAccessibleAtPoint', 'iiu', [x, y, SCREEN_COORDINATES])])[0] ?? null;
  }

  async grabFocus(element: Element): Promise<void> {
    await this.#act(element, 'Component', 'GrabFocus');
  }

  /** Number of characters, by the toolkit's own count. */
  async characterCount(element: Element): Promise<number> {
    return Number(await this.#property(element, 'Text', 'CharacterCount'));
  }

  async text(element: Element): Promise<string> {
    const toolkit = await this.toolkitOf(element.sender);
    // GTK 4 gives nothing up to the end.
    const end = toolkit === Toolkit.gtk4 ? await this.characterCount(element) : TO_THE_END;
    const text = String(await this.#first(element, 'Text', 'GetText', 'ii', [0, end]));
    // Firefox counts UTF-16 units, and fills characters that take two of them up with a mark.
    return toolkit === Toolkit.firefox ? text.replace(/(?<=[\u{10000}-\u{10ffff}])\ufeff/gu, '') : text;
  }

  /** Replaces the text. The answer of some toolkits is true though nothing happened: read it back. */
  async setText(element: Element, text: string): Promise<boolean> {
    return Boolean(await this.#act(element, 'EditableText', 'SetTextContents', 's', [text]));
  }

  async doAction(element: Element, index: number): Promise<boolean> {
    return Boolean(await this.#act(element, 'Action', 'DoAction', 'i', [index]));
  }

  async selectChild(element: Element, index: number): Promise<boolean> {
    return Boolean(await this.#act(element, 'Selection', 'SelectChild', 'i', [index]));
  }

  /** The first selected child; null if none is. */
  async selectedChild(element: Element): Promise<Element | null> {
    return elements([await this.#first(element, 'Selection', 'GetSelectedChild', 'i', [0])])[0] ?? null;
  }

  /** URL of a document element; null if it has none yet. */
  async documentUrl(document: Element): Promise<string | null> {
    const attributes = (await this.#first(document, 'Document', 'GetAttributes')) as Record<string, string>;
    return attributes['URI'] || attributes['DocURL'] || null;
  }

  /** Calls `listener` when an element is told to have got the focus, by a program that somebody has tell. */
  async hearFocus(listener: (element: Element) => void): Promise<void> {
    this.#bus.onSignal(({ sender, path, interface: iface, member, body }) => {
      if (iface === `${IFACE}Event.Object` && member === 'StateChanged' && body[0] === 'focused' && body[1] === 1) listener({ sender, path });
    });
    await this.#bus.match(`interface='${IFACE}Event.Object',member='StateChanged',arg0='focused'`);
  }

  /** Another connection to the same bus. */
  connect(): Promise<Bus> {
    return connectBus(this.#address);
  }

  /** Whether a connection of that name is on the bus. */
  isConnected(name: string): Promise<boolean> {
    return this.#bus.hasOwner(name);
  }

  /** Has calls to a program go to it directly from now on, if it has a socket for them; answers come in half the time. */
  async callDirectly(program: string): Promise<void> {
    if (this.#lines.has(program)) return;
    const [oldest] = this.#lines.size < LINES_MAX ? [] : this.#lines;
    if (oldest !== undefined) {
      this.#lines.delete(oldest[0]);
      oldest[1]?.close();
    }
    this.#lines.set(program, null);
    const line = await this.#lineTo(program).catch(() => null);
    if (this.closed) line?.close();
    else this.#lines.set(program, line);
  }

  close(): void {
    for (const line of this.#lines.values()) line?.close();
    this.#bus.close();
  }

  async #lineTo(program: string): Promise<Bus | null> {
    const address = await lineOf(await this.pidOf(program));
    return address === null ? null : connectProgram(address);
  }

  /** The line to a program; the bus where there is none, or no longer. */
  #wayTo(program: string): Bus {
    const line = this.#lines.get(program);
    return line === undefined || line === null || line.closed ? this.#bus : line;
  }

  #ask(element: Element, iface: string, member: string, signature = '', body: unknown[] = []): Promise<unknown[]> {
    return this.#wayTo(element.sender).ask(element.sender, element.path, IFACE + iface, member, signature, body);
  }

  async #related(element: Element, wanted: number): Promise<Element[]> {
    const relations = (await this.#first(element, 'Accessible', 'GetRelationSet')) as [number, [string, string][]][];
    return elements(relations.find(([kind]) => kind === wanted)?.[1] ?? []);
  }

  async #first(element: Element, iface: string, member: string, signature = '', body: unknown[] = []): Promise<unknown> {
    return (await this.#ask(element, iface, member, signature, body))[0];
  }

  async #act(element: Element, iface: string, member: string, signature = '', body: unknown[] = []): Promise<unknown> {
    return (await this.#wayTo(element.sender).call(element.sender, element.path, IFACE + iface, member, signature, body))[0];
  }

  #property(element: Element, iface: string, name: string): Promise<unknown> {
    return this.#wayTo(element.sender).property(element.sender, element.path, IFACE + iface, name);
  }
}

// A missing element is told as the path `.../null`.
function elements(list: unknown): Element[] {
  const pairs = list as [string, string][];
  return pairs.filter(([, path]) => !path.endsWith('/null')).map(([sender, path]) => ({ sender, path }));
}

function bits(numbers: readonly number[], words: number): number[] {
  const set = new Int32Array(words);
  for (const bit of numbers) set[bit >> 5] = (set[bit >> 5] ?? 0) | (1 << (bit & 31));
  return [...set];
}

async function cached<T>(cache: Map<string, T>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= CACHED_SENDERS_MAX) cache.clear();
  const answer = await ask();
  // A program that is starting says nothing yet.
  if (answer !== '') cache.set(key, answer);
  return answer;
}
