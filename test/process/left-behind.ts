// Processes that still belong to a test after it should have ended them: known by a folder in their environment.
import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes whose environment names something below `folder`; this one does not count. */
export function leftBehind(folder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => pid !== process.pid && environmentOf(pid).some((entry) => entry.includes(`=${folder}`)));
}

/** `NAME=value` of a process; nothing of one that has gone. */
export function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter((entry) => entry !== '');
  } catch {
    return [];
  }
}
