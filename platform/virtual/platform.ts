// The virtual desktop as a platform: chosen by the same switch as the others.
import type { DesktopAddress, Platform } from '../index.ts';
import { actOn } from './act.ts';
import { deskAt } from './client.ts';
import type { Desk } from './desk.ts';
import { lookAt } from './look.ts';
import { showOn } from './show.ts';

/** Connects when first used, so that a desktop which is not there is a trouble of a call and no failure to start. */
export const platform: Platform = {
  look: async (address) => lookAt(deskOf(address)),
  act: async (address, trace) => actOn(deskOf(address), trace),
  show: async (address) => showOn(deskOf(address)),
};

/** Throws where the configuration names no endpoint: a mistake of the setup, found at the start. */
function deskOf({ endpoint }: DesktopAddress): Desk {
  if (endpoint === undefined) throw new TypeError('a virtual desktop needs an endpoint');
  return deskAt(endpoint);
}
