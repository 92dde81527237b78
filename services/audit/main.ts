// The audit's shell: opens the log, has taps.ts keep what the broker asks, and hands the events on to NES.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { createOnce } from '../../runtime/bus/curve.ts';
import { bootId } from '../../runtime/clock.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { Forwarder } from './forward.ts';
import { openJournal } from './journal.ts';
import { Taps } from './taps.ts';

export async function start(context: ActorContext): Promise<Actor> {
  const { places, clock, bus, log } = context;
  const directory = join(places.logs, 'Audit');
  const chain = chainName(join(places.state, 'chain'));
  const boot = bootId();
  const journal = await openJournal({ directory, chain, now: () => ({ wallMs: clock.wallMs(), bootId: boot, monotonicUs: clock.nowUs() }) });
  if ('fault' in journal) throw new ChainBroken(journal.sentence);
  const forwarder = await Forwarder.open({
    directory, chain, markFile: join(places.state, 'forwarded.json'),
    post: async (events) => {
      const ack = await bus.send('nes.post-audit', { events: [...events] }, { to: 'nes-gateway' });
      return ack.ok && ack.reply.refused === null;
    },
  });
  const taps = new Taps({ journal, timer: systemTimer, kept: () => forwarder.kept(), log });

  return {
    handle: (message) => taps.handle(message),
    opened: () => forwarder.wake(),
    lineChanged: (to, _session, up) => {
      if (to === 'nes-gateway' && up) forwarder.wake();
    },
    stop: async () => {
      taps.stop();
      await forwarder.close();
      await journal.close();
    },
  };
}

/** The log's name, drawn once: no two machines have the same. */
function chainName(file: string): string {
  createOnce(file, () => randomUUID());
  return readFileSync(file, 'utf8').trim();
}

class ChainBroken extends Error {
  override readonly name = 'ChainBroken';
  readonly code = 'AUDIT_CHAIN_BROKEN';
}
