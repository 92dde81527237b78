// How a command gives up: one sentence that says why, one that says what to do next, and the exit code. Never a stack trace.
import { FleetFailed, type FleetFailure } from '../supervisor/fleet.ts';
import { Interrupted } from './ending.ts';
import { Exit } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Says what went wrong on stderr and returns the exit code for it. `hint`: where to look, if nothing better is known. */
export function gaveUp(error: unknown, terminal: Pick<Terminal, 'note' | 'progress' | 'paintNote'>, hint: string): Exit {
  terminal.progress(null);
  if (error instanceof Interrupted) {
    terminal.note('Interrupted; everything was stopped.');
    return Exit.interrupted;
  }
  const sentence = error instanceof Error ? error.message : 'It did not work.';
  terminal.note(`${terminal.paintNote('red', 'error:')} ${sentence}`);
  const failure = error instanceof FleetFailed ? error.failure : null;
  terminal.note(failure === null ? hint : (NEXT[failure.code] ?? hint));
  return failure === null ? Exit.failed : EXITS[failure.code];
}

const EXITS: Record<FleetFailure['code'], Exit> = {
  'already-running': Exit.alreadyRunning,
  'bad-configuration': Exit.configuration,
  'not-ready': Exit.failed,
  'stopped': Exit.interrupted,
};

const NEXT: Partial<Record<FleetFailure['code'], string>> = {
  'already-running': 'See what runs with `npm run status`; end it with `npm run stop`.',
  'bad-configuration': 'Check the files with `npm run tapline -- config check`.',
};
