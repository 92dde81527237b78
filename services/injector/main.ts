// The injector's shell: waits for target, commitment and credential, asks for the end of the tap, fills, and says how it
// went. Its journal knows what a successor must put right: an end that was not told, keys and mappings of the desktop.
import { join } from 'node:path';
import { prekeysSigned } from '../../contracts/credential.ts';
import { targetHash } from '../../contracts/target.ts';
import type { Body, Message } from '../../contracts/catalogue.ts';
import { Outcome, type Reason } from '../../contracts/reasons.ts';
import { platformFor } from '../../platform/index.ts';
import type { Act, Change, Target } from '../../platform/port.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { unpackCredential, type Credential } from '../../runtime/credential.ts';
import type { EnrolAnswer } from '../../runtime/enrol.ts';
import { newId } from '../../runtime/id.ts';
import { signed, signingKey } from '../../runtime/identity.ts';
import { Journal } from '../../runtime/journal.ts';
import { Runner } from '../../runtime/run.ts';
import { open, publicKeyOf } from '../../runtime/seal.ts';
import { decideWith, INITIAL, type Command, type Event } from './decide.ts';
import { fill } from './fill.ts';
import { PrekeyStock } from './prekeys.ts';

type Entry =
  | { readonly e: 'change'; readonly change: Change; readonly undone: boolean }
  | { readonly e: 'begun'; readonly tap: string; readonly target: Target }
  | { readonly e: 'ended'; readonly tap: string; readonly outcome: Outcome; readonly reason: Reason; readonly atUs: number }
  | { readonly e: 'told'; readonly tap: string };

