// What an X server shows: windows and their properties, the input focus, the picture of the screen; and its keyboard.
import { XKeyboard } from './x-keyboard.ts';
import { decodeBytes, decodeImage, decodeLongs } from './xlib.ts';
import type { Out, Pointer } from './xlib.ts';

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

const ANCESTORS_MAX = 32;
/** `XWindowAttributes`: its size, and where in it its members stand. */
const ATTRIBUTES = { bytes: 136, x: 0, y: 4, width: 8, height: 12, kind: 40, mapState: 92, overrideRedirect: 120 } as const;
const IS_VIEWABLE = 2;
const SHOWS_SOMETHING = 1;

export class X11 extends XKeyboard {
  readonly #atoms = new Map<string, number>();

  /** The window in front: `_NET_ACTIVE_WINDOW`, or, without a window manager, the owner of the input focus. 0 if none. */
  activeWindow(): number {
    const [check, active] = this.#properties([this.root, WM_CHECK], [this.root, '_NET_ACTIVE_WINDOW']);
    if (this.#isAlive(check)) return longsIn(active)[0] ?? 0;
    const focus = this.inputFocus();
    return this.ownerOf(focus) || this.#topOf(focus);
  }

  /** True while a window manager lives. A dead one leaves a stale `_NET_ACTIVE_WINDOW` behind; its check window dies with it. */
  managed(): boolean {
    return this.#isAlive(this.#properties([this.root, WM_CHECK])[0]);
  }

  /** True while an input method serves programs of this display by XIM. */
  servesInputMethod(): boolean {
    return this.#longs(this.root, 'XIM_SERVERS').some((selection) => Number(this.x.selectionOwner(this.display, selection)) !== 0);
  }

  /** The nearest window that names its process, from `window` upwards; 0 if none does. */
  ownerOf(window: number): number {
    for (const at of this.#upwards(window)) if (at !== this.root && this.pidOf(at) > 0) return at;
    return 0;
  }

  /** True if `window` is `ancestor` or lies inside it. */
  within(window: number, ancestor: number): boolean {
    for (const at of this.#upwards(window)) if (at === ancestor) return true;
    return false;
  }

  /** Windows directly on the screen, lowest first. */
  topLevels(): number[] {
    return this.#treeOf(this.root).children;
  }

  /** Windows that a person works with, lowest first; a window manager tells of those, too, that are not shown now. */
  clients(): number[] {
    if (!this.managed()) return this.topLevels().filter((window) => this.#standsAlone(window));
    const stacked = this.#longs(this.root, '_NET_CLIENT_LIST_STACKING');
    return stacked.length > 0 ? stacked : this.#longs(this.root, '_NET_CLIENT_LIST');
  }

  pidOf(window: number): number {
    return this.#longs(window, '_NET_WM_PID')[0] ?? 0;
  }

  titleOf(window: number): string {
    return this.toldOf(window).title;
  }

  /** Process and title of a window; 0 and empty where it tells none. */
  toldOf(window: number): { readonly pid: number; readonly title: string } {
    const [pid, named, name] = this.#properties([window, '_NET_WM_PID'], [window, '_NET_WM_NAME'], [window, 'WM_NAME']);
    return { pid: longsIn(pid)[0] ?? 0, title: (named ?? name)?.toString('utf8') ?? '' };
  }

  /** Place and size on the screen; null if the window is gone. */
  rectangleOf(window: number): Rectangle | null {
    const out: Out<number>[] = Array.from({ length: 7 }, () => [0]);
    const [root, x, y, width, height, border, depth] = out as [Out<number>, Out<number>, Out<number>, Out<number>, Out<number>, Out<number>, Out<number>];
    if (this.x.geometry(this.display, window, root, x, y, width, height, border, depth) === 0) return null;
    this.x.translate(this.display, window, this.root, 0, 0, x, y, depth);
    return { x: x[0], y: y[0], width: width[0], height: height[0] };
  }

  /** True if another window on the screen lies over a part of a place in `window`. */
  isOverlapped(window: number, { x, y, width, height }: Rectangle): boolean {
    const tops = this.topLevels();
    return tops.slice(tops.indexOf(this.#topOf(window)) + 1).some((top) => {
      const attributes = this.#attributesOf(top);
      if (attributes?.readInt32LE(ATTRIBUTES.mapState) !== IS_VIEWABLE || attributes.readInt32LE(ATTRIBUTES.kind) !== SHOWS_SOMETHING) return false;
      const [left, above] = [attributes.readInt32LE(ATTRIBUTES.x), attributes.readInt32LE(ATTRIBUTES.y)];
      const [right, below] = [left + attributes.readInt32LE(ATTRIBUTES.width), above + attributes.readInt32LE(ATTRIBUTES.height)];
      return left < x + width && right > x && above < y + height && below > y;
    });
  }

  /** Window that receives keys; 0 or 1 if none does (`None`, `PointerRoot`). */
  inputFocus(): number {
    const window: Out<number | bigint> = [0];
    this.x.inputFocus(this.display, window, [0]);
    return Number(window[0]);
  }

  setInputFocus(window: number): void {
    this.x.setInputFocus(this.display, window, 2, 0);
    this.sync();
  }

  /** The part of a place that is on the screen; null if none is. */
  onScreen({ x, y, width, height }: Rectangle): Rectangle | null {
    const screen = this.rectangleOf(this.root);
    if (screen === null) return null;
    const [left, top] = [Math.max(0, x), Math.max(0, y)];
    const part = { x: left, y: top, width: Math.min(screen.width, x + width) - left, height: Math.min(screen.height, y + height) - top };
    return part.width > 0 && part.height > 0 ? part : null;
  }

  /** The screen, or what of a place is on it; null if nothing is, or the server gives no 32-bit picture. */
  picture(place?: Rectangle): Picture | null {
    const part = place === undefined ? this.rectangleOf(this.root) : this.onScreen(place);
    const image = part && this.x.image(this.display, this.root, part.x, part.y, part.width, part.height, 0xffffff, 2);
    if (image === null) return null;
    const { width, height, bytes_per_line: bytesPerLine, bits_per_pixel: bits, data } = decodeImage(image);
    const bytes = bits === 32 ? decodeBytes(data, bytesPerLine * height) : null;
    this.x.destroyImage(image);
    return bytes && { width, height, bytesPerLine, bytes };
  }

  /** Shown, and no menu or tooltip. */
  #standsAlone(window: number): boolean {
    const attributes = this.#attributesOf(window);
    return attributes?.readInt32LE(ATTRIBUTES.mapState) === IS_VIEWABLE && attributes.readInt32LE(ATTRIBUTES.overrideRedirect) === 0;
  }

  /** `XWindowAttributes`; null if the window is gone. */
  #attributesOf(window: number): Buffer | null {
    const attributes = Buffer.alloc(ATTRIBUTES.bytes);
    return this.x.attributes(this.display, window, attributes) === 0 ? null : attributes;
  }

  /** The window directly on the screen that holds `window`; 0 for the screen itself. */
  #topOf(window: number): number {
    let top = 0;
    for (const at of this.#upwards(window)) {
      if (at === this.root) return top;
      top = at;
    }
    return 0;
  }

  /** A window and what it lies in, up to the screen. */
  *#upwards(window: number): Generator<number> {
    let at = window;
    for (let depth = 0; at > 1 && depth < ANCESTORS_MAX; depth++) {
      yield at;
      at = at === this.root ? 0 : this.#parentOf(at);
    }
  }

