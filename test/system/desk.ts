// The virtual desktop as an actor of the simulated world sees it: each question takes a while, and what is typed is seen,
// with the moment at which it was asked for: what a desktop that hangs was given, it types when it goes on.
import type { Desk } from '../../platform/virtual/desk.ts';
import { Key } from '../../platform/virtual/keyboard.ts';
import { Seat } from '../../platform/virtual/seat.ts';
import type { VirtualDesktop } from '../../platform/virtual/world.ts';
import type { Life } from './network.ts';
import type { Chance, VirtualTime } from './time.ts';

interface Slowness {
  readonly time: VirtualTime;
  readonly chance: Chance;
  /** How often a question takes long, from 0. */
  readonly trouble: () => number;
}

const ASYNC_CALLS = ['context', 'foreground', 'check', 'read', 'focus', 'aim', 'choose', 'count', 'press', 'release', 'map', 'unmap', 'pressed'] as const;

/** A seat whose answers come one after the other, and never to a life that is over. `typed` hears each character that arrived. */
export function slowDesk(world: VirtualDesktop, life: Life, { time, chance, trouble }: Slowness, typed: (askedUs: number) => void): Desk {
  const seat = new Seat(world);
  let freeMs = 0;
  const turn = async (): Promise<void> => {
    const takesMs = chance.happens(0.002 * trouble()) ? chance.between(20, 2500) : chance.between(0.02, 0.1);
    freeMs = Math.max(freeMs, time.frame) + takesMs;
    await time.pause(freeMs - time.frame);
    if (life.dead) await new Promise(() => {});
  };
  const slowed = ASYNC_CALLS.map((call) => [call, async (...args: unknown[]) => {
    const askedUs = time.nowUs();
    await turn();
    const isCharacter = call === 'press' && args[1] !== Key.control && args[1] !== Key.backspace && !world.desktop.keyboard.pressed.includes(Key.control);
    const answer = await (seat[call] as (...given: unknown[]) => unknown).apply(seat, args);
    if ((isCharacter || call === 'choose') && answer === null) typed(askedUs);
    return answer;
  }]);
  return { ...(Object.fromEntries(slowed) as Pick<Desk, (typeof ASYNC_CALLS)[number]>), close: async () => {} } as Desk;
}
