// What the tests need of the operating system, and how it gets there. The lab knows what a desktop needs; further toolkits
// and a window manager are wanted by the tests alone.
import { spawnSync } from 'node:child_process';
import { desktopMissing, toolkitsMissing } from '../ops/lab/desktop/packages.ts';
import { findProgram } from '../ops/lab/desktop/processes.ts';

const INSTALL = ['install', '-y', '-q', '--no-install-recommends'];

/** Debian packages that `npm test` needs and this machine lacks. */
export function packagesMissing(): string[] {
  return [...desktopMissing(), ...toolkitsMissing(), ...(findProgram('openbox') === null ? ['openbox'] : [])];
}

/** The one line that installs them. */
export const installLine = (packages: readonly string[]): string => `apt-get ${INSTALL.join(' ')} ${packages.join(' ')}`;

/** Can they be installed from here? Only by root, where there is apt-get. */
export const mayInstall = (): boolean => process.getuid?.() === 0 && findProgram('apt-get') !== null;

/** Installs them by the lists of today: older ones lack the security updates that a browser has had since, and with them its version. */
export function install(packages: readonly string[]): boolean {
  apt(['update', '-q']);
  return apt([...INSTALL, ...packages]);
}

function apt(args: readonly string[]): boolean {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env: environment }).status === 0;
}
