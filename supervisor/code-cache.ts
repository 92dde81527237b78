// Compiled code is kept for the next start, so that one after a kill is quick, too. Node would keep it at an orderly end
// alone, and when asked it takes a second or two in which no message is heard: so a process of low priority does it.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { ActorName } from '../contracts/actors.ts';

const LOADER = join(import.meta.dirname, 'load.ts');

/** Has the code of these actors kept, once for a folder and version of Node. Call what it returns to end that early. */
export function keepCode(names: readonly ActorName[]): () => void {
  const folder = getCompileCacheDir();
  const mark = folder === undefined ? undefined : join(folder, `${names.join('+')}.kept`);
  if (mark === undefined || existsSync(mark)) return () => {};
  const loader = spawn(process.execPath, [LOADER, names.join(',')], { stdio: 'ignore' });
  loader.once('error', () => {}).unref();
  try {
    if (loader.pid !== undefined) setPriority(loader.pid, constants.priority.PRIORITY_LOW);
  } catch {
    // it ended already, or the system does not let us
  }
  loader.once('exit', (code) => {
    if (code === 0 && existsSync(folder!)) writeFileSync(mark, '');
  });
  return () => void loader.kill('SIGKILL');
}