  #parentOf(window: number): number {
    return this.#treeOf(window).parent;
  }

  #treeOf(window: number): { parent: number; children: number[] } {
    const [root, parent, list, count]: [Out<number | bigint>, Out<number | bigint>, Out<Pointer | null>, Out<number>] = [[0], [0], [null], [0]];
    if (this.x.queryTree(this.display, window, root, parent, list, count) === 0) return { parent: 0, children: [] };
    const children = list[0] === null ? [] : decodeLongs(list[0], count[0]);
    if (list[0] !== null) this.x.free(list[0]);
    return { parent: Number(parent[0]), children };
  }

  /** True if the check window that the root names is still there and names itself. */
  #isAlive(check: Buffer | null | undefined): boolean {
    const [window = 0] = longsIn(check);
    return window !== 0 && this.#longs(window, WM_CHECK)[0] === window;
  }

  #longs(window: number, name: string): number[] {
    return longsIn(this.#properties([window, name])[0]);
  }

  #properties(...asked: (readonly [window: number, name: string])[]): (Buffer | null | undefined)[] {
    if (this.lost) return [];
    return this.xcb.properties(asked.map(([window, name]) => [window, this.#atomOf(name)]));
  }

  #atomOf(name: string): number {
    const known = this.#atoms.get(name) ?? Number(this.x.atom(this.display, name, 0));
    this.#atoms.set(name, known);
    return known;
  }
}

const WM_CHECK = '_NET_SUPPORTING_WM_CHECK';

/** Numbers of a property that has such; none of any other. */
function longsIn(value: Buffer | null | undefined): number[] {
  if (value === null || value === undefined || value.byteLength % 4 !== 0) return [];
  return Array.from({ length: value.byteLength / 4 }, (_, index) => value.readUInt32LE(index * 4));
}
