// From `npm start` to all actors ready, against as many bare processes that load the same packages and do nothing else,
// under the same pm2 in the same two waves. Compiled code is warm for both, as on any start but the first.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTORS, ACTOR_NAMES, actorsOf, type ActorName } from '../../contracts/actors.ts';
import { Pm2 } from '../../supervisor/pm2.ts';
import { pm2App, WAVES } from '../../supervisor/topology.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import { quantile } from './quantile.ts';

const ROUNDS = 4;
const LOOK_EVERY_MS = 5;
const READY_WITHIN_MS = 30_000;
const CLI = join(import.meta.dirname, '../cli.ts');
const BARE = join(import.meta.dirname, 'bare.ts');

export interface ReadyFigures {
  readonly ms: number;
  readonly bareMs: number;
  /** Ours in units of the bare ones. */
  readonly ratio: number;
}

export async function benchReady(progress: (text: string) => void): Promise<ReadyFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'tl-bench-'));
  const lab = await startLab({ dir, desktop: 'virtual' });
  const took = { ours: [] as number[], bare: [] as number[] };
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      progress(`ready: round ${round} of ${ROUNDS}`);
      const [ours, bare] = [await startOurs(lab), await startBare(dir)];
      if (round === 0) continue; // it warms the code of both
      took.ours.push(ours);
      took.bare.push(bare);
    }
  } finally {
    await lab.close();
    rmSync(dir, { recursive: true, force: true });
  }
  const [ms, bareMs] = [quantile(took.ours, 0.5), quantile(took.bare, 0.5)];
  return { ms, bareMs, ratio: ms / bareMs };
}

/** The command of `npm start`; it returns when all are ready. */
async function startOurs({ dir, settingsFile }: Lab): Promise<number> {
  const env = { ...process.env, TAPLINE_HOME: dir, TAPLINE_CONFIG: settingsFile };
  const begun = performance.now();
  await command(['start'], env);
  const took = performance.now() - begun;
  await command(['stop'], env);
  return took;
}

async function startBare(dir: string): Promise<number> {
  const ready = mkdtempSync(join(dir, 'bare-'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NODE_COMPILE_CACHE: join(dir, 'bare-cache') };
  const daemons = WAVES.map((zone) => new Pm2({ home: join(ready, zone), env }));
  try {
    const begun = performance.now();
    for (const [wave, zone] of WAVES.entries()) {
      const argsOf = (name: ActorName): string => [join(ready, `${name}.ready`), ...packagesOf(name)].join(' ');
      const asActor = (name: ActorName) => pm2App({ name, zone, actors: [name] }, env);
      await daemons[wave]!.start(actorsOf(zone).map((name) => ({ ...asActor(name), script: BARE, args: argsOf(name), wait_ready: false })));
    }
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!ACTOR_NAMES.every((name) => existsSync(join(ready, `${name}.ready`)))) {
      if (Date.now() > deadline) throw new Error('a bare process did not start');
      await sleep(LOOK_EVERY_MS);
    }
    return performance.now() - begun;
  } finally {
    for (const daemon of [...daemons].reverse()) await daemon.kill();
  }
}

/** What an actor loads from `node_modules`, on the virtual desktop. */
function packagesOf(name: ActorName): string[] {
  const shared = ['zeromq', 'msgpackr', 'zod', 'rxjs', 'pino', 'jsonc-parser', 'fastest-levenshtein', '@hpke/core'];
  if (name === 'nes-gateway') return [...shared, 'axios'];
  return ACTORS[name].zone === 'session' || name === 'credential-broker' ? [...shared, 'ws'] : shared;
}

function command(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`tapline ${args.join(' ')} ended with ${code}`))));
  });
}
