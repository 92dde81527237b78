// `npm test`: types, then all tests, and whatever happens one last line `N passed, N failed`.
// `--core` leaves out what needs packages of the operating system, `--chaos` runs the long forms, files run as named.
import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { install, installLine, mayInstall, packagesMissing } from './os-packages.ts';
import { testFiles } from './runner/files.ts';
import { counted, ended, NOTHING, sum, summary, type Tally } from './runner/tally.ts';

const ROOT = join(import.meta.dirname, '..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const AVA = join(ROOT, 'node_modules/ava/entrypoints/cli.mjs');
/** More than two test files at a time only make each other late. */
const BESIDE_MAX = 2;
/** Ava ends a run in which nothing passes or fails for so long. */
const SILENT_FOR = { test: '2m', chaos: '20m' } as const;
/** The whole of it, however much there is. */
const WITHIN_MS = { test: 45 * 60_000, chaos: 4 * 3600_000 } as const;

/** Ava says what was pending, and ends; else it is ended. */
const STOP_WITHIN_MS = 10_000;
/** Each tool leads a process group of its own, by which its descendants are known. */
const GROUPS = process.platform !== 'win32';

let total = NOTHING;
let child: ChildProcess | undefined;
let stopped = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(`stopped by ${signal}`));
process.on('uncaughtException', (error) => stop(error.message));
process.on('exit', () => {
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
  process.stdout.write(`${summary(total)}\n`);
});

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  setTimeout(() => stop('it took too long'), args.includes('--chaos') ? WITHIN_MS.chaos : WITHIN_MS.test).unref();
  const named = args.filter((arg) => !arg.startsWith('-'));
  if (named.length > 0) return ava(named, BESIDE_MAX);
  const files = testFiles();
  if (args.includes('--chaos')) return ava(files.chaos, 1, SILENT_FOR.chaos);
  const desktop = args.includes('--core') || process.platform !== 'linux' ? [] : files.desktop;
  if (desktop.length > 0 && !provide()) return;
  await types();
  await ava(files.beside, Math.min(BESIDE_MAX, availableParallelism()));
  await ava([...files.alone, ...desktop], 1);
}

/** Has the packages of the operating system there, or says how they come and counts a failure. */
function provide(): boolean {
  const missing = packagesMissing();
  if (missing.length > 0 && mayInstall()) install(missing);
  const still = packagesMissing();
  if (still.length === 0) return true;
  process.stderr.write(`The tests need a desktop. As root, run\n  ${installLine(still)}\nor leave those tests out: npm run test:core\n`);
  total = sum(total, { passed: 0, failed: 1 });
  return false;
}

async function types(): Promise<void> {
  const code = await run([TSC, '-p', ROOT], (line) => process.stdout.write(`${line}\n`));
  if (code !== 0) {
    process.stdout.write('The types do not hold.\n');
    total = sum(total, { passed: 0, failed: 1 });
  }
}

async function ava(files: readonly string[], concurrency: number, silentFor: string = SILENT_FOR.test): Promise<void> {
  if (files.length === 0 || stopped) return;
  let tally: Tally = NOTHING;
  const code = await run([AVA, '--concurrency', String(concurrency), '--timeout', silentFor, ...files], (line) => {
    tally = counted(tally, line);
    process.stdout.write(`${line}\n`);
  });
  total = sum(total, ended(tally, code));
}

/** Runs a tool under this Node, and gives its lines as they come. Null: it was killed. */
function run(args: readonly string[], take: (line: string) => void): Promise<number | null> {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const tool = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...colour }, detached: GROUPS });
  child = tool;
  for (const output of [tool.stdout, tool.stderr]) createInterface({ input: output }).on('line', take);
  return new Promise((resolve) => {
    tool.once('error', () => resolve(null));
    tool.once('exit', () => endGroup(tool));
    tool.once('close', resolve);
  });
}

/** Ends what a tool leaves behind: a test file that hangs outlives an ava that was told to stop. */
function endGroup({ pid }: ChildProcess): void {
  if (!GROUPS || pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** Ends the tool at hand; what it reports then is still counted. */
function stop(why: string): void {
  process.stderr.write(`The run ends early: ${why}.\n`);
  total = sum(total, { passed: 0, failed: 1 });
  if (stopped || child === undefined || child.exitCode !== null) process.exit(1);
  stopped = true;
  const tool = child;
  tool.kill('SIGINT');
  setTimeout(() => endGroup(tool), STOP_WITHIN_MS).unref();
}
