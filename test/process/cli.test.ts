// What one types, as one types it: real processes, private folders, the virtual desktop.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { COMMANDS, INVOKED } from '../../ops/commands.ts';
import { leftBehind } from './left-behind.ts';

const CLI = join(import.meta.dirname, '../../ops/cli.ts');

/** Still running at the end of a test that failed: interrupted, by folder. */
const running = new Map<string, Typed[]>();

/** A home and a temporary folder of the test's own, both short; removed at its end. */
async function home(t: ExecutionContext): Promise<string> {
  const dir = await mkdtemp('/tmp/tc-');
  running.set(dir, []);
  t.teardown(async () => {
    for (const { child, ended } of running.get(dir) ?? []) {
      child.kill('SIGINT');
      await ended;
    }
    await rm(dir, { recursive: true, force: true });
  });
  return dir;
}

interface Typed {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Resolves with the first line of that stream that matches. */
  line(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string>;
}

function type(dir: string, ...words: string[]): Typed {
  const { NO_COLOR: _, TAPLINE_CONFIG: __, ...env } = process.env;
  const child = spawn(process.execPath, [CLI, ...words], { env: { ...env, TAPLINE_HOME: dir, TMPDIR: dir } });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => (printed[stream] += text));
  const started: Typed = {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...printed })),
    line: async (stream, pattern) => {
      for await (const line of createInterface({ input: child[stream] })) if (pattern.test(line)) return line;
      throw new Error(`it ended without a line like ${pattern}: ${printed.stderr}`);
    },
  };
  running.get(dir)?.push(started);
  return started;
}

const typed = (dir: string, ...words: string[]): Typed['ended'] => type(dir, ...words).ended;

test('help names every command, and the help of each one shows all its examples', async (t) => {
  const dir = await home(t);
  const { code, stdout } = await typed(dir, '--help');
  t.is(code, 0);
  for (const { name, examples } of COMMANDS) {
    t.regex(stdout, new RegExp(`^  ${name} `, 'm'));
    const help = await typed(dir, ...name.split(' '), '--help');
    t.is(help.code, 0);
    t.true(examples.length > 0);
    for (const example of [...examples, '--json']) t.true(help.stdout.includes(example), `${name}: ${example}`);
    t.true(help.stdout.includes(`${INVOKED} ${name}`));
  }
  t.false(existsSync(join(dir, 'machine')));
});

const MISTAKES: readonly { readonly words: readonly string[]; readonly says: RegExp }[] = [
  { words: ['demo', '--fast'], says: /unknown option '--fast'[\s\S]*demo --help/ },
  { words: ['strat'], says: /unknown command 'strat'[\s\S]*Did you mean start/ },
  { words: ['tap'], says: /'--band <id>' not specified[\s\S]*tap --help/ },
  { words: ['tap', '--band', 'NB-01', '--via', 'wire'], says: /'wire' is invalid[\s\S]*nfc, ble/ },
  { words: ['restart', '--zone', 'moon'], says: /machine, session/ },
  { words: ['status', 'now'], says: /too many arguments/ },
];
for (const { words, says } of MISTAKES) {
  test(`\`${words.join(' ')}\` is a mistake of usage that says what is right`, async (t) => {
    const { code, stdout, stderr } = await typed(await home(t), ...words);
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, says);
    t.notRegex(stderr, /^ +at /m);
  });
}

test('the help of bench names every figure', async (t) => {
  const dir = await home(t);
  const { code, stderr } = await typed(dir, 'bench', '--only', 'nothing');
  t.is(code, 2);
  const [, known] = /Known: ([\w, ]+)\./.exec(stderr) ?? [];
  const { stdout } = await typed(dir, 'bench', '--help');
  t.true(stdout.replace(/\s+/g, ' ').includes(`some of ${known?.replaceAll(' ', '')}`), known);
});

test('start without a NES in the configuration says so, offers the lab and ends with 4', async (t) => {
  const dir = await home(t);
  const words = await typed(dir, 'start');
  t.is(words.code, 4);
  t.regex(words.stderr, /names no Nymi Enterprise Server[\s\S]*npm run lab/);
  const json = await typed(dir, 'start', '--json');
  t.is(json.code, 4);
  t.deepEqual(JSON.parse(json.stdout), { started: false, reason: 'no-nes' });
  t.deepEqual(leftBehind(dir), []);
});

test('settings that cannot be read end start, status and stop with 4, file, line and what to do next', async (t) => {
  const dir = await home(t);
  writeFileSync(join(dir, 'config.json'), '{\n  "nes": { "ulr": 1 }\n}');
  for (const command of ['start', 'status', 'stop', 'restart']) {
    const { code, stderr } = await typed(dir, command);
    t.is(code, 4, command);
    t.regex(stderr, /config\.json:2:\d+: [\s\S]*config check/, command);
  }
});

