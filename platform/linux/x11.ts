// One connection to the X server: windows, input focus, keyboard state, synthetic keys, the picture of the screen.
import { decodeBytes, decodeImage, decodeLongs, xlib } from './xlib.ts';
import type { Out, Pointer, Xlib } from './xlib.ts';

/** What the keyboard holds down or has latched; bit masks as in `XkbStateRec`. */
export interface KeyboardState {
  readonly group: number;
  readonly base: number;
  readonly latched: number;
  readonly locked: number;
}

export interface KeyMapping {
  readonly keycode: number;
  readonly keysym: number;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of the screen, four bytes each: blue, green, red, unused. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly bytesPerLine: number;
  readonly bytes: Buffer;
}

/** The X server cannot be reached. */
export class NoDisplayError extends Error {
  override readonly name = 'NoDisplayError';
  readonly code = 'NO_DISPLAY';
}

const CORE_KEYBOARD = 0x100;
const PROPERTY_LONGS_MAX = 1024;
const ANCESTORS_MAX = 32;
const EVENT_BYTES = 192;
/** `XWindowAttributes`: its size, and where in it `map_state` and `override_redirect` stand. */
const ATTRIBUTES = { bytes: 136, mapState: 92, overrideRedirect: 120 } as const;
const IS_VIEWABLE = 2;

export class X11 {
  readonly minKeycode: number;
  readonly maxKeycode: number;
  readonly #x: Xlib;
  readonly #display: Pointer;
  readonly #root: number;
  readonly #atoms = new Map<string, number>();
  #lost = false;

  /** Throws `NoDisplayError` if there is no X server at `display`, or no libX11. */
  constructor(display: string) {
    this.#x = xlib();
    const opened = this.#x.open(display);
    if (opened === null) throw new NoDisplayError('the X server cannot be reached');
    this.#display = opened;
    this.#x.onLost(opened, () => (this.#lost = true));
    this.#root = Number(this.#x.root(opened));
    const [min, max]: [Out<number>, Out<number>] = [[0], [0]];
    this.#x.keycodes(opened, min, max);
    [this.minKeycode, this.maxKeycode] = [min[0], max[0]];
  }

  /** True once the server is gone; every answer is empty from then on. */
  get lost(): boolean {
    return this.#lost;
  }

  /** The window in front: `_NET_ACTIVE_WINDOW`, or, without a window manager, the owner of the input focus. 0 if none. */
  activeWindow(): number {
    if (this.managed()) return this.#longs(this.#root, '_NET_ACTIVE_WINDOW')[0] ?? 0;
    const focus = this.inputFocus();
    return this.ownerOf(focus) || this.#topOf(focus);
  }

  /** True while a window manager lives. A dead one leaves a stale `_NET_ACTIVE_WINDOW` behind; its check window dies with it. */
  managed(): boolean {
    const check = this.#longs(this.#root, '_NET_SUPPORTING_WM_CHECK')[0] ?? 0;
    return check !== 0 && this.#longs(check, '_NET_SUPPORTING_WM_CHECK')[0] === check;
  }

  /** The nearest window that names its process, from `window` upwards; 0 if none does. */
  ownerOf(window: number): number {
    let at = window;
    for (let depth = 0; at > 1 && at !== this.#root && depth < ANCESTORS_MAX; depth++) {
      if (this.pidOf(at) > 0) return at;
      at = this.#parentOf(at);
    }
    return 0;
  }

  /** True if `window` is `ancestor` or lies inside it. */
  within(window: number, ancestor: number): boolean {
    let at = window;
    for (let depth = 0; at > 1 && depth < ANCESTORS_MAX; depth++) {
      if (at === ancestor) return true;
      at = this.#parentOf(at);
    }
    return false;
  }

  /** Windows directly on the screen, lowest first. */
  topLevels(): number[] {
    return this.#treeOf(this.#root).children;
  }

