// A plain X window, another client than browser and product, that takes note of every key that reaches it.
import * as koffi from 'koffi';

const KEY_PRESS = 2;
const KEY_PRESS_MASK = 1;
const EVENT_BYTES = 192;
const SHIFT = 50;
/** Where the keycode is in an `XKeyEvent` of a 64-bit Xlib. */
const KEYCODE_AT = 84;

export class Witness {
  readonly window: number;
  /** How often Shift came, which writes nothing: the suite itself presses it when a tap is over. */
  shifts = 0;
  #keys = 0;
  readonly #display: unknown;
  readonly #x = load();

  constructor(display: string) {
    this.#display = this.#x.open(display);
    const root = this.#x.root(this.#display);
    this.window = Number(this.#x.create(this.#display, Number(root), 960, 0, 120, 80, 0, 0, 0));
    this.#x.select(this.#display, this.window, KEY_PRESS_MASK);
    this.#x.map(this.#display, this.window);
    this.#x.sync(this.#display, 0);
  }

  /** Takes what the server has for it; gives the number of keys so far that were not Shift. */
  look(): number {
    this.#x.sync(this.#display, 0);
    while (this.#x.pending(this.#display) > 0) {
      const event = Buffer.alloc(EVENT_BYTES);
      this.#x.next(this.#display, event);
      if (event.readInt32LE(0) === KEY_PRESS) this.#take(event.readUInt32LE(KEYCODE_AT));
    }
    return this.#keys;
  }

  #take(keycode: number): void {
    if (keycode === SHIFT) this.shifts++;
    else this.#keys++;
  }

  close(): void {
    this.#x.close(this.#display);
  }
}

function load() {
  const x11 = koffi.load('libX11.so.6');
  return {
    open: x11.func('void *XOpenDisplay(const char *name)'),
    close: x11.func('int XCloseDisplay(void *display)'),
    root: x11.func('unsigned long XDefaultRootWindow(void *display)'),
    create: x11.func('unsigned long XCreateSimpleWindow(void *display, unsigned long parent, int x, int y, unsigned int width, unsigned int height, unsigned int border, unsigned long colour, unsigned long background)'),
    select: x11.func('int XSelectInput(void *display, unsigned long window, long mask)'),
    map: x11.func('int XMapWindow(void *display, unsigned long window)'),
    sync: x11.func('int XSync(void *display, int discard)'),
    pending: x11.func('int XPending(void *display)'),
    next: x11.func('int XNextEvent(void *display, _Out_ uint8_t *event)'),
  };
}
