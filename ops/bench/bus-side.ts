// The answering process of the bus benchmark: `bus-side.ts bare|ours DIR`.
import { join } from 'node:path';
import { curveKeyPair, Router } from 'zeromq';
import type { ActorName } from '../../contracts/actors.ts';
import { Bus } from '../../runtime/bus/bus.ts';
import { zoneKeys } from '../../runtime/bus/curve.ts';
import { systemClock } from '../../runtime/clock.ts';
import { placesOf } from '../../runtime/places.ts';

export type BusSide = 'bare' | 'ours';

/** The mailbox of an actor of a machine zone in `dir`. */
export async function busIn(dir: string, name: ActorName): Promise<Bus> {
  const places = placesOf(join(dir, 'machine'));
  const keys = zoneKeys('machine', places.keys);
  return new Bus({ name, places, keys, session: null, clock: systemClock, refused: () => {}, lineChanged: () => {} });
}

async function bare(dir: string): Promise<void> {
  const keys = curveKeyPair();
  const socket = new Router({ curveServer: true, curveSecretKey: keys.secretKey, linger: 0 });
  const endpoint = `ipc://${join(dir, 'bare')}`;
  await socket.bind(endpoint);
  process.send?.({ endpoint, serverKey: keys.publicKey });
  for await (const [route, envelope] of socket) await socket.send([route!, envelope!]);
}

async function ours(dir: string): Promise<void> {
  const bus = await busIn(dir, 'nes-gateway');
  const reply = { refused: null, userId: '1', user: 'ada', domain: 'LAB', encryptedPassword: null, tookMs: 1 };
  await bus.open((message) => (message.kind === 'nes.fetch-credential' ? reply : undefined));
  process.send?.({ endpoint: '', serverKey: '' });
}

const [, file, side, dir] = process.argv;
if (file === import.meta.filename && dir !== undefined) await (side === 'bare' ? bare(dir) : ours(dir));
