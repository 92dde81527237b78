// The fleet that start, stop, restart and status are about: the one that environment and settings name.
import { loadConfig } from '../config/load.ts';
import { isProblem } from '../config/problem.ts';
import type { Zone } from '../contracts/actors.ts';
import { FleetFailed, openFleet, type Fleet } from '../supervisor/fleet.ts';
import { problemLine } from '../config/problem.ts';

/** Throws `FleetFailed` if the settings cannot be used. */
export function fleetOf(zone: Zone | undefined, onProgress: (text: string) => void): Fleet {
  const config = loadConfig();
  if (isProblem(config)) throw new FleetFailed({ code: 'bad-configuration', sentence: `${config.message} (${problemLine(config)})` });
  return openFleet({ home: config.home, settingsFile: config.file ?? undefined, zones: zone === undefined ? undefined : [zone], onProgress });
}
