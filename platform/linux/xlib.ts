// The part of Xlib, XTEST, XSync and libxkbcommon that the X11 adapter calls, declared once for koffi.
import * as koffi from 'koffi';
import { library } from './library.ts';

/** A pointer as koffi hands it out; only ever passed back. */
export type Pointer = unknown;
/** One-element array that a C function fills. */
export type Out<T> = [T];

/** Layout of the head of `XImage`, up to what reading pixels needs. */
export interface XImage {
  readonly width: number;
  readonly height: number;
  readonly data: Pointer;
  readonly bytes_per_line: number;
  readonly bits_per_pixel: number;
}

export interface Xlib {
  readonly open: (name: string | null) => Pointer | null;
  readonly close: (display: Pointer) => number;
  readonly root: (display: Pointer) => number | bigint;
  readonly atom: (display: Pointer, name: string, onlyIfExists: number) => number | bigint;
  readonly selectionOwner: (display: Pointer, selection: number) => number | bigint;
  readonly free: (data: Pointer) => number;
  readonly geometry: (
    display: Pointer, drawable: number, root: Out<number>, x: Out<number>, y: Out<number>,
    width: Out<number>, height: Out<number>, border: Out<number>, depth: Out<number>,
  ) => number;
  readonly translate: (
    display: Pointer, from: number, to: number, fromX: number, fromY: number, x: Out<number>, y: Out<number>, child: Out<number>,
  ) => number;
  readonly queryTree: (
    display: Pointer, window: number, root: Out<number | bigint>, parent: Out<number | bigint>,
    children: Out<Pointer | null>, count: Out<number>,
  ) => number;
  /** Fills the 136 bytes of `XWindowAttributes`. */
  readonly attributes: (display: Pointer, window: number, attributes: Uint8Array) => number;
  readonly inputFocus: (display: Pointer, window: Out<number | bigint>, revert: Out<number>) => number;
  readonly setInputFocus: (display: Pointer, window: number, revert: number, time: number) => number;
  readonly sync: (display: Pointer, discard: number) => number;
  readonly flush: (display: Pointer) => number;
  readonly pending: (display: Pointer) => number;
  readonly nextEvent: (display: Pointer, event: Uint8Array) => number;
  readonly refreshKeyboard: (event: Uint8Array) => number;
  readonly createWindow: (
    display: Pointer, parent: number, x: number, y: number, width: number, height: number, border: number, borderPixel: number, background: number,
  ) => number | bigint;
  /** The answer is 0 if the keyboard is ours now. A mode of 0 keeps back what the device does. */
  readonly grabKeyboard: (display: Pointer, window: number, ownerEvents: number, pointerMode: number, keyboardMode: number, time: number) => number;
  readonly ungrabKeyboard: (display: Pointer, time: number) => number;
  readonly grabServer: (display: Pointer) => number;
  readonly ungrabServer: (display: Pointer) => number;
  readonly keycodes: (display: Pointer, min: Out<number>, max: Out<number>) => number;
  readonly keysym: (display: Pointer, keycode: number, group: number, level: number) => number | bigint;
  readonly keyboardMapping: (display: Pointer, first: number, count: number, perKeycode: Out<number>) => Pointer | null;
  readonly changeMapping: (display: Pointer, first: number, perKeycode: number, keysyms: readonly number[], count: number) => number;
  readonly queryKeymap: (display: Pointer, bits: Uint8Array) => number;
  readonly xkbState: (display: Pointer, device: number, state: Uint8Array) => number;
  readonly xkbLockModifiers: (display: Pointer, device: number, affect: number, values: number) => number;
  readonly xkbLatchModifiers: (display: Pointer, device: number, affect: number, values: number) => number;
  readonly xkbLockGroup: (display: Pointer, device: number, group: number) => number;
  readonly xkbLatchGroup: (display: Pointer, device: number, group: number) => number;
  /** Bits of the controls that are enabled; 0 without the extension. */
  readonly xkbEnabledControls: (display: Pointer, device: number) => number;
  readonly xkbChangeControls: (display: Pointer, device: number, affect: number, values: number) => number;
  readonly image: (
    display: Pointer, drawable: number, x: number, y: number, width: number, height: number, planes: number, format: number,
  ) => Pointer | null;
  readonly destroyImage: (image: Pointer) => number;
  /** Milliseconds since anybody, or XTEST, used an input device; 0 without the extension. */
  readonly idleMs: (display: Pointer) => number;
  readonly fakeKey: (display: Pointer, keycode: number, press: number, delayMs: number) => number;
  /** Unicode code point of a keysym, 0 if it has none. Knows Latin-1 and Unicode keysyms alone without libxkbcommon. */
  readonly codePointOf: (keysym: number) => number;
  /** Makes the loss of the X server a call of `lost` instead of the end of the process. */
  readonly onLost: (display: Pointer, lost: () => void) => void;
}

