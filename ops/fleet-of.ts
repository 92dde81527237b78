// The fleet that start, stop, restart and status are about: the one that environment and settings name.
import { loadConfig } from '../config/load.ts';
import { isProblem, problemLine } from '../config/problem.ts';
import type { Zone } from '../contracts/actors.ts';
import { FleetFailed, openFleet, type Fleet } from '../supervisor/fleet.ts';
import { Exit } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Throws `FleetFailed` if the settings cannot be used. */
export function fleetOf(zone: Zone | undefined, onProgress: (text: string) => void): Fleet {
  const config = loadConfig();
  if (isProblem(config)) throw new FleetFailed({ code: 'bad-configuration', sentence: `${config.message} (${problemLine(config)})` });
  return openFleet({ home: config.home, settingsFile: config.file ?? undefined, zones: zone === undefined ? undefined : [zone], onProgress });
}

/** What to do where the configuration names no NES, so that there is nothing to start against. */
export function withoutNes(home: string, { note }: Pick<Terminal, 'note'>): Exit {
  note('The configuration names no Nymi Enterprise Server, so there is nothing to start against.');
  note(`Name one as "nes": { "url": "https://…" } in ${home}/config.json or in the file that TAPLINE_CONFIG names, or play with the lab: npm run lab`);
  return Exit.configuration;
}
