// `npm start`: the actors, against the NES and the Nymi Agent that the configuration names.
import { defaultConfig, type Config } from '../../config/load.ts';
import { problemLine, type ConfigProblem } from '../../config/problem.ts';
import type { Zone } from '../../contracts/actors.ts';
import { messagesFor } from '../../insight/messages.ts';
import { FleetFailed } from '../../supervisor/fleet.ts';
import { Ending } from '../ending.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { fleetOf, withoutNes } from '../fleet-of.ts';
import { concluded, toldOf } from '../startup.ts';
import type { Terminal } from '../terminal.ts';
import { besides } from './config-check.ts';

export interface StartOptions {
  readonly json: boolean;
  readonly zone?: Zone | undefined;
}

const HINT = 'See `npm run status`, and the files that it names.';

/** 0: every actor is ready, 3: they run already, 4: the configuration lacks a NES or cannot be used, 1: they did not start. */
export async function start({ json, zone }: StartOptions, terminal: Terminal): Promise<Exit> {
  const startedMs = performance.now();
  const told = (result: object): void => (json ? terminal.print(JSON.stringify(result)) : undefined);
  const ended = (exit: Exit, more: object): Promise<Exit> => concluded({ what: 'start', zone, config, exit, told: more }, terminal);
  let config = defaultConfig();
  try {
    const fleet = fleetOf(zone, terminal.progress);
    ({ config } = fleet);
    if (config.nes.url === null) {
      told({ started: false, reason: 'no-nes' });
      return await ended(withoutNes(config.home, terminal), { code: 'no-nes' });
    }
    const ending = Ending.onSignals(() => terminal.progress('stopping'));
    await ending.unlessCalled(fleet.start()).catch(async (error: unknown) => {
      // A fleet that was there before goes on.
      if (!(error instanceof FleetFailed)) await fleet.stop();
      throw error;
    });
    terminal.progress(null);
    const readyMs = Math.round(performance.now() - startedMs);
    const problems = problemsBeside(config, terminal);
    const apps = fleet.apps.map(({ name }) => name);
    told({ started: true, apps, readyMs, problems });
    if (!json) terminal.print(`${terminal.paint('green', 'ready')}  ${apps.join(', ')}  (${readyMs} ms)`);
    return await ended(Exit.ok, { apps, readyMs });
  } catch (error) {
    told({ started: false, reason: error instanceof FleetFailed ? error.failure.code : 'failed' });
    const cause = isThere(error) ? alreadyThere(config.product) : error;
    return ended(gaveUp(cause, terminal, HINT), toldOf(cause));
  }
}

/** Names the files that cannot be used, and what holds until they are mended. */
function problemsBeside(config: Config, { note, paintNote }: Terminal): readonly ConfigProblem[] {
  return besides(config).flatMap(({ what, problem, untilThen = '' }) => {
    if (problem === null) return [];
    note(`${paintNote('yellow', 'warning:')} ${what}: ${problemLine(problem)}`);
    note(`Until it is mended: ${untilThen}`);
    return [problem];
  });
}

const isThere = (error: unknown): boolean => error instanceof FleetFailed && error.failure.code === 'already-running';

/** What a person reads who starts it a second time (7.6). */
function alreadyThere(product: string): FleetFailed {
  const { message } = messagesFor({ product }).statuses['already-running'];
  return new FleetFailed({ code: 'already-running', sentence: message });
}
