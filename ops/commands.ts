// Every command of `tapline`, as a table: words, options and examples stand here, so that help loads nothing else.
import type { Terminal } from './terminal.ts';

export interface CommandOption {
  /** As commander writes it: `--band <id>`. */
  readonly flags: string;
  readonly doc: string;
  readonly choices?: readonly string[];
  readonly required?: boolean;
  readonly fallback?: string;
}

/** What is named without an option. */
export interface Operand {
  /** As commander writes it: `<file>`, `[tap]`, `<files...>`. */
  readonly name: string;
  readonly doc: string;
}

/** Values of the operands by their names, and of the options by their long names; `json` is always there. */
export type Given = { readonly json: boolean } & Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface Command {
  /** Words of its name: `audit verify`. */
  readonly name: string;
  readonly summary: string;
  /** What more one should know before the first use. */
  readonly more?: string;
  readonly operands?: readonly Operand[];
  readonly options: readonly CommandOption[];
  readonly examples: readonly string[];
  readonly run: (given: Given, terminal: Terminal) => Promise<number>;
}

/** What one types before the name. */
export const INVOKED = 'npm run tapline --';

const zone: CommandOption = { flags: '--zone <zone>', doc: 'one zone only', choices: ['machine', 'session'] };
const desktop: CommandOption = { flags: '--desktop <kind>', doc: 'auto: a real one if this machine has what it needs', choices: ['auto', 'x11', 'virtual'], fallback: 'auto' };
const recording: Operand = { name: '<file>', doc: 'the recording' };
const outFile = (doc: string): CommandOption => ({ flags: '--out <path>', doc, required: true });

