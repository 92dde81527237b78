// A start or a restart that failed where nobody sees a terminal, as at a login or after a click in the tray: told on the desktop.
import { defaultConfig, loadConfig } from '../config/load.ts';
import { isProblem } from '../config/problem.ts';
import { Zone } from '../contracts/actors.ts';
import { messagesFor } from '../insight/messages.ts';
import { showBox } from '../supervisor/box.ts';
import { Exit } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Shows the box of 7.6 or 7.9 for an exit code that is a failure, and gives the code back. */
export async function toldOnDesktop(exit: Exit, zone: Zone | undefined, { isWatched }: Pick<Terminal, 'isWatched'>): Promise<Exit> {
  if (exit === Exit.ok || exit === Exit.interrupted || zone === Zone.machine || isWatched) return exit;
  const read = loadConfig();
  const config = isProblem(read) ? defaultConfig() : read;
  const { statuses } = messagesFor({ product: config.product });
  await showBox(config, statuses[exit === Exit.alreadyRunning ? 'already-running' : 'cannot-initialize']);
  return exit;
}