test('config check and audit verify speak JSON in one line', async (t) => {
  const dir = await home(t);
  const config = await typed(dir, 'config', 'check', '--json');
  t.is(config.code, 0);
  t.like(JSON.parse(config.stdout), { ok: true, problems: [] });
  const audit = await typed(dir, 'audit', 'verify', '--json');
  t.is(audit.code, 1);
  t.like(JSON.parse(audit.stdout), { verified: false });
});

test('where nothing runs, status and tap say what to start, and stop has nothing to do', async (t) => {
  const dir = await home(t);
  const status = await typed(dir, 'status');
  t.is(status.code, 1);
  t.regex(status.stdout, /^actor +zone +pid +state +ready[\s\S]*tap-listener +session +- +absent +no/);
  t.regex(status.stderr, /npm run lab/);
  const tap = await typed(dir, 'tap', '--band', 'NB-01');
  t.is(tap.code, 1);
  t.regex(tap.stderr, /No lab runs here[\s\S]*npm run lab/);
  t.like(await typed(dir, 'stop', '--json'), { code: 0, stdout: '{"stopped":true,"ran":false}\n' });
});

test.serial('the demo ends four taps as it should, prints one line of JSON, keeps its logs, and leaves no process and no folder', async (t) => {
  const dir = await home(t);
  const { code, stdout, stderr } = await typed(dir, 'demo', '--desktop', 'virtual', '--json');
  t.is(stdout.trim().split('\n').length, 1);
  type Tap = { band: string; outcome: string; reason: string; ms: Record<string, number | null> };
  const result = JSON.parse(stdout) as { desktop: string; taps: Tap[]; audit: { events: number }; screenshot: null };
  t.is(code, 0, stderr + stdout);
  t.deepEqual(Object.keys(result), ['desktop', 'taps', 'audit', 'screenshot']);
  t.deepEqual(result.taps.map(({ band, outcome, reason }) => `${band} ${outcome} ${reason}`), [
    'NB-01 filled ok', 'NB-01 filled ok', 'NB-02 filled ok', 'NB-99 refused unknown-band',
  ]);
  for (const { ms } of result.taps) t.deepEqual(Object.keys(ms), ['accept', 'resolve', 'credential', 'inject', 'total']);
  t.like(result, { desktop: 'virtual', audit: { verified: true }, screenshot: null });
  t.true(result.audit.events >= 8);
  t.deepEqual(readdirSync(dir).sort(), ['cache', 'demo']);
  t.like(await typed(dir, 'audit', 'verify', '--directory', join(dir, 'demo/machine/Audit')), { code: 0 });
  t.deepEqual(leftBehind(dir), []);
});

test.serial('Ctrl-C in the middle of the demo ends it with 130 and leaves no process', async (t) => {
  const dir = await home(t);
  const demo = type(dir, 'demo', '--desktop', 'virtual');
  await demo.line('stderr', /starting the session zone/);
  demo.child.kill('SIGINT');
  const { code, stderr } = await demo.ended;
  t.is(code, 130);
  t.regex(stderr, /everything was stopped/);
  t.deepEqual(leftBehind(dir), []);
});

test.serial('a lab takes taps from another terminal until Ctrl-C, turns to the next form after each, and is alone', async (t) => {
  const dir = await home(t);
  const lab = type(dir, 'lab', '--desktop', 'virtual', '--json');
  t.like(JSON.parse(await lab.line('stdout', /"ready"/)), { ready: true, desktop: 'virtual', page: 'login' });
  t.is((await typed(dir, 'lab', '--desktop', 'virtual')).code, 3);
  for (const band of ['NB-01', 'NB-02']) {
    const tap = await typed(dir, 'tap', '--band', band, '--json');
    t.like(JSON.parse(tap.stdout), { band, outcome: 'filled', reason: 'ok' });
    t.is(tap.code, 0);
  }
  const nobody = await typed(dir, 'tap', '--band', 'NB-99');
  t.is(nobody.code, 1);
  t.regex(nobody.stdout, /NB-99 +nobody +refused: unknown-band[\s\S]*the person reads: Tapline cannot find a user/);
  t.like(await typed(dir, 'why'), { code: 0 });
  const explained = await typed(dir, 'explain', 'last');
  t.is(explained.code, 0);
  t.regex(explained.stdout, /as refused, unknown-band: No user of NES owns this band\./);
  lab.child.kill('SIGINT');
  t.is((await lab.ended).code, 0);
  t.false(existsSync(join(dir, 'lab.json')));
  t.deepEqual(leftBehind(dir), []);
});
