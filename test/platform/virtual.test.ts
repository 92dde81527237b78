// The virtual desktop is a platform like the others: it passes the same suite, in this process and over its socket.
import { handsOn } from '../../platform/virtual/hands.ts';
import { Seat } from '../../platform/virtual/seat.ts';
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