const ENABLED_CONTROLS = 0x80000000;

/** What answers with a pointer, and null where there is none. */
const POINTERS: readonly string[] = ['open', 'keyboardMapping', 'image'] satisfies readonly (keyof Xlib)[];

let loaded: Xlib | undefined;
let without: Xlib | undefined;

/** Loads the libraries on the first call. Throws `MissingLibraryError`. */
export function xlib(): Xlib {
  return (loaded ??= load());
}

/** Answers as where there is nothing: Xlib itself is not to be called once its connection has broken. */
export function noServer(): Xlib {
  const nothing = (name: string | symbol): (() => unknown) => () => (POINTERS.includes(String(name)) ? null : 0);
  return (without ??= new Proxy({ ...xlib() }, { get: (all, name) => (name === 'codePointOf' ? all.codePointOf : nothing(name)) }));
}

/** Array of `count` C `unsigned long` at `data`, as numbers. */
export function decodeLongs(data: Pointer, count: number): number[] {
  const array = koffi.decode(data, koffi.array('unsigned long', count)) as ArrayLike<number | bigint>;
  return Array.from(array, Number);
}

/** Copy of `count` bytes at `data`. */
export function decodeBytes(data: Pointer, count: number): Buffer {
  return Buffer.from(koffi.decode(data, koffi.array('uint8_t', count)) as Uint8Array);
}

export function decodeImage(image: Pointer): XImage {
  return koffi.decode(image, 'TaplineXImage') as XImage;
}