const STOCK_EVERY_MS = 5000;
/** An outcome is told for so long; after that the lease has decided. */
const TELL_WITHIN_MS = 5000;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log, places } = context;
  const { journal, entries } = Journal.open<Entry>(join(places.state, 'injector.jsonl'));
  const address = desktopAddress(config);
  const act = await (await platformFor(address)).act(address, (change, undone) => journal.append({ e: 'change', change, undone }));
  await repair(act, entries);
  journal.cut(endsLeft(entries, clock.nowUs()));

  const boot = newId();
  const stock = new PrekeyStock(clock.nowUs);
  const boxes = new Map<string, Body<'credential.issued'>>();
  const opening = new Map<string, Promise<Credential | null>>();
  const aborts = new Map<string, AbortController>();
  const signing = signingKey(places.keys);
  let machine: EnrolAnswer | undefined;

  const offer = async (): Promise<void> => {
    await stock.fill();
    const keys = stock.offer();
    await bus.send('prekeys.offered', { boot, keys, signature: signed(signing, prekeysSigned(boot, keys)) }, { to: 'credential-broker' });
  };
  const tell = async (end: Extract<Entry, { e: 'ended' }>): Promise<void> => {
    const { tap, outcome, reason, atUs } = end;
    const ack = await bus.send('injection.ended', { outcome, reason }, { to: 'tap-listener', tap, atUs, deadlineUs: clock.nowUs() + TELL_WITHIN_MS * 1000 });
    if (ack.ok) journal.append({ e: 'told', tap });
  };
  const runner = new Runner<typeof INITIAL, Event, Command>({ step: decideWith(config.budget.injectionMs), initial: INITIAL, nowUs: clock.nowUs, perform: (command) => perform(command) });

  const perform = (command: Command): void => {
    const { tap } = command;
    switch (command.do) {
      case 'ask': return void ask(command);
      case 'fill': return void inject(command).then(({ outcome, reason }) => runner.emit({ event: 'done', tap, outcome, reason }));
      case 'abort': return aborts.get(tap)?.abort('deadline:injection' satisfies Reason);
      case 'drop': return drop(tap);
      case 'report': {
        const end = { e: 'ended', tap, outcome: command.outcome, reason: command.reason, atUs: clock.nowUs() } as const;
        journal.append(end);
        void tell(end);
        if (journal.wantsCut) journal.cut([]);
      }
    }
  };

  /** The box is opened while the tap-listener is asked. */
  const ask = async ({ tap, resolved, credentialUs, deadlineUs }: Extract<Command, { do: 'ask' }>): Promise<void> => {
    opening.set(tap, unseal(tap, resolved.target));
    const ack = await bus.send('injection.begun', { credentialUs }, { to: 'tap-listener', tap, deadlineUs });
    runner.emit({ event: 'granted', tap, granted: ack.ok && ack.reply.granted });
  };

  const inject = async ({ tap, resolved, deadlineUs }: Extract<Command, { do: 'fill' }>): Promise<{ outcome: Outcome; reason: Reason }> => {
    journal.append({ e: 'begun', tap, target: resolved.target });
    const credential = (await opening.get(tap)) ?? null;
    if (credential === null) return { outcome: Outcome.refused, reason: 'box-refused' };
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort('deadline:injection' satisfies Reason), (deadlineUs - clock.nowUs()) / 1000);
    aborts.set(tap, abort);
    try {
      const filled = await fill(act, { ...resolved, credential, signal: abort.signal });
      log.info({ tap, outcome: filled.outcome, reason: filled.reason, detail: filled.detail }, 'injection.ended');
      return filled;
    } catch (error) {
      log.error({ tap, cause: error instanceof Error ? error.name : 'thrown' }, 'injection.broke');
      return { outcome: Outcome.failed, reason: 'desktop-error' };
    } finally {
      clearTimeout(timer);
      aborts.delete(tap);
      credential.password.wipe();
      void offer();
    }
  };

  const drop = (tap: string): void => {
    void opening.get(tap)?.then((credential) => credential?.password.wipe());
    opening.delete(tap);
    boxes.delete(tap);
  };

  const unseal = async (tap: string, target: Target): Promise<Credential | null> => {
    const issued = boxes.get(tap);
    const keys = issued === undefined ? null : stock.find(issued.prekey);
    if (issued === undefined || keys === null || machine === undefined) return null;
    const hash = targetHash(target);
    if (issued.targetHash !== hash) return null;
    const broker = await publicKeyOf(Buffer.from(machine.sealingKey, 'base64'));
    const packed = await open(issued, keys, broker, { purpose: 'credential', binding: [tap, hash, machine.session] });
    if (packed === null) return null;
    stock.burn(issued.prekey);
    return unpackCredential(packed);
  };

  const handle = (message: Message): void => {
    const { tap, deadline: deadlineUs } = message.envelope;
    if (message.kind === 'prekeys.wanted') return void offer();
    if (tap === null) return;
    switch (message.kind) {
      case 'target.resolved': return runner.emit({ event: 'resolved', tap, deadlineUs, resolved: message.body });
      case 'tap.committed': return runner.emit({ event: 'committed', tap, deadlineUs });
      case 'tap.cancelled': return runner.emit({ event: 'cancelled', tap, deadlineUs });
      case 'credential.issued':
        boxes.set(tap, message.body);
        return runner.emit({ event: 'issued', tap, deadlineUs, atUs: clock.nowUs() });
    }
  };

  let stocking: NodeJS.Timeout | undefined;
  return {
    handle,
    opened: () => {
      for (const end of endsLeft(entries, clock.nowUs())) if (end.e === 'ended') void tell(end);
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
      runner.stop();
      await act.close();
      journal.close();
    },
  };
}

/** Puts right what a predecessor left: keys and mappings, and a password that it may have half written. */
async function repair(act: Act, entries: readonly Entry[]): Promise<void> {
  await act.repair(changesLeft(entries));
  const ended = new Set(entries.filter((entry) => entry.e === 'ended').map((entry) => entry.tap));
  const last = entries.findLast((entry) => entry.e === 'begun');
  if (last?.e === 'begun' && !ended.has(last.tap)) await act.clear(last.target, last.target.password.ref);
}

/** What a predecessor changed on the desktop and did not take back. */
function changesLeft(entries: readonly Entry[]): Change[] {
  const left = new Map<string, Change>();
  for (const entry of entries) {
    if (entry.e !== 'change') continue;
    const key = JSON.stringify(entry.change);
    if (entry.undone) left.delete(key);
    else left.set(key, entry.change);
  }
  return [...left.values()];
}

/** Ends that were not told, and an end for what was begun and never ended. */
function endsLeft(entries: readonly Entry[], nowUs: number): Entry[] {
  const told = new Set(entries.filter((entry) => entry.e === 'told').map((entry) => entry.tap));
  const ended = new Map(entries.filter((entry) => entry.e === 'ended').map((entry) => [entry.tap, entry]));
  const open = new Set(entries.flatMap((entry) => (entry.e !== 'change' && !told.has(entry.tap) ? [entry.tap] : [])));
  return [...open].map((tap) => ended.get(tap) ?? { e: 'ended', tap, outcome: Outcome.failed, reason: 'restarted', atUs: nowUs });
}