export const COMMANDS: readonly Command[] = [
  {
    name: 'demo',
    summary: 'Four taps from reader to audit record, on a lab of its own; stops everything again.',
    more: 'Exits with 0 only if every tap did what it should, the right values arrived, and the audit log is whole.',
    options: [desktop],
    examples: ['demo', 'demo --desktop virtual', 'demo --json'],
    run: async (given, terminal) => (await import('./commands/demo.ts')).demo({ json: given.json, desktop: given['desktop'] as 'auto' }, terminal),
  },
  {
    name: 'lab',
    summary: 'A lab to play with: NES, Nymi Agent, desktop and all actors, until Ctrl-C.',
    more: 'Tap from another terminal with the command `tap`.',
    options: [desktop, { flags: '--page <page>', doc: 'what to sign in to', choices: ['login', 'controlled', 'dual', 'select'], fallback: 'login' }],
    examples: ['lab', 'lab --page dual', 'lab --desktop virtual'],
    run: async (given, terminal) => (await import('./commands/lab.ts')).lab({ json: given.json, desktop: given['desktop'] as 'auto', page: given['page'] as 'login' }, terminal),
  },
  {
    name: 'tap',
    summary: 'Tap with a band in the running lab, and wait for the end of that tap.',
    more: 'Exits with 0 if the form was filled.\n\nNB-01  Ada\nNB-02  Grace\nNB-03  Niklas, no password stored yet\nNB-04  Ines, inactive\nNB-05  Halvor, incomplete enrollment\nNB-06  Lotte, a long password\nNB-99  nobody',
    options: [
      { flags: '--band <id>', doc: 'the band: NB-01, or any other id for a foreign tag', required: true },
      { flags: '--via <radio>', doc: 'how it is noticed', choices: ['nfc', 'ble'], fallback: 'nfc' },
    ],
    examples: ['tap --band NB-01', 'tap --band NB-02 --via ble', 'tap --band NB-99 --json'],
    run: async (given, terminal) => (await import('./commands/tap.ts')).tap({ json: given.json, band: String(given['band']), via: given['via'] as 'nfc' }, terminal),
  },
  {
    name: 'start',
    summary: 'Start the actors against the NES and the Nymi Agent of the configuration.',
    more: 'Returns when every actor said that it is ready. Without a NES in the configuration it offers the lab (exit code 4).',
    options: [zone],
    examples: ['start', 'start --zone machine'],
    run: async (given, terminal) => (await import('./commands/start.ts')).start({ json: given.json, zone: zoneOf(given) }, terminal),
  },
  {
    name: 'stop',
    summary: 'Stop the actors, session before machine, and pm2 with them.',
    options: [zone],
    examples: ['stop', 'stop --zone session'],
    run: async (given, terminal) => (await import('./commands/stop.ts')).stop({ json: given.json, zone: zoneOf(given) }, terminal),
  },
  {
    name: 'restart',
    summary: 'Restart the actors, and return when they are ready again.',
    options: [zone],
    examples: ['restart', 'restart --zone session'],
    run: async (given, terminal) => (await import('./commands/restart.ts')).restart({ json: given.json, zone: zoneOf(given) }, terminal),
  },
  {
    name: 'status',
    summary: 'What runs: zone, process, state, restarts, memory, and whether it is ready.',
    more: 'Exits with 0 only if every actor is ready.',
    options: [zone],
    examples: ['status', 'status --json', 'status --zone session'],
    run: async (given, terminal) => (await import('./commands/status.ts')).status({ json: given.json, zone: zoneOf(given) }, terminal),
  },
  {
    name: 'config check',
    summary: 'Check the settings, the application rules and the log levels.',
    options: [{ flags: '--file <path>', doc: 'settings file; else the one that TAPLINE_CONFIG or TAPLINE_HOME names' }],
    examples: ['config check', 'config check --file /etc/tapline/config.json', 'config check --json'],
    run: async (given, { print }) => (await import('./commands/config-check.ts')).configCheck({ json: given.json, ...named('file', given) }, print),
  },
  {
    name: 'why',
    summary: 'What a tap would do, on the window in front or any other: each rule, each field, the decision. No tap, nothing is typed.',
    more: 'Exits with 0 if a tap would fill. With --in there is time to click into the form first. A window that is not in front is told as its program shows it there: many do not say which field has the focus, and then one is assumed with which a tap would fill.',
    options: [
      { flags: '--window <window>', doc: 'id, process name or part of the title; else the window in front' },
      { flags: '--list', doc: 'only which windows there are' },
      { flags: '--in <seconds>', doc: 'look after so many seconds', fallback: '0' },
    ],
    examples: ['why', 'why --in 5', 'why --list', 'why --window firefox', 'why --window "Batch record" --json'],
    run: async (given, terminal) => (await import('./commands/why.ts')).why({ json: given.json, in: String(given['in']), list: given['list'] === true, ...named('window', given) }, terminal),
  },
  {
    name: 'audit verify',
    summary: 'Verify the audit log, record by record.',
    options: [{ flags: '--directory <path>', doc: 'folder of the log; else that of the configured machine zone' }],
    examples: ['audit verify', 'audit verify --directory /var/lib/tapline/machine/logs/Audit', 'audit verify --json'],
    run: async (given, { print }) => (await import('./commands/audit-verify.ts')).auditVerify({ json: given.json, ...named('directory', given) }, print),
  },
  {
    name: 'generate',
    summary: 'People who tap, as a recording, with what each of them meant beside it.',
    more: 'The same seed gives the same bytes. Labels go to <path>.labels.jsonl, one gesture a line: when, which band, meant, or why it was there.',
    options: [
      { flags: '--seed <n>', doc: 'whole number that everything follows from', fallback: '1' },
      { flags: '--kind <kind>', doc: 'sort of terminal', choices: ['normal', 'hurried', 'resting', 'two-people', 'radio', 'storm'], required: true },
      { flags: '--minutes <n>', doc: 'how long people come and go', fallback: '60' },
      outFile('the recording; must not exist'),
    ],
    examples: ['generate --kind normal --out normal.mcap', 'generate --seed 7 --kind resting --minutes 240 --out resting.mcap', 'generate --kind storm --out storm.mcap --json'],
    run: async (given, terminal) => {
      const [seed, minutes, out] = [String(given['seed']), String(given['minutes']), String(given['out'])];
      return (await import('./commands/generate.ts')).generate({ json: given.json, seed, kind: given['kind'] as 'normal', minutes, out }, terminal);
    },
  },
  {
    name: 'recover',
    summary: 'Write what can be used of a damaged recording to a new, whole file.',
    more: 'All that precedes the damage is kept, and what was lost is told. Exits with 1 if nothing can be used.',
    operands: [recording],
    options: [outFile('the new recording; must not exist')],
    examples: ['recover broken.mcap --out whole.mcap', 'recover broken.mcap --out whole.mcap --json'],
    run: async (given, terminal) => (await import('./commands/recover.ts')).recover({ json: given.json, file: String(given['file']), out: String(given['out']) }, terminal),
  },
  {
    name: 'export',
    summary: 'A recording as lines of JSON, the same for the same recording.',
    more: 'The first line is the header, then comes an entry a line, keys in order. Exits with 1 if the recording is damaged; the lines hold what precedes.',
    operands: [recording],
    options: [{ flags: '--out <path>', doc: 'file for the lines, must not exist; else stdout' }],
    examples: ['export taps.mcap', 'export taps.mcap --out taps.jsonl', 'export taps.mcap --out taps.jsonl --json'],
    run: async (given, terminal) => (await import('./commands/export.ts')).exportLines({ json: given.json, file: String(given['file']), ...named('out', given) }, terminal),
  },
  {
    name: 'import',
    summary: 'Lines of JSON, as `export` writes them, as a recording again.',
    more: 'Each line is checked; where one is wrong, its number and field are told and nothing is written.',
    operands: [{ name: '<file>', doc: 'the lines of JSON' }],
    options: [outFile('the recording; must not exist')],
    examples: ['import taps.jsonl --out taps.mcap', 'import taps.jsonl --out taps.mcap --json'],
    run: async (given, terminal) => (await import('./commands/import.ts')).importLines({ json: given.json, file: String(given['file']), out: String(given['out']) }, terminal),
  },
  {
    name: 'replay',
    summary: 'Judge a recording again: as it was, or by other numbers. Injects nothing.',
    more: `Prints each decision and a summary; with --json a decision a line, the same at each speed.
By other numbers, where another tap counts than did, a model answers for the others, and the decision is marked as assumed.
Of a damaged recording all that precedes the damage is replayed, and stderr says so. T: milliseconds, or hh:mm:ss, from the beginning.`,
    operands: [recording],
    options: [
      { flags: '--speed <times>', doc: 'how fast: as it was, twenty times that, or at once', choices: ['1', '20', 'max'], fallback: 'max' },
      { flags: '--from <T>', doc: 'decisions from then on' },
      { flags: '--to <T>', doc: 'decisions up to then' },
      { flags: '--step', doc: 'wait for a key before each decision; q ends it' },
      { flags: '--against <golden>', doc: 'compare with lines that --json gave; stops at the first difference, and exits with 1' },
      { flags: '--set <key=value...>', doc: 'another number: budget.bounceMs=500, tap.rssiTapThresholdDbm=-45' },
      { flags: '--html <out>', doc: 'a page with the picture, for any browser; it loads nothing' },
    ],
    examples: ['replay taps.mcap', 'replay taps.mcap --json', 'replay taps.mcap --against taps.jsonl', 'replay taps.mcap --set budget.bounceMs=500', 'replay taps.mcap --html taps.html', 'replay taps.mcap --from 00:10:00 --to 00:11:00 --speed 20'],
    run: async (given, terminal) => (await import('./commands/replay.ts')).replayFile({
      json: given.json, file: String(given['file']), speed: given['speed'] as 'max', step: given['step'] === true, set: (given['set'] ?? []) as readonly string[],
      ...named('from', given), ...named('to', given), ...named('against', given), ...named('html', given),
    }, terminal),
  },
  {
    name: 'explain',
    summary: 'One tap in plain sentences: what was seen, decided, by which number, and where the time went.',
    more: 'Without --recording it reads the newest recording of the session, or else its log, and says so.',
    operands: [{ name: '<tap>', doc: 'id of the tap, or its beginning; `last`: the newest one' }],
    options: [{ flags: '--recording <file>', doc: 'the recording; else the newest one of the session' }],
    examples: ['explain last', 'explain last --recording taps.mcap', 'explain 0197c2f1-5e0a-7c3b-9d2e-0f4a6b8c1d3e --json'],
    run: async (given, terminal) => (await import('./commands/explain.ts')).explainTap({ json: given.json, tap: String(given['tap']), ...named('recording', given) }, terminal),
  },
  {
    name: 'tune',
    summary: 'What other numbers would have made of recorded taps: spurious ones let through against meant ones lost.',
    more: `Judges every combination of the swept values, on all cores. What was meant is told by <file>.labels.jsonl, as generate writes it;
without one by what people did next: who taps again within 5 s after a drop had meant it.`,
    operands: [{ name: '<files...>', doc: 'the recordings' }],
    options: [
      { flags: '--sweep <key=values...>', doc: 'what to try: budget.bounceMs=200..2000/200, tap.rssiTapThresholdDbm=-45,-42', required: true },
      { flags: '--labels <source>', doc: 'how it is known what was meant', choices: ['auto', 'sidecar', 'behaviour'], fallback: 'auto' },
      { flags: '--html <path>', doc: 'a page with the picture; must not exist' },
    ],
    examples: ['tune taps.mcap --sweep debounce.bounceMs=200..2000/200', 'tune a.mcap b.mcap --sweep budget.bounceMs=500,1000 tap.rssiTapThresholdDbm=-48..-38/2 --html tuned.html', 'tune taps.mcap --sweep budget.pairMs=0..800/100 --json'],
    run: async (given, terminal) => (await import('./commands/tune.ts')).tune({
      json: given.json, files: given['files'] as readonly string[], sweep: given['sweep'] as readonly string[], labels: given['labels'] as 'auto', ...named('html', given),
    }, terminal),
  },
  {
    name: 'bench',
    summary: 'Measure bus, tap, fill, peers, start, memory, replay and judgement, as ratios that compare between machines.',
    options: [{ flags: '--only <keys>', doc: 'some of bus,tap,fill,peers,ready,memory,replay,listener,judgement' }],
    examples: ['bench', 'bench --only bus,tap', 'bench --only fill --json'],
    run: async (given, { print }) => (await import('./commands/bench.ts')).bench({ json: given.json, ...named('only', given) }, print),
  },
];

function named<K extends string>(key: K, given: Given): { readonly [P in K]?: string } {
  const value = given[key];
  return typeof value === 'string' ? ({ [key]: value } as { readonly [P in K]?: string }) : {};
}

const zoneOf = (given: Given): 'machine' | 'session' | undefined => given['zone'] as 'machine' | 'session' | undefined;
