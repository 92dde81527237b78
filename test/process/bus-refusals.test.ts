// Bad input at a door: each a counted, named refusal without a value; the actor lives on.
import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { pack } from '../../runtime/codec.ts';
import { systemClock } from '../../runtime/clock.ts';
import { answering, BAND, brokerAt, envelope, folder, frames, Happened, mailbox, publicOf, stranger, type Mailbox, type Stranger } from './bus-stage.ts';
import { doorEndpoint } from '../../runtime/places.ts';

const CANARY = 'Kanarienvogel-7';

interface Stage {
  readonly gateway: Mailbox;
  readonly client: Stranger;
  readonly handled: Happened<string>;
}

async function stage(t: ExecutionContext): Promise<Stage> {
  const handled = new Happened<string>();
  const answer = answering(handled);
  const gateway = await mailbox(t, {
    name: 'nes-gateway', root: folder(t),
    handler: (message) => {
      if (message.kind === 'nes.remove-password') throw Object.assign(new RangeError(CANARY), { code: 'BROKE' });
      return answer(message);
    },
  });
  return { gateway, client: brokerAt(t, gateway), handled };
}

interface Case {
  readonly title: string;
  readonly frames: () => Uint8Array[];
  readonly code: string;
  readonly path: string;
}

const BAD: readonly Case[] = [
  { title: 'two frames of garbage', frames: () => [randomBytes(40).fill(0xc1, 0, 1), randomBytes(40)], code: 'not-msgpack', path: 'envelope' },
  { title: 'one frame of garbage', frames: () => [Buffer.from([0xc1, 0xc1])], code: 'not-msgpack', path: 'ping' },
  { title: 'two empty frames', frames: () => [new Uint8Array(), new Uint8Array()], code: 'not-msgpack', path: 'envelope' },
  { title: 'three frames', frames: () => [...frames(envelope()), pack(1)], code: 'not-msgpack', path: 'frames' },
  { title: 'an envelope that is a list', frames: () => frames([CANARY]), code: 'bad-envelope', path: 'envelope' },
  { title: 'an envelope with a field too many', frames: () => frames(envelope({ [CANARY]: CANARY })), code: 'bad-envelope', path: 'envelope' },
  { title: 'an envelope with a field of another type', frames: () => frames(envelope({ deadline: CANARY })), code: 'bad-envelope', path: 'envelope.deadline' },
  { title: 'a body that is no msgpack', frames: () => [pack(envelope()), Buffer.from([0x81])], code: 'not-msgpack', path: 'body' },
  { title: 'a body with a field of another type', frames: () => frames(envelope(), { band: 7 }), code: 'bad-body', path: 'nes.fetch-credential.body.band' },
  { title: 'a body with a field too many', frames: () => frames(envelope(), { ...BAND, [CANARY]: CANARY }), code: 'bad-body', path: 'nes.fetch-credential.body' },
  { title: 'a body that brings a prototype', frames: () => [pack(envelope()), pack(new Map([['__proto__', { band: CANARY }]]))], code: 'bad-body', path: 'nes.fetch-credential.body.band' },
  { title: 'a kind that nobody declared', frames: () => frames(envelope({ kind: CANARY })), code: 'unknown-kind', path: 'envelope.kind' },
  { title: 'a kind with the name of something every object has', frames: () => frames(envelope({ kind: 'constructor' })), code: 'unknown-kind', path: 'envelope.kind' },
  { title: 'a version that nobody declared', frames: () => frames(envelope({ v: 999 })), code: 'unknown-kind', path: 'envelope.kind' },
  { title: 'a kind of another pair of actors', frames: () => frames(envelope({ kind: 'nes.post-audit' }), { events: [] }), code: 'not-permitted', path: 'envelope.kind' },
  { title: 'a fact sent to a mailbox', frames: () => frames(envelope({ kind: 'actor.reported' }), { state: 'ready', refusals: [], waiting: 0 }), code: 'not-permitted', path: 'envelope.kind' },
  { title: 'another sender than the one of the door', frames: () => frames(envelope({ from: 'audit' })), code: 'wrong-sender', path: 'envelope.from' },
  { title: 'a session where there is none', frames: () => frames(envelope({ session: CANARY })), code: 'foreign-session', path: 'envelope.session' },
  { title: 'a deadline that is over', frames: () => frames(envelope({ deadline: systemClock.nowUs() - 1 })), code: 'expired', path: 'envelope.deadline' },
  { title: 'a message that is too big', frames: () => frames(envelope(), { band: 'x'.repeat(66_000) }), code: 'too-big', path: 'frames' },
  { title: 'a handler that throws', frames: () => frames(envelope({ kind: 'nes.remove-password' }), { userId: CANARY }), code: 'handler-failed', path: 'RangeError BROKE' },
];

