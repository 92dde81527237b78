// What became of a start or a restart: a line of the zone's Startup log (7.2), and where it failed and nobody sees a terminal, as
// at a login or after a click in the tray, a box on the desktop (7.6, 7.9).
import type { Config } from '../config/load.ts';
import { loggingInForce } from '../config/logging.ts';
import { Zone } from '../contracts/actors.ts';
import { messagesFor } from '../insight/messages.ts';
import { openLog } from '../runtime/log.ts';
import { placesOf } from '../runtime/places.ts';
import { showBox } from '../supervisor/box.ts';
import { FleetFailed } from '../supervisor/fleet.ts';
import { Exit } from './exit.ts';
import type { Terminal } from './terminal.ts';

export interface Startup {
  readonly what: 'start' | 'restart';
  /** Both, if none is named: then the line stands in the session's log. */
  readonly zone: Zone | undefined;
  /** Defaults, where the settings cannot be used. */
  readonly config: Config;
  readonly exit: Exit;
  /** What else the line says. */
  readonly told: object;
}

/** Gives the exit code back, once the person has read the box. Does not throw. */
export async function concluded(startup: Startup, { isWatched }: Pick<Terminal, 'isWatched'>): Promise<Exit> {
  const { zone, config, exit } = startup;
  keep(startup);
  if (exit === Exit.ok || exit === Exit.interrupted || zone === Zone.machine || isWatched) return exit;
  const { statuses } = messagesFor({ product: config.product });
  await showBox(config, statuses[exit === Exit.alreadyRunning ? 'already-running' : 'cannot-initialize']);
  return exit;
}

/** Why it failed, for the log: no values of settings. */
export function toldOf(error: unknown): object {
  if (!(error instanceof FleetFailed)) return { code: 'failed', reason: error instanceof Error ? error.message : null };
  const { code, sentence, app, logFile } = error.failure;
  return { code, reason: sentence, app, logFile };
}

function keep({ what, zone, config, exit, told }: Startup): void {
  try {
    const { level, keepDays } = loggingInForce(config.logging.file).logging;
    const { logs } = placesOf(config[zone ?? Zone.session].directory);
    const log = openLog({ actor: what, dir: logs, kind: 'Startup', level, keepDays });
    if (exit === Exit.ok) log.info(told, `${what}.ready`);
    else if (exit === Exit.interrupted) log.info(`${what}.interrupted`);
    else log.error(told, `${what}.failed`);
  } catch {
    // The folder is somebody else's, or the disk is full: the terminal has been told.
  }
}
