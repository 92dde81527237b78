// A line says in bounded time that its peer is gone, dead or stopped; load does not make it flap; clocks that differ are
// told apart from clocks that merely answer late.
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock, type Clock } from '../../runtime/clock.ts';
import { answering, BAND, folder, Happened, mailbox, REPLY } from './bus-stage.ts';

const PEER = join(import.meta.dirname, 'bus-peer.ts');
const ask = { to: 'nes-gateway' } as const;
const DOWN_WITHIN_MS = 4000;
const inMs = (ms: number): number => systemClock.nowUs() + ms * 1000;

async function peer(t: ExecutionContext, root: string): Promise<ChildProcess> {
  const child = fork(PEER, [root]);
  t.teardown(() => void child.kill('SIGKILL'));
  const told = new Happened<unknown>();
  child.on('message', (message) => told.add(message));
  await told.next((message) => message === 'ready');
  return child;
}

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  test(`a peer that gets ${signal} is told as down within seconds, what is sent to it ends at its deadline, and the line comes back`, async (t) => {
    const root = folder(t);
    const child = await peer(t, root);
    const { bus, lines } = await mailbox(t, { name: 'credential-broker', root });
    t.true((await bus.send('nes.fetch-credential', BAND, ask)).ok);
    const begunUs = systemClock.nowUs();
    child.kill(signal);
    const sent = bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(200) });
    await lines.next(({ to, up }) => to === 'nes-gateway' && !up);
    const downMs = (systemClock.nowUs() - begunUs) / 1000;
    t.true(downMs < DOWN_WITHIN_MS, `${downMs} ms`);
    t.deepEqual(await sent, { ok: false, code: 'undelivered' });
    if (signal === 'SIGSTOP') child.kill('SIGCONT');
    else await peer(t, root);
    t.true((await bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(20_000) })).ok);
  });
}

test('a peer that is busy for longer than the heartbeat keeps its line', async (t) => {
  const root = folder(t);
  await peer(t, root);
  const { bus, lines } = await mailbox(t, { name: 'credential-broker', root });
  await lines.next(({ to, up }) => to === 'nes-gateway' && up);
  const endUs = inMs(3000);
  while (systemClock.nowUs() < endUs); // this side's JavaScript does nothing else
  let acks = 0;
  for (let round = 0; round < 40; round++) {
    const sent = Array.from({ length: 100 }, () => bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(20_000) }));
    acks += (await Promise.all(sent)).filter(({ ok }) => ok).length;
  }
  t.is(acks, 4000);
  t.deepEqual(lines.all.filter(({ to, up }) => to === 'nes-gateway' && !up), []);
});

/** A machine whose clock began at another time. */
const apart = (us: number): Clock => ({ nowUs: () => systemClock.nowUs() + us, wallMs: systemClock.wallMs });

for (const [title, us] of [['ahead', 60_000_000], ['behind', -1_000_000]] as const) {
  test(`a peer whose clock is far ${title} still judges deadlines as they were meant`, async (t) => {
    const root = folder(t);
    const seen: number[] = [];
    const clock = apart(us);
    const { bus } = await mailbox(t, { name: 'credential-broker', root });
    const early = bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(20_000) });
    const gateway = await mailbox(t, {
      name: 'nes-gateway', root, clock,
      handler: ({ envelope }) => {
        seen.push(envelope.deadline - clock.nowUs());
        return REPLY;
      },
    });
    t.true((await early).ok);
    t.true((await bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(2000) })).ok);
    t.deepEqual(gateway.refused.all, []);
    t.true(seen[0]! > 10_000_000 && seen[0]! <= 20_000_000, `${seen[0]} us left`);
    t.true(seen[1]! > 1_000_000 && seen[1]! <= 2_000_000, `${seen[1]} us left`);
  });
}

test('one clock for both sides gives no offset, however slow the answer', async (t) => {
  const root = folder(t);
  const seen: number[] = [];
  await mailbox(t, { name: 'nes-gateway', root, handler: (message) => {
    seen.push(message.envelope.deadline);
    return answering(new Happened())(message);
  } });
  const { bus } = await mailbox(t, { name: 'credential-broker', root });
  for (let i = 0; i < 20; i++) {
    const deadlineUs = inMs(2000);
    await bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs });
    t.is(seen.at(-1), deadlineUs);
  }
});
