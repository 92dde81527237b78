// `restart`: what the tray's menu entry and an operator use after a change of the settings.
import { defaultConfig } from '../../config/load.ts';
import type { Zone } from '../../contracts/actors.ts';
import { WAVES } from '../../supervisor/topology.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { fleetOf, withoutNes } from '../fleet-of.ts';
import { concluded, toldOf } from '../startup.ts';
import type { Terminal } from '../terminal.ts';

export interface RestartOptions {
  readonly json: boolean;
  readonly zone?: Zone | undefined;
}

/** 0: every actor is ready again, 4: the configuration lacks a NES or cannot be used. */
export async function restart({ json, zone }: RestartOptions, terminal: Terminal): Promise<Exit> {
  const ended = (exit: Exit, told: object): Promise<Exit> => concluded({ what: 'restart', zone, config, exit, told }, terminal);
  let config = defaultConfig();
  try {
    const fleet = fleetOf(zone, terminal.progress);
    ({ config } = fleet);
    if (config.nes.url === null) return await ended(withoutNes(config.home, terminal), { code: 'no-nes' });
    for (const each of zone === undefined ? WAVES : [zone]) await fleet.restart(each);
    terminal.progress(null);
    const names = fleet.apps.map(({ name }) => name);
    terminal.print(json ? JSON.stringify({ restarted: names }) : `${terminal.paint('green', 'ready')}  ${names.join(', ')}`);
    return await ended(Exit.ok, { apps: names });
  } catch (error) {
    if (json) terminal.print(JSON.stringify({ restarted: [] }));
    return ended(gaveUp(error, terminal, 'See `npm run status`.'), toldOf(error));
  }
}
