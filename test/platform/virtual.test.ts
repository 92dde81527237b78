// The virtual desktop is a platform like the others: it passes the same suite, in this process and over its socket.
import { controlAt, deskAt } from '../../platform/virtual/client.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { Seat } from '../../platform/virtual/seat.ts';
import { serveDesktop } from '../../platform/virtual/server.ts';
import { VirtualDesktop } from '../../platform/virtual/world.ts';
import { runAcceptance } from './acceptance.ts';
import { VIRTUAL_CAN, virtualStage } from './virtual-stage.ts';

runAcceptance('virtual desktop in this process', {
  can: VIRTUAL_CAN,
  start: async () => {
    const world = new VirtualDesktop('a');
    return virtualStage(new Seat(world), new Seat(world), handsOn(world), async () => undefined);
  },
});

runAcceptance('virtual desktop over its socket', {
  can: VIRTUAL_CAN,
  start: async () => {
    const server = await serveDesktop();
    const [looking, acting] = [deskAt(server.endpoint), deskAt(server.endpoint)];
    const hands = controlAt(server.controlEndpoint);
    return virtualStage(looking, acting, hands, async () => {
      await Promise.all([looking.close(), acting.close(), hands.close()]);
      await server.close();
    });
  },
});
