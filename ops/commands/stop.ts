// `npm run stop`: ends what `start` started, session zone first.
import type { Zone } from '../../contracts/actors.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { fleetOf } from '../fleet-of.ts';
import type { Terminal } from '../terminal.ts';

export interface StopOptions {
  readonly json: boolean;
  readonly zone?: Zone | undefined;
}

/** 0: nothing of it runs any more. */
export async function stop({ json, zone }: StopOptions, terminal: Terminal): Promise<Exit> {
  try {
    const fleet = fleetOf(zone, terminal.progress);
    const ran = await fleet.isRunning();
    await fleet.stop();
    terminal.progress(null);
    const left = await fleet.isRunning();
    if (json) terminal.print(JSON.stringify({ stopped: !left, ran }));
    else if (!left) terminal.print(ran ? `${terminal.paint('green', 'stopped')}  ${fleet.apps.map(({ name }) => name).toReversed().join(', ')}` : 'Nothing was running.');
    if (!left) return Exit.ok;
    terminal.note('Some actors run outside of this pm2: they were started by hand, or by another user. End them there.');
    return Exit.failed;
  } catch (error) {
    return gaveUp(error, terminal, 'See `npm run status`.');
  }
}
