// Before anything runs: what actors could only crash over, or fail at each tap.
import { accessSync, constants } from 'node:fs';
import type { Config } from '../config/load.ts';
import { Zone } from '../contracts/actors.ts';
import { FleetFailed } from './failure.ts';

/** Of a socket; each zone's longest one is a door between the zones, whose name ends with the session. */
const SOCKET_PATH_BYTES_MAX = 107;
const LONGEST_DOOR: Readonly<Record<Zone, string>> = { machine: 'credential-broker.window-resolver', session: 'tap-listener.credential-broker' };

/** Throws `FleetFailed` where a folder's path leaves no room for the names of its sockets. */
export function checkLength(zone: Zone, root: string, uid: number): void {
  const most = SOCKET_PATH_BYTES_MAX - `/run/${LONGEST_DOOR[zone]}.s${uid}-0123456789`.length;
  const bytes = Buffer.byteLength(root);
  if (process.platform !== 'linux' || bytes <= most) return;
  const sentence = `The folder of the ${zone} zone has a path of ${bytes} bytes; at most ${most} leave room for its sockets. Name a shorter one as "${zone}": { "directory": "…" }: ${root}`;
  throw new FleetFailed({ code: 'bad-configuration', sentence });
}

/** Throws `FleetFailed` where a file that the settings name for the machine zone cannot be read. */
export function checkFiles({ nes }: Pick<Config, 'nes'>): void {
  for (const [key, file] of [['nes.caFile', nes.caFile], ['nes.login.passwordFile', nes.login?.passwordFile ?? null]] as const) {
    if (file === null) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw new FleetFailed({ code: 'bad-configuration', sentence: `The file that "${key}" names cannot be read (${code}): ${file}` });
    }
  }
}
