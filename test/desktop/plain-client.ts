// A plain X client with two fields, as programs without any toolkit are: it tells assistive software nothing. Arguments:
// DISPLAY TITLE, and `unnamed` to leave its process out. Says on each change what it holds, as a line of JSON. A line that it
// is told is its new title.
import { createInterface } from 'node:readline';
import * as koffi from 'koffi';

const [display = '', title = '', naming = ''] = process.argv.slice(2);
const x11 = koffi.load('libX11.so.6');
const xkb = koffi.load('libxkbcommon.so.0');
const open = x11.func('void *XOpenDisplay(const char *name)');
const root = x11.func('unsigned long XDefaultRootWindow(void *d)');
const create = x11.func('unsigned long XCreateSimpleWindow(void *d, unsigned long p, int x, int y, unsigned int w, unsigned int h, unsigned int b, unsigned long c, unsigned long bg)');
const storeName = x11.func('int XStoreName(void *d, unsigned long w, const char *name)');
const atomOf = x11.func('unsigned long XInternAtom(void *d, const char *name, int onlyIfExists)');
const change = x11.func('int XChangeProperty(void *d, unsigned long w, unsigned long p, unsigned long t, int format, int mode, const int64_t *data, int n)');
const select = x11.func('int XSelectInput(void *d, unsigned long w, long mask)');
const map = x11.func('int XMapRaised(void *d, unsigned long w)');
const focus = x11.func('int XSetInputFocus(void *d, unsigned long w, int revert, unsigned long time)');
const pending = x11.func('int XPending(void *d)');
const next = x11.func('int XNextEvent(void *d, _Out_ uint8_t *event)');
const refresh = x11.func('int XRefreshKeyboardMapping(uint8_t *event)');
const lookup = x11.func('int XLookupString(uint8_t *event, _Out_ uint8_t *buffer, int n, _Out_ unsigned long *keysym, void *status)');
const codePointOf = xkb.func('uint32_t xkb_keysym_to_utf32(uint32_t keysym)');

const KEY_PRESS = 2;
const MAP_NOTIFY = 19;
const MAPPING_NOTIFY = 34;
const KEY_PRESS_AND_STRUCTURE = 0x20001;
const CARDINAL = 6;
const [TAB, RETURN, BACK_SPACE] = [0xff09, 0xff0d, 0xff08];
const LOOK_EVERY_MS = 2;

const server: unknown = open(display);
const window = Number(create(server, root(server), 40, 40, 360, 120, 0, 0, 0xffffff));
storeName(server, window, title);
if (naming !== 'unnamed') change(server, window, atomOf(server, '_NET_WM_PID', 0), CARDINAL, 32, 0, [process.pid], 1);
select(server, window, KEY_PRESS_AND_STRUCTURE);
map(server, window);

const fields: [string, string] = ['', ''];
let [at, submits] = [0, 0];
const say = (): void => console.log(JSON.stringify({ window, fields, at, submits }));

function pressed(event: Uint8Array): void {
  const keysym: [number | bigint] = [0];
  lookup(event, new Uint8Array(8), 8, keysym, null);
  const [key, field] = [Number(keysym[0]), at % 2];
  if (key === TAB) at++;
  else if (key === RETURN) submits++;
  else if (key === BACK_SPACE) fields[field] = [...fields[field]!].slice(0, -1).join('');
  else if (codePointOf(key) >= 0x20) fields[field] += String.fromCodePoint(Number(codePointOf(key)));
}

function look(): void {
  while (Number(pending(server)) > 0) {
    const event = new Uint8Array(192);
    next(server, event);
    if (event[0] === MAPPING_NOTIFY) refresh(event);
    if (event[0] === MAP_NOTIFY) focus(server, window, 2, 0);
    if (event[0] === KEY_PRESS) pressed(event);
    if (event[0] === KEY_PRESS || event[0] === MAP_NOTIFY) say();
  }
}
setInterval(look, LOOK_EVERY_MS);
createInterface({ input: process.stdin }).on('line', (line) => storeName(server, window, line)).once('close', () => process.exit());