  /** Windows that a person works with, lowest first; a window manager tells of those, too, that are not shown now. */
  clients(): number[] {
    if (!this.managed()) return this.topLevels().filter((window) => this.#standsAlone(window));
    const stacked = this.#longs(this.#root, '_NET_CLIENT_LIST_STACKING');
    return stacked.length > 0 ? stacked : this.#longs(this.#root, '_NET_CLIENT_LIST');
  }

  pidOf(window: number): number {
    return this.#longs(window, '_NET_WM_PID')[0] ?? 0;
  }

  titleOf(window: number): string {
    const title = this.#property(window, '_NET_WM_NAME') ?? this.#property(window, 'WM_NAME');
    return title?.toString('utf8') ?? '';
  }

  /** Place and size on the screen; null if the window is gone. */
  rectangleOf(window: number): Rectangle | null {
    const out: Out<number>[] = Array.from({ length: 7 }, () => [0]);
    const [root, x, y, width, height, border, depth] = out as [Out<number>, Out<number>, Out<number>, Out<number>, Out<number>, Out<number>, Out<number>];
    if (this.#x.geometry(this.#display, window, root, x, y, width, height, border, depth) === 0) return null;
    this.#x.translate(this.#display, window, this.#root, 0, 0, x, y, depth);
    return { x: x[0], y: y[0], width: width[0], height: height[0] };
  }

  /** Window that receives keys; 0 or 1 if none does (`None`, `PointerRoot`). */
  inputFocus(): number {
    const window: Out<number | bigint> = [0];
    this.#x.inputFocus(this.#display, window, [0]);
    return Number(window[0]);
  }

  setInputFocus(window: number): void {
    this.#x.setInputFocus(this.#display, window, 2, 0);
    this.sync();
  }

  /** Runs `use` while no other client can change anything. `use` must not await. */
  grabbed<R>(use: () => R): R {
    this.#x.grabServer(this.#display);
    try {
      return use();
    } finally {
      this.#x.ungrabServer(this.#display);
      this.#x.flush(this.#display);
    }
  }

  sync(): void {
    this.#x.sync(this.#display, 0);
  }

  /** Sends one synthetic key event. */
  key(keycode: number, press: boolean): void {
    this.#x.fakeKey(this.#display, keycode, press ? 1 : 0, 0);
  }

  /** Reads what the server said since, so that the next `keysymAt` speaks of the present layout. */
  refreshKeyboard(): void {
    this.sync();
    const event = new Uint8Array(EVENT_BYTES);
    while (this.#x.pending(this.#display) > 0) {
      this.#x.nextEvent(this.#display, event);
      const type = event[0] ?? 0;
      if (type === 34 || type >= 64) this.#x.refreshKeyboard(event);
    }
  }

  /** Keysym of a key in a group and shift level, both from 0; 0 if there is none. */
  keysymAt(keycode: number, group: number, level: number): number {
    return Number(this.#x.keysym(this.#display, keycode, group, level));
  }

  codePointOf(keysym: number): number {
    return this.#x.codePointOf(keysym);
  }

  /** All keysyms of each keycode from `minKeycode` on, as the core protocol lists them. */
  keyboardMapping(): number[][] {
    const count = this.maxKeycode - this.minKeycode + 1;
    const per: Out<number> = [0];
    const data = this.#x.keyboardMapping(this.#display, this.minKeycode, count, per);
    if (data === null) return [];
    const all = decodeLongs(data, per[0] * count);
    this.#x.free(data);
    return Array.from({ length: count }, (_, key) => all.slice(key * per[0], (key + 1) * per[0]));
  }

  /**
   * Gives each keycode one keysym for all levels; 0 takes it away. Neighbours go in one request: every request makes
   * each program read the keyboard anew, and a window manager may take a tenth of a second for it.
   */
  mapKeys(mappings: readonly KeyMapping[]): void {
    const sorted = [...mappings].sort((a, b) => a.keycode - b.keycode);
    for (let from = 0, to = 0; from < sorted.length; from = to) {
      const first = sorted[from]?.keycode ?? 0;
      while (sorted[to]?.keycode === first + to - from) to++;
      const keysyms = sorted.slice(from, to).flatMap(({ keysym }) => [keysym, keysym]);
      this.#x.changeMapping(this.#display, first, 2, keysyms, to - from);
    }
  }

  keyboardState(): KeyboardState {
    const state = new Uint8Array(32);
    this.#x.xkbState(this.#display, CORE_KEYBOARD, state);
    return { group: state[0] ?? 0, base: state[7] ?? 0, latched: state[8] ?? 0, locked: state[9] ?? 0 };
  }

  /** Locks or unlocks the modifiers of `affect` as `values` says. */
  lockModifiers(affect: number, values: number): void {
    this.#x.xkbLockModifiers(this.#display, CORE_KEYBOARD, affect, values);
  }

  clearLatches(): void {
    this.#x.xkbLatchModifiers(this.#display, CORE_KEYBOARD, 0xff, 0);
  }

  lockGroup(group: number): void {
    this.#x.xkbLockGroup(this.#display, CORE_KEYBOARD, group);
  }

  /** Keycodes that are down now. */
  pressedKeys(): number[] {
    const bits = new Uint8Array(32);
    this.#x.queryKeymap(this.#display, bits);
    const down = (keycode: number): boolean => (((bits[keycode >> 3] ?? 0) >> (keycode & 7)) & 1) === 1;
    return Array.from({ length: 256 }, (_, keycode) => keycode).filter(down);
  }

  /** The whole screen; null if the server gives no 32-bit picture. */
  picture(): Picture | null {
    const screen = this.rectangleOf(this.#root);
    if (screen === null) return null;
    const image = this.#x.image(this.#display, this.#root, 0, 0, screen.width, screen.height, 0xffffff, 2);
    if (image === null) return null;
    const { width, height, bytes_per_line: bytesPerLine, bits_per_pixel: bits, data } = decodeImage(image);
    const bytes = bits === 32 ? decodeBytes(data, bytesPerLine * height) : null;
    this.#x.destroyImage(image);
    return bytes && { width, height, bytesPerLine, bytes };
  }

  close(): void {
    if (!this.#lost) this.#x.close(this.#display);
    this.#lost = true;
  }

  /** Shown, and no menu or tooltip. */
  #standsAlone(window: number): boolean {
    const attributes = Buffer.alloc(ATTRIBUTES.bytes);
    if (this.#x.attributes(this.#display, window, attributes) === 0) return false;
    return attributes.readInt32LE(ATTRIBUTES.mapState) === IS_VIEWABLE && attributes.readInt32LE(ATTRIBUTES.overrideRedirect) === 0;
  }

  /** The window directly on the screen that holds `window`; 0 for the screen itself. */
  #topOf(window: number): number {
    return this.topLevels().find((top) => this.within(window, top)) ?? 0;
  }

  #parentOf(window: number): number {
    return this.#treeOf(window).parent;
  }

  #treeOf(window: number): { parent: number; children: number[] } {
    const [root, parent, list, count]: [Out<number | bigint>, Out<number | bigint>, Out<Pointer | null>, Out<number>] = [[0], [0], [null], [0]];
    if (this.#x.queryTree(this.#display, window, root, parent, list, count) === 0) return { parent: 0, children: [] };
    const children = list[0] === null ? [] : decodeLongs(list[0], count[0]);
    if (list[0] !== null) this.#x.free(list[0]);
    return { parent: Number(parent[0]), children };
  }

  #longs(window: number, name: string): number[] {
    const bytes = this.#property(window, name);
    if (bytes === null || bytes.byteLength % 8 !== 0) return [];
    return Array.from({ length: bytes.byteLength / 8 }, (_, index) => Number(bytes.readBigUInt64LE(index * 8)));
  }

  // Xlib hands 32-bit items out as C longs, eight bytes each.
  #property(window: number, name: string): Buffer | null {
    let atom = this.#atoms.get(name);
    if (atom === undefined) this.#atoms.set(name, (atom = Number(this.#x.atom(this.#display, name, 0))));
    const [type, format, items, after, data]: [Out<number>, Out<number>, Out<number | bigint>, Out<number>, Out<Pointer | null>] = [[0], [0], [0], [0], [null]];
    const failed = this.#x.property(this.#display, window, atom, 0, PROPERTY_LONGS_MAX, 0, 0, type, format, items, after, data);
    if (failed !== 0 || data[0] === null) return null;
    const bytes = decodeBytes(data[0], Number(items[0]) * (format[0] === 32 ? 8 : format[0] / 8));
    this.#x.free(data[0]);
    return bytes;
  }
}
