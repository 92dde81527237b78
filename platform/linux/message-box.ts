// A box that waits for the person: zenity where it is installed.
import { spawn } from 'node:child_process';
import { environment } from './programs.ts';
import type { Surroundings } from './programs.ts';

export interface BoxOptions extends Surroundings {
  readonly program: string;
  /** Closes the box. */
  readonly signal: AbortSignal;
}

/** Resolves when it was dismissed: true; or could not be opened: false. */
export function showBox(title: string, message: string, { program, signal, ...surroundings }: BoxOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const args = [...environment(surroundings), program, '--error', '--no-markup', '--title', title, '--text', message, '--width', '420'];
    const child = spawn('/usr/bin/env', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const abort = () => child.kill();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    let noDisplay = false;
    child.stderr.on('data', (chunk: Buffer) => { noDisplay ||= chunk.includes('cannot open display'); });
    const done = (shown: boolean) => {
      signal.removeEventListener('abort', abort);
      resolve(shown);
    };
    child.on('error', () => done(false));
    // 0 and 1 are the button and the window's own close; env answers 126 and 127 where it cannot start the program.
    child.on('close', (code) => done(signal.aborted || (!noDisplay && (code === 0 || code === 1))));
  });
}
