// A process under pm2: hosts one actor, or all of a zone, and says honestly when they are ready and when they ended.
// Started as `host.ts ACTOR[,ACTOR…]`.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadConfig, type Config } from '../config/load.ts';
import { loggingInForce } from '../config/logging.ts';
import { isProblem, problemLine, type ConfigProblem } from '../config/problem.ts';
import { ACTORS, ACTOR_NAMES, Zone, type ActorName } from '../contracts/actors.ts';
import { runActor, type RunningActor } from '../runtime/actor.ts';
import { Neighbours } from '../runtime/bus/neighbours.ts';
import { openLog } from '../runtime/log.ts';
import { holdAlone } from '../runtime/solo.ts';
import { keepCode } from './code-cache.ts';
import { sayNotReady, sayReady } from './ready.ts';
import { ExitCode, START } from './topology.ts';

const STOP_WITHIN_MS = 2500;
const SETTLE_AFTER_MS = 2000;

await host(actorsIn(process.argv[2] ?? ''));

async function host(names: readonly ActorName[]): Promise<void> {
  const config = loadConfig();
  if (isProblem(config)) return give(config);
  const inForce = loggingInForce(config.logging.file);
  const { zone } = ACTORS[names[0]!];
  const root = zone === Zone.machine ? config.machine.directory : config.session.directory;
  for (const name of names) {
    if ((await holdAlone(root, name)) === null) return turnedAway(name, config);
  }
  const running: RunningActor[] = [];
  process.on('uncaughtException', (error) => {
    // A bug of ours: say which and where, without values, and let pm2 start anew.
    const log = openLog({ actor: names.join(','), dir: `${root}/logs`, kind: 'App', level: inForce.logging.level, keepDays: inForce.logging.keepDays });
    log.fatal({ name: error.name, code: 'code' in error ? error.code : undefined, stack: placesIn(error.stack) }, 'actor.broke');
    process.exit(1);
  });
  for (const name of names) sayNotReady(root, name);
  const neighbours = names.length > 1 ? new Neighbours() : undefined;
  let stopKeeping = (): void => {};
  onStop(async () => {
    stopKeeping();
    for (const name of names) sayNotReady(root, name);
    for (const actor of running.reverse()) await actor.stop();
  });
  for (const name of names) {
    running.push(await runActor(name, (await START[name]()).start, config, inForce, neighbours));
    sayReady(root, name);
  }
  process.send?.('ready');
  stopKeeping = keepCode(zone);
  setTimeout(settle, SETTLE_AFTER_MS).unref();
}

/** Once, when nothing waits: gives back what loading took. */
function settle(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Another process is this actor. Whoever started a second tray by hand is told so on the desktop (7.6). */
async function turnedAway(name: ActorName, config: Config): Promise<void> {
  const { messagesFor } = await import('../insight/messages.ts');
  const told = messagesFor({ product: config.product }).statuses['already-running'];
  if (name === 'tray') await (await import('./box.ts')).showBox(config, told);
  end(ExitCode.alreadyRunning, `${told.message} (${name})`);
}

/** Lines of a stack trace that name places; the message may hold a value. */
function placesIn(stack: string | undefined): string[] {
  return (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 10);
}

function actorsIn(argument: string): ActorName[] {
  const names = argument.split(',').filter((name): name is ActorName => (ACTOR_NAMES as string[]).includes(name));
  if (names.length === 0) throw new TypeError(`host.ts takes the names of actors: ${ACTOR_NAMES.join(', ')}`);
  return names;
}

/** pm2 stops with a signal, on Windows with a message. */
function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const once = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(ExitCode.ok), STOP_WITHIN_MS).unref();
    void stop().finally(() => process.exit(ExitCode.ok));
  };
  process.on('SIGINT', once);
  process.on('SIGTERM', once);
  process.on('message', (message) => {
    if (message === 'shutdown') once();
  });
}

function give(problem: ConfigProblem): void {
  end(ExitCode.badConfiguration, `${problem.message} (${problemLine(problem)})`);
}

function end(code: number, sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = code;
  process.exit();
}
