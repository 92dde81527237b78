// Who may import whom: the direction table of ARCHITECTURE.md, by folder and file name. The first room that matches is the file's.

/** Files of an actor that decide or compute, and nothing else: no I/O, no clock, no randomness, no secrets. */
const PURE_NAMES = [
  'decide', 'streams', 'model', 'policy', 'chain', 'fields', 'applications', 'hints', 'rssi', 'uid', 'raw', 'person', 'events', 'record', 'entries', 'gestures', 'why', 'presence', 'state',
];

export interface Room {
  readonly name: string;
  readonly files: RegExp;
  /** Rooms that it may import, beside itself; `own` is its own folder, whatever room the file there is of. */
  readonly from: readonly string[];
  readonly packages: RegExp;
}

const NONE = /^$/;

export const ROOMS: readonly Room[] = [
  { name: 'contracts', files: /^contracts\//, from: [], packages: /^(zod|node:(crypto|util))$/ },
  { name: 'port', files: /^platform\/port\.ts$/, from: ['contracts'], packages: NONE },
  { name: 'config', files: /^config\//, from: ['contracts'], packages: /^(zod|jsonc-parser|fastest-levenshtein|node:(fs|os|path))$/ },
  { name: 'step', files: /^runtime\/run\.ts$/, from: [], packages: /^rxjs$/ },
  { name: 'pure', files: new RegExp(`^(services/[^/]+/(${PURE_NAMES.join('|')})|supervisor/policy)\\.ts$`), from: ['contracts', 'port', 'config', 'step', 'own'], packages: /^(rxjs|node:crypto)$/ },
  { name: 'insight', files: /^insight\//, from: ['contracts', 'port', 'config', 'step', 'pure'], packages: /^zod$/ },
  { name: 'bus', files: /^runtime\/bus\//, from: ['contracts', 'runtime'], packages: /^(zeromq|zod|node:[\w/]+)$/ },
  { name: 'runtime', files: /^runtime\//, from: ['contracts', 'config', 'step', 'bus'], packages: /^(@hpke\/core|@mcap\/core|msgpackr|pino|rxjs|ws|zod|node:[\w/]+)$/ },
  { name: 'platform', files: /^platform\/index\.ts$/, from: ['port', 'linux', 'virtual', 'win32'], packages: NONE },
  { name: 'linux', files: /^platform\/linux\//, from: ['contracts', 'port', 'platform'], packages: /^(koffi|@jellybrick\/dbus-next|node:[\w/]+)$/ },
  { name: 'virtual', files: /^platform\/virtual\//, from: ['contracts', 'port', 'platform'], packages: /^(ws|zod|node:[\w/]+)$/ },
  { name: 'win32', files: /^platform\/win32\//, from: ['contracts', 'port', 'platform'], packages: /^(koffi|node:[\w/]+)$/ },
  { name: 'main', files: /^services\/[^/]+\/main\.ts$/, from: ['contracts', 'port', 'config', 'step', 'runtime', 'bus', 'platform', 'insight', 'own'], packages: /^(rxjs|node:[\w/]+)$/ },
  { name: 'actor', files: /^services\//, from: ['contracts', 'port', 'config', 'step', 'runtime', 'bus', 'own'], packages: /^(axios|rxjs|zod|node:[\w/]+)$/ },
  { name: 'supervisor', files: /^supervisor\//, from: ['contracts', 'port', 'config', 'runtime', 'bus', 'platform', 'insight', 'pure', 'main', 'own'], packages: /^(zod|node:[\w/]+)$/ },
  { name: 'start', files: /^ecosystem\.config\.js$/, from: ['supervisor'], packages: NONE },
  { name: 'pages', files: /^ops\/lab\/pages\/site\//, from: [], packages: NONE },
  { name: 'ops', files: /^ops\//, from: ['any'], packages: /./ },
  { name: 'test', files: /^test\//, from: ['any'], packages: /./ },
];

export const roomOf = (path: string): Room | undefined => ROOMS.find(({ files }) => files.test(path));

/** May a file import another? Nobody but the tests imports a test, nobody but these two imports ops. */
export function mayImport(from: string, to: string): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === undefined || other === undefined) return false;
  if (room.name === 'test') return true;
  if (other.name === 'test') return false;
  if (room.name === 'ops' || room.name === other.name && !to.startsWith('services/')) return true;
  return room.from.includes(other.name) && !to.startsWith('services/') || room.from.includes('own') && folderOf(from) === folderOf(to) || foreignPart(room, other);
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
/** What of an actor others may know: its decisions, and to those that start it, its main. */
const foreignPart = (room: Room, other: Room): boolean => (other.name === 'main' || other.name === 'pure') && room.from.includes(other.name);

/** Packages that one place keeps to itself; tests and benchmarks measure against the bare ones. */
export const KEPT: Readonly<Record<string, RegExp>> = {
  'zeromq': /^(runtime\/bus|ops\/bench|test)\//,
  'msgpackr': /^(runtime\/codec\.ts$|ops\/bench\/|test\/)/,
  'koffi': /^(platform\/(linux|win32)|test\/desktop)\//,
  '@jellybrick/dbus-next': /^(platform\/linux|test)\//,
  '@hpke/core': /^runtime\/seal\.ts$/,
  '@mcap/core': /^(runtime\/recording\.ts$|ops\/bench\/|test\/)/,
  'axios': /^services\/nes-gateway\//,
  'pino': /^(runtime\/log\.ts$|test\/)/,
  'ws': /^(runtime\/link\.ts$|platform\/virtual\/|ops\/(bench|lab)\/|test\/)/,
  '@peculiar/x509': /^(ops\/lab\/|test\/)/,
  'commander': /^ops\//,
  // Its licence lets it be run as a tool, not be part of the product.
  'pm2': NONE,
};

/** Folders that there may be: a new one is a decision, and stands here and in ARCHITECTURE.md. */
export const FOLDERS = new RegExp(`^(${[
  '\\.ci', 'config', 'contracts(/external)?', 'docs(/decisions)?', 'insight', 'platform(/(linux|virtual|win32))?', 'runtime(/bus)?', 'supervisor',
  'services/(tap-listener|window-resolver|credential-broker|injector|nes-gateway|audit|tray|recorder|console)',
  'ops(/(bench|commands|demo|docs|generate|install|replay|tune|lab(/(desktop|nes|nymi-agent|pages(/site)?))?))?',
  'test(/(audit|chaos|config|contracts|decide|desktop(/suite(/cases)?)?|external|insight|ops|platform|process|recordings|runner(/fixtures)?|runtime|streams|supervisor|system|tidy))?',
].join('|')})$`);
