// The injector's shell: keeps its one-use keys with the broker, opens what was sealed for them, and puts right what a
// predecessor left on the desktop.
import { join } from 'node:path';
import { prekeysSigned } from '../../contracts/credential.ts';
import { targetHash } from '../../contracts/target.ts';
import { platformFor } from '../../platform/index.ts';
import type { Target } from '../../platform/port.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { unpackCredential, type Credential } from '../../runtime/credential.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import type { EnrolAnswer } from '../../runtime/enrol.ts';
import { newId } from '../../runtime/id.ts';
import { signed, signingKey } from '../../runtime/identity.ts';
import { Journal } from '../../runtime/journal.ts';
import { open, publicKeyOf } from '../../runtime/seal.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { leftBehind, type Entry } from './entries.ts';
import { PrekeyStock } from './prekeys.ts';
import { repair, Taps, type Issued } from './taps.ts';

const STOCK_EVERY_MS = 5000;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log, places } = context;
  const { journal, entries } = Journal.open<Entry>(join(places.state, 'injector.jsonl'));
  const address = desktopAddress(config);
  const act = await (await platformFor(address)).act(address, (change, undone) => journal.append({ e: 'change', change, undone }));
  const left = leftBehind(entries, clock.nowUs());
  await repair(act, left);
  journal.cut(left.ends);

  const boot = newId();
  const stock = new PrekeyStock(clock.nowUs);
  const signing = signingKey(places.keys);
  let machine: EnrolAnswer | undefined;

  const offer = async (): Promise<void> => {
    await stock.fill();
    const keys = stock.offer();
    await bus.send('prekeys.offered', { boot, keys, signature: signed(signing, prekeysSigned(boot, keys)) }, { to: 'credential-broker' });
  };
  const unseal = async (tap: string, box: Issued, target: Target): Promise<Credential | null> => {
    const keys = stock.find(box.prekey);
    const hash = targetHash(target);
    if (keys === null || machine === undefined || box.targetHash !== hash) return null;
    const broker = await publicKeyOf(Buffer.from(machine.sealingKey, 'base64'));
    const packed = await open(box, keys, broker, { purpose: 'credential', binding: [tap, hash, machine.session] });
    if (packed === null) return null;
    stock.burn(box.prekey);
    return unpackCredential(packed);
  };
  const taps = new Taps({ injectionMs: config.budget.injectionMs, bus, timer: systemTimer, journal, act, unseal, used: () => void offer(), log });

  let stocking: NodeJS.Timeout | undefined;
  return {
    handle: (message) => (message.kind === 'prekeys.wanted' ? void offer() : taps.handle(message)),
    opened: () => {
      taps.open(left);
      void stock.fill();
    },
    enrolled: (answer) => {
      machine = answer;
      clearInterval(stocking);
      stocking = setInterval(() => void stock.fill().then((changed) => (changed ? offer() : undefined)), STOCK_EVERY_MS);
      void offer();
    },
    stop: async () => {
      clearInterval(stocking);
      taps.stop();
      await act.close();
      journal.close();
    },
  };
}
