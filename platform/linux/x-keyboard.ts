// One connection to the X server, and its keyboard: state, meanings of keys, synthetic keys.
import { Xcb } from './xcb.ts';
import type { Moment } from './xcb.ts';
import { decodeLongs, noServer, xlib } from './xlib.ts';
import type { Out, Pointer, Xlib } from './xlib.ts';

/** What the keyboard holds down or has latched; bit masks as in `XkbStateRec`. */
export interface KeyboardState {
  /** Group in effect, from 0, and the one that stays when keys are let go. */
  readonly group: number;
  readonly lockedGroup: number;
  readonly base: number;
  readonly latched: number;
  readonly locked: number;
}

/** A keycode with its keysyms without and with Shift; alike if one is given, without a meaning if none. */
export interface KeyMapping {
  readonly keycode: number;
  readonly keysyms: readonly number[];
}

/** The X server cannot be reached. */
export class NoDisplayError extends Error {
  override readonly name = 'NoDisplayError';
  readonly code = 'NO_DISPLAY';
}

const CORE_KEYBOARD = 0x100;
const EVENT_BYTES = 192;
const GRAB_MODE = { sync: 0, async: 1 } as const;
const GRABBED = 0;
/** Slow keys, bounce keys and sticky keys, as in the enabled controls of XKB. */
const TYPING_AIDS = 0b1110;

export class XKeyboard {
  readonly minKeycode: number;
  readonly maxKeycode: number;
  protected readonly display: Pointer;
  protected readonly root: number;
  protected readonly xcb: Xcb;
  #lost = false;
  #changes = 0;
  #unshown: number | undefined;

