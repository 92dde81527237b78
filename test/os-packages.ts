// What the tests need of the operating system, and how it gets there. The lab knows what a desktop needs; further toolkits
// and a window manager are wanted by the tests alone.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { desktopMissing, toolkitsMissing } from '../ops/lab/desktop/packages.ts';
import { findProgram } from '../ops/lab/desktop/processes.ts';

const LISTS = '/var/lib/apt/lists';
const INSTALL = ['install', '-y', '-q', '--no-install-recommends'];

/** Debian packages that `npm test` needs and this machine lacks. */
export function packagesMissing(): string[] {
  return [...desktopMissing(), ...toolkitsMissing(), ...(findProgram('openbox') === null ? ['openbox'] : [])];
}

/** The one line that installs them. */
export const installLine = (packages: readonly string[]): string => `apt-get ${INSTALL.join(' ')} ${packages.join(' ')}`;

/** Can they be installed from here? Only by root, where there is apt-get. */
export const mayInstall = (): boolean => process.getuid?.() === 0 && findProgram('apt-get') !== null;

/** Installs them; the lists of packages are fetched only where there are none, or where they are too old. */
export function install(packages: readonly string[]): boolean {
  const listed = hasLists();
  if (!listed) apt(['update', '-q']);
  if (apt([...INSTALL, ...packages])) return true;
  return listed && apt(['update', '-q']) && apt([...INSTALL, ...packages]);
}

function apt(args: readonly string[]): boolean {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env: environment }).status === 0;
}

function hasLists(): boolean {
  try {
    return readdirSync(LISTS).some((name) => name.includes('_Packages'));
  } catch {
    return false;
  }
}
