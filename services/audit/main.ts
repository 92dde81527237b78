// The audit's shell: writes what the broker asks, acknowledges when it is on the disk, closes what nobody closed, and
// hands the events on to NES.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Message } from '../../contracts/catalogue.ts';
import { Outcome, type Reason } from '../../contracts/reasons.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { createOnce } from '../../runtime/bus/curve.ts';
import { bootId } from '../../runtime/clock.ts';
import { readFileSync } from 'node:fs';
import { eventOf } from './events.ts';
import { Forwarder } from './forward.ts';
import { openJournal, type NotKept } from './journal.ts';
import type { AuditBody } from './record.ts';

/** After the lease, an end may still be told for so long; then the log says `unknown`, as the tap-listener does. */
const LATE_MS = 10_000;
const SWEEP_EVERY_MS = 500;

interface Open {
  readonly session: string;
  readonly band: string;
  readonly via: string;
  readonly closeUs: number;
}

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
  const open = new Map<string, Open>();
  const closedHere = new Set<string>();
  const nothingKnown = (): Open => ({ session: '', band: '', via: '', closeUs: clock.nowUs() + LATE_MS * 1000 });
  for (const { tap } of journal.open) open.set(tap, nothingKnown());

  /** Resolves when the record is on the disk; a record that is there already is as good. */
  const keep = async (body: AuditBody): Promise<void> => {
    const kept = await journal.append(body);
    if ('notKept' in kept && !isRepeated(kept)) throw new NotKeptError(kept.notKept);
    forwarder.wake();
  };

  const end = async (tap: string, body: { session: string; band: string; via: string; outcome: Outcome; reason: Reason }): Promise<void> => {
    open.delete(tap);
    if (closedHere.delete(tap)) return keep({ kind: 'note', session: body.session, tap, topic: 'late-report', detail: `${body.outcome} ${body.reason}` });
    return keep({ kind: 'outcome', tap, ...body, event: eventOf(body.outcome) });
  };

  const handle = async ({ kind, body, envelope: { tap } }: Message): Promise<void> => {
    if (kind === 'audit.record-event') return keep({ kind: 'event', tap, ...body });
    if (tap === null) return;
    switch (kind) {
      case 'audit.record-intent': {
        const { session, band, via, application, leaseUs } = body;
        open.set(tap, { session, band, via, closeUs: leaseUs + LATE_MS * 1000 });
        return keep({ kind: 'intent', tap, session, band, via, application });
      }
      case 'audit.record-person': return keep({ kind: 'person', tap, session: open.get(tap)?.session ?? '', user: body.user, domain: body.domain });
      case 'audit.record-outcome': return end(tap, body);
    }
  };

  const sweep = (): void => {
    for (const [tap, { session, band, via, closeUs }] of open) {
      if (closeUs > clock.nowUs()) continue;
      log.warn({ tap }, 'intent.closed');
      void end(tap, { session, band, via, outcome: Outcome.unknown, reason: 'lease-expired' }).then(() => closedHere.add(tap));
    }
  };
  const sweeping = setInterval(sweep, SWEEP_EVERY_MS);

  return {
    handle,
    opened: () => forwarder.wake(),
    lineChanged: (to, _session, up) => {
      if (to === 'nes-gateway' && up) forwarder.wake();
    },
    stop: async () => {
      clearInterval(sweeping);
      await forwarder.close();
      await journal.close();
    },
  };
}

const isRepeated = ({ notKept }: NotKept): boolean => notKept === 'intent-twice' || notKept === 'ended-before';

/** The log's name, drawn once: no two machines have the same. */
function chainName(file: string): string {
  createOnce(file, () => randomUUID());
  return readFileSync(file, 'utf8').trim();
}

class ChainBroken extends Error {
  override readonly name = 'ChainBroken';
  readonly code = 'AUDIT_CHAIN_BROKEN';
}

class NotKeptError extends Error {
  override readonly name = 'NotKept';
  readonly code: string;

  constructor(code: string) {
    super('the record was not kept');
    this.code = code;
  }
}
