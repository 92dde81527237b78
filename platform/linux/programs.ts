// Which helper programs this machine has, and the surroundings that they are started in.
import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

export interface Surroundings {
  /** X display, as `:0`. */
  readonly display: string | undefined;
  /** D-Bus address of the session bus. */
  readonly sessionBus: string | undefined;
}

/** Only where the system's administrator installs programs: the form is given a password. */
const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'] as const;

/** Path of the first of these programs that is installed; absolute names are taken as they are. */
export async function findProgram(names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    for (const path of isAbsolute(name) ? [name] : FOLDERS.map((folder) => join(folder, name))) {
      if (await runnable(path)) return path;
    }
  }
  return null;
}

/** Arguments for /usr/bin/env, which hands our own environment on with these changes. */
export function environment({ display, sessionBus }: Surroundings): readonly string[] {
  return [
    ...(display === undefined ? [] : [`DISPLAY=${display}`]),
    ...(sessionBus === undefined ? [] : [`DBUS_SESSION_BUS_ADDRESS=${sessionBus}`]),
  ];
}

async function runnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
