// Who is ready: each actor says so in a file with its process id. pm2 calls a process online that never said anything.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActorName } from '../contracts/actors.ts';

/** Below the folder of a zone. */
export const readyFile = (zoneDirectory: string, actor: ActorName): string => join(zoneDirectory, 'run', `${actor}.ready`);

export function sayReady(zoneDirectory: string, actor: ActorName): void {
  const file = readyFile(zoneDirectory, actor);
  mkdirSync(join(zoneDirectory, 'run'), { recursive: true, mode: 0o711 });
  writeFileSync(`${file}.new`, String(process.pid), { mode: 0o644 });
  renameSync(`${file}.new`, file);
}

export function sayNotReady(zoneDirectory: string, actor: ActorName): void {
  rmSync(readyFile(zoneDirectory, actor), { force: true });
}

/** Process that hosts the actor and said it is ready; null if there is none, or if it died since. */
export function readyPid(zoneDirectory: string, actor: ActorName): number | null {
  const pid = numberIn(readyFile(zoneDirectory, actor));
  return pid !== null && isAlive(pid) ? pid : null;
}

/** A positive whole number that is all a file holds; null otherwise. */
export function numberIn(file: string): number | null {
  try {
    const number = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(number) && number > 0 ? number : null;
  } catch {
    return null;
  }
}

/** Processes of other users count, too; one that ended and that nobody has asked about does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return process.platform !== 'linux' || !isDefunct(pid);
}

function isDefunct(pid: number): boolean {
  try {
    // The state follows the name, which may hold anything, even a bracket.
    return /^\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*(?=\) )/s, ''));
  } catch {
    return false;
  }
}