  /** Throws `NoDisplayError` if there is no X server at `display`, other errors if a library of X is not installed. */
  constructor(display: string) {
    const opened = this.x.open(display);
    if (opened === null) throw new NoDisplayError('the X server cannot be reached');
    this.display = opened;
    this.root = Number(this.x.root(opened));
    this.xcb = new Xcb(opened);
    this.x.onLost(opened, () => (this.#lost = true));
    const [min, max]: [Out<number>, Out<number>] = [[0], [0]];
    this.x.keycodes(opened, min, max);
    [this.minKeycode, this.maxKeycode] = [min[0], max[0]];
  }

  /** Without a server nothing is asked any more. */
  protected get x(): Xlib {
    return this.#lost ? noServer() : xlib();
  }

  /** True once the server is gone; every answer is empty from then on. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Runs `use` while no other client can change anything. `use` must not await. */
  grabbed<R>(use: () => R): R {
    this.x.grabServer(this.display);
    try {
      return use();
    } finally {
      this.x.ungrabServer(this.display);
      this.x.flush(this.display);
    }
  }

  /** Milliseconds since anybody used keyboard or pointer, programs by XTEST as well. */
  idleMs(): number {
    return this.x.idleMs(this.display);
  }

  /** Runs `use` while the server keeps back what is typed, and hands it out afterwards. Null where another program has the keyboard to itself. */
  async heldBack<R>(use: () => Promise<R>): Promise<R | null> {
    if (this.x.grabKeyboard(this.display, this.root, 0, GRAB_MODE.async, GRAB_MODE.sync, 0) !== GRABBED) return null;
    try {
      return await use();
    } finally {
      this.x.ungrabKeyboard(this.display, 0);
      this.x.flush(this.display);
    }
  }

  /** Where a key would go, and what it would give. Null where the server is gone. */
  moment(): Moment | null {
    if (this.#lost) return null;
    // Whoever asks for the keyboard for a window that is not shown is not given it, nor is anybody told.
    this.#unshown ??= Number(this.x.createWindow(this.display, this.root, 0, 0, 1, 1, 0, 0, 0));
    return this.xcb.moment(this.root, this.#unshown);
  }

  sync(): void {
    this.x.sync(this.display, 0);
  }

  /** Sends one synthetic key event. */
  key(keycode: number, press: boolean): void {
    this.x.fakeKey(this.display, keycode, press ? 1 : 0, 0);
  }

  /** Reads what the server said since, so that the next `keysymAt` speaks of the present layout. */
  refreshKeyboard(): void {
    this.sync();
    const event = new Uint8Array(EVENT_BYTES);
    while (this.x.pending(this.display) > 0) {
      this.x.nextEvent(this.display, event);
      const type = event[0] ?? 0;
      if (type !== 34 && type < 64) continue;
      this.#changes++;
      this.x.refreshKeyboard(event);
    }
  }

  /** How often `refreshKeyboard` was told of another layout: as long as it stays, so does every `keysymAt`. */
  get changes(): number {
    return this.#changes;
  }

  /** Keysym of a key in a group and shift level, both from 0; 0 if there is none. */
  keysymAt(keycode: number, group: number, level: number): number {
    return Number(this.x.keysym(this.display, keycode, group, level));
  }

  codePointOf(keysym: number): number {
    return this.x.codePointOf(keysym);
  }

  /** All keysyms of each keycode from `minKeycode` on, as the core protocol lists them. */
  keyboardMapping(): number[][] {
    const count = this.maxKeycode - this.minKeycode + 1;
    const per: Out<number> = [0];
    const data = this.x.keyboardMapping(this.display, this.minKeycode, count, per);
    if (data === null) return [];
    const all = decodeLongs(data, per[0] * count);
    this.x.free(data);
    return Array.from({ length: count }, (_, key) => all.slice(key * per[0], (key + 1) * per[0]));
  }

  /**
   * Gives each keycode its keysyms; without any it has no meaning. Neighbours go in one request: every request makes
   * each program read the keyboard anew, and a window manager may take a tenth of a second for it.
   */
  mapKeys(mappings: readonly KeyMapping[]): void {
    const sorted = [...mappings].sort((a, b) => a.keycode - b.keycode);
    for (let from = 0, to = 0; from < sorted.length; from = to) {
      const first = sorted[from]?.keycode ?? 0;
      while (sorted[to]?.keycode === first + to - from) to++;
      const keysyms = sorted.slice(from, to).flatMap(({ keysyms: [plain = 0, shifted = plain] }) => [plain, shifted]);
      this.x.changeMapping(this.display, first, 2, keysyms, to - from);
    }
  }

  keyboardState(): KeyboardState {
    const state = new Uint8Array(32);
    this.x.xkbState(this.display, CORE_KEYBOARD, state);
    return { group: state[0] ?? 0, lockedGroup: state[1] ?? 0, base: state[7] ?? 0, latched: state[8] ?? 0, locked: state[9] ?? 0 };
  }

  /** Locks or unlocks the modifiers of `affect` as `values` says. */
  lockModifiers(affect: number, values: number): void {
    this.x.xkbLockModifiers(this.display, CORE_KEYBOARD, affect, values);
  }

  clearLatches(): void {
    this.x.xkbLatchModifiers(this.display, CORE_KEYBOARD, 0xff, 0);
    this.x.xkbLatchGroup(this.display, CORE_KEYBOARD, 0);
  }

  /** Bits of slow, bounce and sticky keys that are switched on; 0 if none is. */
  typingAids(): number {
    return this.x.xkbEnabledControls(this.display, CORE_KEYBOARD) & TYPING_AIDS;
  }

  /** Switches on these typing aids and no others. */
  setTypingAids(aids: number): void {
    this.x.xkbChangeControls(this.display, CORE_KEYBOARD, TYPING_AIDS, aids);
  }

  lockGroup(group: number): void {
    this.x.xkbLockGroup(this.display, CORE_KEYBOARD, group);
  }

  /** Keycodes that are down now. */
  pressedKeys(): number[] {
    const bits = new Uint8Array(32);
    this.x.queryKeymap(this.display, bits);
    const down = (keycode: number): boolean => (((bits[keycode >> 3] ?? 0) >> (keycode & 7)) & 1) === 1;
    return Array.from({ length: 256 }, (_, keycode) => keycode).filter(down);
  }

  close(): void {
    if (!this.#lost) this.x.close(this.display);
    this.#lost = true;
  }
}
