// The injector's shell: keeps its one-use keys with the broker, opens what was sealed for them, and puts right what a
// predecessor left on the desktop.
import type { webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { prekeysSigned } from '../../contracts/credential.ts';
import { targetHash } from '../../contracts/target.ts';
import { platformFor } from '../../platform/index.ts';
import type { Target } from '../../platform/port.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { unpackCredential, type Credential } from '../../runtime/credential.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { newId } from '../../runtime/id.ts';
import { signed, signingKey } from '../../runtime/identity.ts';
import { Journal } from '../../runtime/journal.ts';
import { publicKeyOf, type Opener } from '../../runtime/seal.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { leftBehind, type Entry } from './entries.ts';
import { PrekeyStock } from './prekeys.ts';
import { repair, Taps, type Issued } from './taps.ts';

const STOCK_EVERY_MS = 5000;
/** A key that was used is replaced when the tap is over. */
const RESTOCK_AFTER_MS = 100;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log, places } = context;
  const session = context.session ?? '';
  const { journal, entries } = Journal.open<Entry>(join(places.state, 'injector.jsonl'));
  const address = desktopAddress(config);
  const act = await (await platformFor(address)).act(address, (change, undone) => journal.append({ e: 'change', change, undone }));
  const left = leftBehind(entries, clock.nowUs());
  await repair(act, left);
  journal.cut(left.ends);

  const boot = newId();
  const stock = new PrekeyStock(clock.nowUs);
  const signing = signingKey(places.keys);
  let broker: Promise<webcrypto.CryptoKey> | undefined;

  const offer = async (): Promise<void> => {
    await stock.fill();
    const keys = stock.offer();
    const ack = await bus.send('prekeys.offered', { boot, keys, signature: signed(signing, prekeysSigned(boot, keys)) }, { to: 'credential-broker' });
    if (ack.ok) for (const { id, enc } of ack.reply.prepared) void openerOf(id, enc);
  };
  /** Begun when the broker has prepared the key, so that only the small half is left at the tap; plaintext comes with that half alone. */
  const openerOf = async (id: string, enc: Uint8Array): Promise<Opener | null> => (broker === undefined ? null : stock.opener(id, enc, await broker));
  const unseal = async (tap: string, box: Issued, target: Target): Promise<Credential | null> => {
    const hash = targetHash(target);
    const opener = box.targetHash === hash ? await openerOf(box.prekey, box.enc) : null;
    const packed = (await opener?.(box.box, [tap, hash, session])) ?? null;
    if (packed === null) return null;
    stock.burn(box.prekey);
    return unpackCredential(packed);
  };
  let stocking: NodeJS.Timeout | undefined;
  let restocking: NodeJS.Timeout | undefined;
  const restock = (): void => {
    clearTimeout(restocking);
    restocking = setTimeout(() => void offer(), RESTOCK_AFTER_MS);
  };
  const taps = new Taps({ injectionMs: config.budget.injectionMs, bus, timer: systemTimer, journal, act, unseal, used: restock, log });

  return {
    handle: (message) => {
      if (message.kind === 'prekeys.wanted') return void offer();
      if (message.kind === 'credential.issued') void openerOf(message.body.prekey, message.body.enc);
      return taps.handle(message);
    },
    opened: () => {
      taps.open(left);
      void stock.fill();
    },
    enrolled: (answer) => {
      broker = publicKeyOf(Buffer.from(answer.sealingKey, 'base64'));
      clearInterval(stocking);
      stocking = setInterval(() => void stock.fill().then((changed) => (changed ? offer() : undefined)), STOCK_EVERY_MS);
      void offer();
    },
    stop: async () => {
      clearInterval(stocking);
      clearTimeout(restocking);
      taps.stop();
      await act.close();
      journal.close();
    },
  };
}
