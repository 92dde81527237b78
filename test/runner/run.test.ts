import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isAlive } from '../../supervisor/ready.ts';
import { installLine } from '../os-packages.ts';
import { testFiles } from './files.ts';
import { counted, ended, NOTHING } from './tally.ts';

const ROOT = join(import.meta.dirname, '../..');
const fixture = (name: string): string => `test/runner/fixtures/${name}.fixture.ts`;

interface Run {
  readonly output: string;
  readonly lastLine: string;
  readonly code: number | null;
}

/** Runs the runner as npm does, and stops it as soon as it prints `stopAt`. */
function run(names: readonly string[], stopAt = '\0'): Promise<Run> {
  const child = spawn(process.execPath, ['test/run.ts', ...names.map(fixture)], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (text.includes(stopAt)) child.kill('SIGTERM');
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output, lastLine: output.trimEnd().split('\n').at(-1) ?? '' })));
}

const ENDS: Record<string, readonly [readonly string[], string, number]> = {
  'a run in which all is well': [['passes'], '2 passed, 0 failed', 0],
  'a run with a failure': [['passes', 'fails'], '3 passed, 1 failed', 1],
  'a run in which a file is killed': [['passes', 'crashes'], '2 passed, 1 failed', 1],
  'a run with a file that has no tests': [['passes', 'empty'], '2 passed, 1 failed', 1],
  'a run with an error that nobody caught': [['throws'], '1 passed, 2 failed', 1],
  'a run that finds nothing to do': [['absent'], '0 passed, 1 failed', 1],
};

for (const [what, [names, lastLine, code]] of Object.entries(ENDS)) {
  test(`${what} ends with ${lastLine}`, async (t) => {
    t.like(await run(names), { lastLine, code });
  });
}

test('a run that is stopped still says how far it came, and leaves no process behind', async (t) => {
  const { lastLine, code, output } = await run(['passes', 'waits'], 'waiting as');
  t.regex(lastLine, /^[0-2] passed, [1-9] failed$/);
  t.is(code, 1);
  const pid = Number(/waiting as (\d+)/.exec(output)?.[1]);
  t.true(pid > 1);
  t.false(isAlive(pid));
});

test('a run that failed without a word counts as one failure', (t) => {
  t.deepEqual(ended({ passed: 5, failed: 0 }, 1), { passed: 5, failed: 1 });
  t.deepEqual(ended({ passed: 5, failed: 0 }, null), { passed: 5, failed: 1 });
  t.deepEqual(ended({ passed: 5, failed: 2 }, 1), { passed: 5, failed: 2 });
  t.deepEqual(ended({ passed: 5, failed: 0 }, 0), { passed: 5, failed: 0 });
  t.deepEqual(ended(NOTHING, 0), { passed: 0, failed: 1 });
});

test('lines of ava count with and without colours, other lines do not', (t) => {
  const lines = ['  ✔ a › b (1.2s)', '\u001b[32m  ✔\u001b[39m a', '  ✘ [fail]: a › b Error', '  ℹ ✔ a log', 'text ✔ text', '  ✔ [expected fail] a', '  ✘ a.test.ts exited due to SIGKILL', '  Uncaught exception in a.test.ts'];
  t.deepEqual(lines.reduce(counted, NOTHING), { passed: 2, failed: 3 });
});

test('every test file is in one group, and the desktop is asked for by those that need it', (t) => {
  const { beside, alone, desktop, chaos } = testFiles();
  const all = [...beside, ...alone, ...desktop, ...chaos];
  t.is(new Set(all).size, all.length);
  for (const file of all) t.true(existsSync(join(ROOT, file)));
  t.true(desktop.includes('test/platform/linux.test.ts'));
  t.true(desktop.every((file) => !beside.includes(file)));
  t.true(beside.includes('test/tidy.test.ts'));
});

test('the packages come by one line', (t) => {
  t.is(installLine(['xvfb', 'chromium']), 'apt-get install -y -q --no-install-recommends xvfb chromium');
});
