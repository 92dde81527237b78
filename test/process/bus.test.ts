import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../runtime/clock.ts';
import { answering, BAND, brokerAt, envelope, folder, frames, Happened, mailbox, REPLY } from './bus-stage.ts';

const PEER = join(import.meta.dirname, 'bus-peer.ts');
const inMs = (ms: number): number => systemClock.nowUs() + ms * 1000;
const ask = { to: 'nes-gateway' } as const;

interface Peer {
  readonly child: ChildProcess;
  readonly handled: Happened<string>;
}

async function peer(t: ExecutionContext, root: string, how = 'answering'): Promise<Peer> {
  const child = fork(PEER, [root, how]);
  const handled = new Happened<string>();
  child.on('message', (message) => handled.add(String(message)));
  t.teardown(() => void child.kill('SIGKILL'));
  await handled.next((message) => message === 'ready');
  return { child, handled };
}

async function kill({ child }: Peer): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

test('a message is handled and its reply comes back, between two mailboxes of one process', async (t) => {
  const root = folder(t);
  const handled = new Happened<string>();
  await mailbox(t, { name: 'nes-gateway', root, handler: answering(handled) });
  const { bus } = await mailbox(t, { name: 'credential-broker', root });
  t.deepEqual(await bus.send('nes.fetch-credential', BAND, ask), { ok: true, reply: REPLY });
  t.is(handled.all.length, 1);
  t.is(bus.waiting, 0);
});

test('a message is handled and its reply comes back, between two processes', async (t) => {
  const root = folder(t);
  const { handled } = await peer(t, root);
  const { bus } = await mailbox(t, { name: 'credential-broker', root });
  t.deepEqual(await bus.send('nes.fetch-credential', BAND, ask), { ok: true, reply: REPLY });
  t.is(handled.all.length, 2);
});

test('what was sent before its receiver stands arrives when it does', async (t) => {
  const root = folder(t);
  const { bus } = await mailbox(t, { name: 'credential-broker', root });
  const sent = bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(20_000) });
  await mailbox(t, { name: 'nes-gateway', root, handler: answering(new Happened()) });
  t.true((await sent).ok);
});

test('a repeated id is handled once and answered as the first time, also while it is still being handled', async (t) => {
  const root = folder(t);
  const handled = new Happened<string>();
  const finish = Promise.withResolvers<object>();
  const gateway = await mailbox(t, {
    name: 'nes-gateway', root,
    handler: ({ envelope: { id } }) => {
      handled.add(id);
      return finish.promise;
    },
  });
  const client = brokerAt(t, gateway);
  const message = frames(envelope({ id: 'same' }));
  await client.send(message);
  await client.send(message);
  await handled.next();
  finish.resolve(REPLY);
  await client.answers.count(2);
  await client.send(message);
  await client.answers.count(3);
  t.is(handled.all.length, 1);
  t.is(new Set(client.answers.all.map(({ code, reply }) => `${code} ${String(reply)}`)).size, 1);
});

test('a receiver that is killed and started again gets what was not acknowledged, under the same id', async (t) => {
  const root = folder(t);
  const first = await peer(t, root, 'deaf');
  const { bus, lines } = await mailbox(t, { name: 'credential-broker', root });
  const sent = [1, 2, 3].map(() => bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(30_000) }));
  await first.handled.count(4);
  await kill(first);
  await lines.next(({ up }) => !up);
  const second = await peer(t, root);
  t.true((await Promise.all(sent)).every(({ ok }) => ok));
  await second.handled.count(4);
  t.deepEqual(second.handled.all.slice(1).toSorted(), first.handled.all.slice(1).toSorted());
  t.is(bus.waiting, 0);
});