function load(): Xlib {
  const x11 = library('libX11.so.6');
  const xtst = library('libXtst.so.6');
  declareTypes();
  const errorHandler = koffi.pointer(koffi.proto('int TaplineXError(void *display, void *event)'));
  const lossHandler = koffi.pointer(koffi.proto('int TaplineXLoss(void *display)'));
  x11.func('XSetIOErrorHandler', 'void *', [lossHandler])(koffi.register(() => 0, lossHandler));
  const exitHandler = koffi.pointer(koffi.proto('void TaplineXLost(void *display, void *data)'));
  // Xlib's own handlers end the process, on an error as harmless as a window that has just closed.
  x11.func('XSetErrorHandler', 'void *', [errorHandler])(koffi.register(() => 0, errorHandler));
  const exitSetter = x11.func('XSetIOErrorExitHandler', 'void', ['TaplineDisplayP', exitHandler, 'void *']);
  return {
    open: x11.func('TaplineDisplayP XOpenDisplay(const char *name)'),
    close: x11.func('int XCloseDisplay(TaplineDisplayP d)'),
    root: x11.func('unsigned long XDefaultRootWindow(TaplineDisplayP d)'),
    atom: x11.func('unsigned long XInternAtom(TaplineDisplayP d, const char *name, int onlyIfExists)'),
    selectionOwner: x11.func('unsigned long XGetSelectionOwner(TaplineDisplayP d, unsigned long selection)'),
    free: x11.func('int XFree(void *data)'),
    geometry: x11.func('int XGetGeometry(TaplineDisplayP d, unsigned long w, _Out_ unsigned long *root, _Out_ int *x, _Out_ int *y, _Out_ unsigned int *width, _Out_ unsigned int *height, _Out_ unsigned int *border, _Out_ unsigned int *depth)'),
    translate: x11.func('int XTranslateCoordinates(TaplineDisplayP d, unsigned long from, unsigned long to, int fromX, int fromY, _Out_ int *x, _Out_ int *y, _Out_ unsigned long *child)'),
    queryTree: x11.func('int XQueryTree(TaplineDisplayP d, unsigned long w, _Out_ unsigned long *root, _Out_ unsigned long *parent, _Out_ void **children, _Out_ unsigned int *count)'),
    attributes: x11.func('int XGetWindowAttributes(TaplineDisplayP d, unsigned long w, _Out_ uint8_t *attributes)'),
    inputFocus: x11.func('int XGetInputFocus(TaplineDisplayP d, _Out_ unsigned long *w, _Out_ int *revert)'),
    setInputFocus: x11.func('int XSetInputFocus(TaplineDisplayP d, unsigned long w, int revert, unsigned long time)'),
    sync: x11.func('int XSync(TaplineDisplayP d, int discard)'),
    flush: x11.func('int XFlush(TaplineDisplayP d)'),
    pending: x11.func('int XPending(TaplineDisplayP d)'),
    nextEvent: x11.func('int XNextEvent(TaplineDisplayP d, _Out_ uint8_t *event)'),
    refreshKeyboard: x11.func('int XRefreshKeyboardMapping(uint8_t *event)'),
    createWindow: x11.func('unsigned long XCreateSimpleWindow(TaplineDisplayP d, unsigned long parent, int x, int y, unsigned int width, unsigned int height, unsigned int border, unsigned long borderPixel, unsigned long background)'),
    grabKeyboard: x11.func('int XGrabKeyboard(TaplineDisplayP d, unsigned long w, int owner, int pointer, int keyboard, unsigned long time)'),
    ungrabKeyboard: x11.func('int XUngrabKeyboard(TaplineDisplayP d, unsigned long time)'),
    grabServer: x11.func('int XGrabServer(TaplineDisplayP d)'),
    ungrabServer: x11.func('int XUngrabServer(TaplineDisplayP d)'),
    keycodes: x11.func('int XDisplayKeycodes(TaplineDisplayP d, _Out_ int *min, _Out_ int *max)'),
    keysym: x11.func('unsigned long XkbKeycodeToKeysym(TaplineDisplayP d, uint8_t keycode, int group, int level)'),
    keyboardMapping: x11.func('void *XGetKeyboardMapping(TaplineDisplayP d, uint8_t first, int count, _Out_ int *perKeycode)'),
    changeMapping: x11.func('int XChangeKeyboardMapping(TaplineDisplayP d, int first, int perKeycode, unsigned long *keysyms, int count)'),
    queryKeymap: x11.func('int XQueryKeymap(TaplineDisplayP d, _Out_ uint8_t *bits)'),
    xkbState: x11.func('int XkbGetState(TaplineDisplayP d, unsigned int device, _Out_ uint8_t *state)'),
    xkbLockModifiers: x11.func('int XkbLockModifiers(TaplineDisplayP d, unsigned int device, unsigned int affect, unsigned int values)'),
    xkbLatchModifiers: x11.func('int XkbLatchModifiers(TaplineDisplayP d, unsigned int device, unsigned int affect, unsigned int values)'),
    xkbLockGroup: x11.func('int XkbLockGroup(TaplineDisplayP d, unsigned int device, unsigned int group)'),
    xkbLatchGroup: x11.func('int XkbLatchGroup(TaplineDisplayP d, unsigned int device, unsigned int group)'),
    xkbEnabledControls: loadEnabledControls(x11),
    xkbChangeControls: x11.func('int XkbChangeEnabledControls(TaplineDisplayP d, unsigned int device, unsigned int affect, unsigned int values)'),
    image: x11.func('void *XGetImage(TaplineDisplayP d, unsigned long w, int x, int y, unsigned int width, unsigned int height, unsigned long planes, int format)'),
    destroyImage: x11.func('int XDestroyImage(void *image)'),
    idleMs: loadIdle(),
    fakeKey: xtst.func('int XTestFakeKeyEvent(TaplineDisplayP d, unsigned int keycode, int press, unsigned long delayMs)'),
    codePointOf: loadCodePointOf(),
    onLost: (display, lost) => exitSetter(display, koffi.register(lost, exitHandler), null),
  };
}

