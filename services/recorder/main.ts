// The recorder's shell: hears what the tap-listener observes, and keeps it as the settings want. It sends nothing to anybody.
import { join } from 'node:path';
import { Zone } from '../../contracts/actors.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { zoneKeys } from '../../runtime/bus/curve.ts';
import { listen } from '../../runtime/bus/outlet.ts';
import { outletEndpoint } from '../../runtime/places.ts';
import { RecordingFolder } from './folder.ts';
import { Intake } from './intake.ts';
import { DayKeeper, RingKeeper } from './keepers.ts';

export async function start({ config, places, clock, log }: ActorContext): Promise<Actor> {
  const { mode, ringMinutes } = config.recorder;
  if (mode === 'off') return { handle: () => undefined, stop: async () => {} };
  const folder = new RecordingFolder(join(places.root, 'recordings'), config, clock);
  await folder.prune();
  const options = { folder, clock, log };
  const keeper = mode === 'ring' ? new RingKeeper(ringMinutes, options) : new DayKeeper(options);
  const intake = new Intake();
  const keys = zoneKeys(Zone.session, places.keys);
  const stopListening = listen({
    endpoints: [{ endpoint: outletEndpoint(places.run, 'tap-listener'), serverKey: keys.get('tap-listener')!.publicKey }],
    ...keys.get('observer')!,
    kinds: ['tap.observed'],
    heard: ({ message }) => {
      if (message.kind === 'tap.observed') intake.take(message.body).forEach(keeper.take);
    },
    changed: (_, up) => log.info(up ? 'recorder.listening' : 'recorder.deaf'),
  });
  return {
    handle: () => undefined,
    stop: async () => {
      stopListening();
      await keeper.stop();
    },
  };
}