for (const { title, frames: bad, code, path } of BAD) {
  test(`${title}: refused as ${code}, and the next good message is handled`, async (t) => {
    const { gateway, client, handled } = await stage(t);
    await client.send(bad());
    const refusal = await gateway.refused.next();
    t.like(refusal, { refused: code, path, sender: 'credential-broker' });
    t.is(gateway.bus.refusals.get(code), 1);
    t.false(JSON.stringify(refusal).includes(CANARY));
    await client.send(frames(envelope({ id: 'good' })));
    t.is((await client.answers.next(({ id }) => id === 'good')).code, 'ok');
    t.deepEqual(handled.all, ['good']);
  });
}

test('a frame beyond all bounds ends its connection; the client comes back and is heard', async (t) => {
  const { client, handled } = await stage(t);
  await client.events.next((type) => type === 'handshake');
  await client.send([new Uint8Array(2 * 1024 * 1024), pack(BAND)]);
  await client.events.next((type) => type === 'disconnect');
  await client.events.count(2, (type) => type === 'handshake');
  await client.send(frames(envelope({ id: 'good' })));
  t.is((await client.answers.next(({ id }) => id === 'good')).code, 'ok');
  t.deepEqual(handled.all, ['good']);
});

test('a flood of garbage is counted, and the actor still answers', async (t) => {
  const { gateway, client } = await stage(t);
  for (let i = 0; i < 2000; i++) await client.send([randomBytes(30), randomBytes(30)]);
  await client.send(frames(envelope({ id: 'good' })));
  t.is((await client.answers.next(({ id }) => id === 'good')).code, 'ok');
  const counted = [...gateway.bus.refusals.values()].reduce((sum, times) => sum + times, 0);
  t.is(counted, 2000);
});

test('a message of another session does not pass a door that its key opens', async (t) => {
  const broker = await mailbox(t, { name: 'credential-broker', root: folder(t) });
  const session = await mailbox(t, { name: 'tap-listener', root: folder(t), session: 's1-aaaaaaaaaa' });
  await broker.bus.join({ session: 's1-aaaaaaaaaa', runDir: session.run, keys: publicOf(session) });
  const { publicKey, secretKey } = session.keys.get('tap-listener')!;
  const client = stranger(t, doorEndpoint(broker.run, 'credential-broker', 'tap-listener', 's1-aaaaaaaaaa'), {
    curveServerKey: broker.keys.get('credential-broker')!.publicKey, curvePublicKey: publicKey, curveSecretKey: secretKey,
  });
  const cancelled = { kind: 'tap.cancelled', tap: 'tap-1', from: 'tap-listener' };
  await client.send(frames(envelope({ ...cancelled, id: 'other', session: 's1-bbbbbbbbbb' }), { reason: 'cancelled:two-bands' }));
  await client.send(frames(envelope({ ...cancelled, id: 'none', session: null }), { reason: 'cancelled:two-bands' }));
  await client.send(frames(envelope({ ...cancelled, id: 'own', session: 's1-aaaaaaaaaa' }), { reason: 'cancelled:two-bands' }));
  await client.answers.count(3);
  t.deepEqual(client.answers.all.map(({ id, code }) => [id, code]), [['other', 'foreign-session'], ['none', 'foreign-session'], ['own', 'ok']]);
});
