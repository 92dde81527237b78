// Questions to the X server that go out together: Xlib waits for the answer to each before it asks the next.
import * as koffi from 'koffi';
import { library } from './library.ts';
import { decodeBytes, xlib } from './xlib.ts';
import type { Pointer } from './xlib.ts';

/** Where a key would go at this moment, and what has a say in what it gives. */
export interface Moment {
  /** Window that receives keys; 0 or 1 if none does (`None`, `PointerRoot`). */
  readonly inputFocus: number;
  /** False while a program has all keys to itself, as one that locks the screen does: the input focus says nothing then. */
  readonly free: boolean;
  /** Modifiers that are held, latched or locked, as the core protocol's masks; and the group in effect, from 0. */
  readonly modifiers: number;
  readonly group: number;
  /** True while any key is down. */
  readonly pressed: boolean;
}

type Cookie = { readonly sequence: number };

interface Functions {
  readonly connectionOf: (display: Pointer) => Pointer;
  readonly inputFocus: (connection: Pointer) => Cookie;
  readonly grabKeyboard: (connection: Pointer, ownerEvents: number, window: number, time: number, pointerMode: number, keyboardMode: number) => Cookie;
  readonly pointer: (connection: Pointer, window: number) => Cookie;
  readonly keymap: (connection: Pointer) => Cookie;
  readonly property: (connection: Pointer, remove: number, window: number, property: number, type: number, from: number, words: number) => Cookie;
  /** Null where the server is gone, or had an error in place of an answer. */
  readonly inputFocusReply: Reply;
  readonly grabKeyboardReply: Reply;
  readonly pointerReply: Reply;
  readonly keymapReply: Reply;
  readonly propertyReply: Reply;
}
type Reply = (connection: Pointer, cookie: Cookie, error: null) => Pointer | null;

/** Where the answers have what is asked for, and how long they are, in bytes. */
const FOCUS = { window: 8, bytes: 12 } as const;
const GRAB = { status: 1, bytes: 8 } as const;
const POINTER = { mask: 24, bytes: 28 } as const;
const KEYMAP = { keys: 8, bytes: 40 } as const;
const PROPERTY = { format: 1, type: 8, items: 16, value: 32, wordsMax: 1024 } as const;
const ASYNC = 1;
const ALREADY_GRABBED = 1;
const MODIFIERS = 0xff;
const GROUP_SHIFT = 13;
const GROUPS = 0b11;

let loaded: Functions | undefined;

export class Xcb {
  readonly #xcb: Functions;
  readonly #display: Pointer;
  readonly #connection: Pointer;

  /** Asks on the connection of a display. Throws `MissingLibraryError`. */
  constructor(display: Pointer) {
    this.#xcb = loaded ??= load();
    this.#display = display;
    this.#connection = this.#xcb.connectionOf(display);
  }

  /** Asks for the keyboard on behalf of `grabber`, and for the rest. Null where the server is gone. */
  moment(root: number, grabber: number): Moment | null {
    const [xcb, connection] = [this.#xcb, this.#connection];
    const [focus, grab, pointer, keymap] = [
      xcb.inputFocus(connection), xcb.grabKeyboard(connection, 0, grabber, 0, ASYNC, ASYNC), xcb.pointer(connection, root), xcb.keymap(connection),
    ];
    const focused = bytesAt(xcb.inputFocusReply(connection, focus, null), FOCUS.bytes);
    const grabbed = bytesAt(xcb.grabKeyboardReply(connection, grab, null), GRAB.bytes);
    const state = bytesAt(xcb.pointerReply(connection, pointer, null), POINTER.bytes);
    const keys = bytesAt(xcb.keymapReply(connection, keymap, null), KEYMAP.bytes);
    this.#handBack();
    if (focused === null || grabbed === null || state === null || keys === null) return null;
    const mask = state.readUInt16LE(POINTER.mask);
    return {
      inputFocus: focused.readUInt32LE(FOCUS.window),
      free: grabbed.readUInt8(GRAB.status) !== ALREADY_GRABBED,
      modifiers: mask & MODIFIERS,
      group: (mask >> GROUP_SHIFT) & GROUPS,
      pressed: keys.subarray(KEYMAP.keys).some((bits) => bits !== 0),
    };
  }

  /** Values of properties, by window and atom; null of one that is not there, or whose window is gone. */
  properties(asked: readonly (readonly [window: number, atom: number])[]): (Buffer | null)[] {
    const [xcb, connection] = [this.#xcb, this.#connection];
    const cookies = asked.map(([window, atom]) => xcb.property(connection, 0, window, atom, 0, 0, PROPERTY.wordsMax));
    const values = cookies.map((cookie) => valueAt(xcb.propertyReply(connection, cookie, null)));
    this.#handBack();
    return values;
  }

  /** Xlib takes the connection again, and tells now if the server is gone: its next request would end the process. */
  #handBack(): void {
    xlib().flush(this.#display);
  }
}

function valueAt(reply: Pointer | null): Buffer | null {
  if (reply === null) return null;
  const head = decodeBytes(reply, PROPERTY.value);
  const bytes = (head.readUInt32LE(PROPERTY.items) * head.readUInt8(PROPERTY.format)) / 8;
  const isThere = head.readUInt32LE(PROPERTY.type) !== 0;
  const all = bytesAt(reply, PROPERTY.value + bytes);
  return isThere && all !== null ? all.subarray(PROPERTY.value) : null;
}

function bytesAt(reply: Pointer | null, count: number): Buffer | null {
  if (reply === null) return null;
  const bytes = decodeBytes(reply, count);
  xlib().free(reply);
  return bytes;
}

function load(): Functions {
  const [shared, xcb] = [library('libX11-xcb.so.1'), library('libxcb.so.1')];
  koffi.struct('TaplineXcbCookie', { sequence: 'unsigned int' });
  const reply = (name: string): Reply => xcb.func(`void *xcb_${name}_reply(void *c, TaplineXcbCookie cookie, void *error)`);
  return {
    connectionOf: shared.func('void *XGetXCBConnection(TaplineDisplayP d)'),
    inputFocus: xcb.func('TaplineXcbCookie xcb_get_input_focus(void *c)'),
    grabKeyboard: xcb.func('TaplineXcbCookie xcb_grab_keyboard(void *c, uint8_t owner, uint32_t w, uint32_t time, uint8_t pointer, uint8_t keyboard)'),
    pointer: xcb.func('TaplineXcbCookie xcb_query_pointer(void *c, uint32_t w)'),
    keymap: xcb.func('TaplineXcbCookie xcb_query_keymap(void *c)'),
    property: xcb.func('TaplineXcbCookie xcb_get_property(void *c, uint8_t remove, uint32_t w, uint32_t property, uint32_t type, uint32_t from, uint32_t words)'),
    inputFocusReply: reply('get_input_focus'),
    grabKeyboardReply: reply('grab_keyboard'),
    pointerReply: reply('query_pointer'),
    keymapReply: reply('query_keymap'),
    propertyReply: reply('get_property'),
  };
}