test('a message that nobody answers is undelivered at its deadline, neither before nor much later', async (t) => {
  const { bus } = await mailbox(t, { name: 'credential-broker', root: folder(t) });
  const begunUs = systemClock.nowUs();
  t.deepEqual(await bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: begunUs + 100_000 }), { ok: false, code: 'undelivered' });
  const tookMs = (systemClock.nowUs() - begunUs) / 1000;
  t.true(tookMs >= 100 && tookMs < 1000, `${tookMs} ms`);
});

test('a line holds so many messages and no more; the next is told at once, and room comes back with the deadlines', async (t) => {
  const { bus } = await mailbox(t, { name: 'credential-broker', root: folder(t) });
  const deadlineUs = inMs(300);
  const sent = Array.from({ length: 256 }, () => bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs }));
  t.is(bus.waiting, 256);
  t.deepEqual(await bus.send('nes.fetch-credential', BAND, ask), { ok: false, code: 'queue-full' });
  t.true((await Promise.all(sent)).every((ack) => !ack.ok && ack.code === 'undelivered'));
  t.is(bus.waiting, 0);
});

test('what expired while its receiver was away is not sent when it comes back', async (t) => {
  const root = folder(t);
  const { bus } = await mailbox(t, { name: 'credential-broker', root });
  await Promise.all(Array.from({ length: 50 }, () => bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(20) })));
  const handled = new Happened<string>();
  const gateway = await mailbox(t, { name: 'nes-gateway', root, handler: answering(handled) });
  t.true((await bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(20_000) })).ok);
  t.is(handled.all.length, 1);
  t.is(gateway.refused.all.length, 0);
});

test('a message beyond the size of a frame is refused before it leaves', async (t) => {
  const root = folder(t);
  await mailbox(t, { name: 'nes-gateway', root, handler: answering(new Happened()) });
  const { bus } = await mailbox(t, { name: 'credential-broker', root });
  const huge = { userId: '1', encryptedPassword: new Uint8Array(70_000) };
  t.deepEqual(await bus.send('nes.store-password', huge, ask), { ok: false, code: 'too-big' });
  t.true((await bus.send('nes.fetch-credential', BAND, ask)).ok);
});

test('a receiver answers so many at a time; the rest is refused as overloaded, and its neighbours are served', async (t) => {
  const root = folder(t);
  const finish = Promise.withResolvers<object>();
  const gateway = await mailbox(t, { name: 'nes-gateway', root, handler: ({ envelope: { from } }) => (from === 'audit' ? { refused: null } : finish.promise) });
  const { bus } = await mailbox(t, { name: 'credential-broker', root });
  const audit = await mailbox(t, { name: 'audit', root });
  const sent = Array.from({ length: 129 }, () => bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: inMs(20_000) }));
  await gateway.refused.next(({ refused }) => refused === 'overloaded');
  t.true((await audit.bus.send('nes.post-audit', { events: [] }, ask)).ok);
  finish.resolve(REPLY);
  const acks = await Promise.all(sent);
  t.is(acks.filter(({ ok }) => ok).length, 128);
  t.deepEqual(acks.find(({ ok }) => !ok), { ok: false, code: 'overloaded' });
});

test('an answer that breaks its contract is refused and counted by the sender', async (t) => {
  const root = folder(t);
  await mailbox(t, { name: 'nes-gateway', root, handler: () => ({ refused: 'no such reason' }) });
  const broker = await mailbox(t, { name: 'credential-broker', root });
  t.deepEqual(await broker.bus.send('nes.fetch-credential', BAND, ask), { ok: false, code: 'bad-body' });
  t.like(broker.refused.all, [{ refused: 'bad-body', path: 'nes.fetch-credential.reply', sender: 'nes-gateway' }]);
});

test('an actor cannot send what the contracts do not give it, nor publish what is no fact of its own', async (t) => {
  const { bus } = await mailbox(t, { name: 'audit', root: folder(t) });
  await t.throwsAsync(bus.send('nes.fetch-credential', BAND, ask), { instanceOf: TypeError });
  t.throws(() => bus.publish('nes.post-audit', { events: [] }), { instanceOf: TypeError });
});