function declareTypes(): void {
  koffi.pointer('TaplineDisplayP', koffi.opaque('TaplineDisplay'));
  // The heads of `XkbDescRec` and `XkbControlsRec`.
  koffi.struct('TaplineXkbDescription', {
    display: 'void *', flags: 'uint16_t', device: 'uint16_t', minKeycode: 'uint8_t', maxKeycode: 'uint8_t', controls: 'void *',
  });
  koffi.struct('TaplineXkbControls', {
    button: 'uint8_t', groups: 'uint8_t', wrap: 'uint8_t', internal: koffi.array('uint16_t', 2), ignoreLock: koffi.array('uint16_t', 2), enabled: 'uint32_t',
  });
  koffi.struct('TaplineXSyncValue', { high: 'int', low: 'unsigned int' });
  koffi.struct('TaplineXSyncCounter', { name: 'const char *', counter: 'unsigned long', resolution: 'TaplineXSyncValue' });
  koffi.struct('TaplineXImage', {
    width: 'int', height: 'int', xoffset: 'int', format: 'int', data: 'void *', byte_order: 'int', bitmap_unit: 'int',
    bitmap_bit_order: 'int', bitmap_pad: 'int', depth: 'int', bytes_per_line: 'int', bits_per_pixel: 'int',
  });
}

// The controls are a part of a description of the keyboard, which is made and freed for them alone.
function loadEnabledControls(x11: koffi.LibraryHandle): Xlib['xkbEnabledControls'] {
  const describe = x11.func('void *XkbGetMap(TaplineDisplayP d, unsigned int parts, unsigned int device)');
  const fill = x11.func('int XkbGetControls(TaplineDisplayP d, unsigned long parts, void *description)');
  const free = x11.func('void XkbFreeKeyboard(void *description, unsigned int parts, int all)');
  return (display, device) => {
    const description: Pointer = describe(display, 0, device);
    if (description === null) return 0;
    const filled = fill(display, ENABLED_CONTROLS, description) === 0;
    const { controls } = koffi.decode(description, 'TaplineXkbDescription') as { controls: Pointer };
    const enabled = filled ? (koffi.decode(controls, 'TaplineXkbControls') as { enabled: number }).enabled : 0;
    free(description, 0, 1);
    return enabled;
  };
}

// The server counts by itself for how long nobody touched anything; the number of that counter is each server's own.
function loadIdle(): Xlib['idleMs'] {
  const xext = library('libXext.so.6');
  const list = xext.func('void *XSyncListSystemCounters(TaplineDisplayP d, _Out_ int *count)');
  const free = xext.func('void XSyncFreeSystemCounterList(void *list)');
  const query = xext.func('int XSyncQueryCounter(TaplineDisplayP d, unsigned long counter, _Out_ TaplineXSyncValue *value)');
  const counterOf = (display: Pointer): number | bigint | undefined => {
    const count: Out<number> = [0];
    const data: Pointer = list(display, count);
    if (data === null) return undefined;
    const counters = koffi.decode(data, koffi.array('TaplineXSyncCounter', count[0])) as { name: string; counter: number | bigint }[];
    free(data);
    return counters.find(({ name }) => name === 'IDLETIME')?.counter;
  };
  return (display) => {
    const counter = counterOf(display);
    const value: Out<{ high?: number; low?: number }> = [{}];
    if (counter === undefined || query(display, counter, value) === 0) return 0;
    return (value[0].high ?? 0) * 2 ** 32 + (value[0].low ?? 0);
  };
}

// A Greek or Cyrillic layout names its letters by legacy keysyms; only libxkbcommon has the whole table.
function loadCodePointOf(): (keysym: number) => number {
  try {
    return library('libxkbcommon.so.0').func('uint32_t xkb_keysym_to_utf32(uint32_t keysym)');
  } catch {
    return (keysym) => {
      if (keysym >= 0x1000000 && keysym <= 0x110ffff) return keysym - 0x1000000;
      return (keysym >= 0x20 && keysym <= 0x7e) || (keysym >= 0xa0 && keysym <= 0xff) ? keysym : 0;
    };
  }
}
