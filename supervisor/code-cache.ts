// Compiled code is kept for the next start, so that one after a kill is quick, too. Node would keep it at an orderly end
// alone, and when asked it takes a second or two in which no message is heard: so a process of low priority does it.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { actorsOf, type Zone } from '../contracts/actors.ts';

const LOADER = join(import.meta.dirname, 'code-loader.ts');

/** Has the code of a zone's actors kept, once for a folder and version of Node. Call what it returns to end that early. */
export function keepCode(zone: Zone): () => void {
  const folder = getCompileCacheDir();
  if (folder === undefined || !isFirst(join(folder, `${zone}.kept`))) return () => {};
  const loader = spawn(process.execPath, [LOADER, actorsOf(zone).join(',')], { stdio: 'ignore' });
  loader.once('error', () => {}).unref();
  try {
    if (loader.pid !== undefined) setPriority(loader.pid, constants.priority.PRIORITY_LOW);
  } catch {
    // it ended already, or the system does not let us
  }
  return () => void loader.kill('SIGKILL');
}

/** Of all processes of the zone one does it. */
function isFirst(mark: string): boolean {
  try {
    writeFileSync(mark, '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
