// Who may knock at a door, and who is let in: by key, never by trust.
import { execFileSync } from 'node:child_process';
import test from 'ava';
import { curveKeyPair, Dealer } from 'zeromq';
import type { Body } from '../../contracts/catalogue.ts';
import { doorEndpoint, outletEndpoint } from '../../runtime/places.ts';
import { listen, type Fact } from '../../runtime/bus/outlet.ts';
import { answering, BAND, brokerAt, clientOf, envelope, folder, frames, Happened, mailbox, publicOf, stranger } from './bus-stage.ts';

const ask = { to: 'nes-gateway' } as const;
const REPORT: Body<'actor.reported'> = { state: 'ready', refusals: [], waiting: 0 };
const HANDSHAKE = (type: string): boolean => type.startsWith('handshake');

test('a client is turned away and counted: another key, another door’s key, the observer’s key, no key at all', async (t) => {
  const handled = new Happened<string>();
  const gateway = await mailbox(t, { name: 'nes-gateway', root: folder(t), handler: answering(handled) });
  const endpoint = doorEndpoint(gateway.run, 'nes-gateway', 'credential-broker', null);
  const unknown = curveKeyPair();
  const strangers = [
    stranger(t, endpoint, { curveServerKey: gateway.keys.get('nes-gateway')!.publicKey, curvePublicKey: unknown.publicKey, curveSecretKey: unknown.secretKey }),
    stranger(t, endpoint, clientOf(gateway, 'nes-gateway', 'audit')),
    stranger(t, endpoint, clientOf(gateway, 'nes-gateway', 'observer')),
    stranger(t, endpoint),
  ];
  const turnedAway = await Promise.all(strangers.map(({ events }) => events.next(HANDSHAKE)));
  t.deepEqual(turnedAway.slice(0, 3), Array.from({ length: 3 }, () => 'handshake:error:auth'));
  t.true(turnedAway[3]!.startsWith('handshake:error:'));
  await gateway.refused.count(4, ({ refused }) => refused === 'wrong-key');
  t.true(gateway.refused.all.every(({ sender, path }) => sender === null && path === 'nes-gateway<credential-broker'));
  t.true(strangers.every(({ events }) => !events.all.includes('handshake')));
  t.deepEqual(handled.all, []);
  const client = brokerAt(t, gateway);
  await client.send(frames(envelope({ id: 'good' })));
  t.is((await client.answers.next()).code, 'ok');
});

test('who does not know the key of the door gets nowhere, though its own key is admitted', async (t) => {
  const gateway = await mailbox(t, { name: 'nes-gateway', root: folder(t) });
  const client = stranger(t, doorEndpoint(gateway.run, 'nes-gateway', 'credential-broker', null), {
    ...clientOf(gateway, 'nes-gateway', 'credential-broker'), curveServerKey: curveKeyPair().publicKey,
  });
  t.true((await client.events.next(HANDSHAKE)).startsWith('handshake:error:'));
  t.is((await gateway.refused.next()).refused, 'wrong-key');
});

test('the key of one session does not open the door of another', async (t) => {
  const broker = await mailbox(t, { name: 'credential-broker', root: folder(t) });
  const one = await mailbox(t, { name: 'tap-listener', root: folder(t), session: 's1-aaaaaaaaaa' });
  const two = await mailbox(t, { name: 'tap-listener', root: folder(t), session: 's2-bbbbbbbbbb' });
  for (const [session, { run }, keys] of [['s1-aaaaaaaaaa', one, publicOf(one)], ['s2-bbbbbbbbbb', two, publicOf(two)]] as const) {
    await broker.bus.join({ session, runDir: run, keys });
  }
  const { publicKey, secretKey } = two.keys.get('tap-listener')!;
  const keys = { curveServerKey: broker.keys.get('credential-broker')!.publicKey, curvePublicKey: publicKey, curveSecretKey: secretKey };
  const foreign = stranger(t, doorEndpoint(broker.run, 'credential-broker', 'tap-listener', 's1-aaaaaaaaaa'), keys);
  t.is(await foreign.events.next(HANDSHAKE), 'handshake:error:auth');
  const own = stranger(t, doorEndpoint(broker.run, 'credential-broker', 'tap-listener', 's2-bbbbbbbbbb'), keys);
  t.is(await own.events.next(HANDSHAKE), 'handshake');
});

test('no door is reachable by inproc, which knows no keys', async (t) => {
  const handled = new Happened<string>();
  const gateway = await mailbox(t, { name: 'nes-gateway', root: folder(t), handler: answering(handled) });
  const path = doorEndpoint(gateway.run, 'nes-gateway', 'credential-broker', null).slice('ipc://'.length);
  for (const name of [path, 'nes-gateway.credential-broker', 'nes-gateway<credential-broker']) {
    const socket = new Dealer({ linger: 0, sendTimeout: 0 });
    socket.connect(`inproc://${name}`);
    await socket.send(frames(envelope())).catch(() => {});
    t.teardown(() => socket.close());
  }
  const client = brokerAt(t, gateway);
  await client.send(frames(envelope({ id: 'good' })));
  t.is((await client.answers.next()).code, 'ok');
  t.deepEqual(handled.all, ['good']);
});

test('where nobody answers for the keys, a CURVE socket with an enforced domain lets nobody in', (t) => {
  // In a process of its own, because the handler of this one is everywhere.
  const script = `
    import { curveKeyPair, Dealer, Router } from 'zeromq';
    const [server, client] = [curveKeyPair(), curveKeyPair()];
    const router = new Router({ curveServer: true, curveSecretKey: server.secretKey, zapDomain: 'd', zapEnforceDomain: true, linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    const dealer = new Dealer({ linger: 0, curveServerKey: server.publicKey, curvePublicKey: client.publicKey, curveSecretKey: client.secretKey });
    dealer.events.on('handshake', () => end('in'));
    router.events.on('handshake:error:other', () => end('out'));
    router.events.on('handshake:error:auth', () => end('out'));
    router.events.on('handshake:error:protocol', () => end('out'));
    const end = (word) => { console.log(word); process.exit(); };
    dealer.connect(router.lastEndpoint);`;
  t.is(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 20_000 }).trim(), 'out');
});

test('a peer that was turned away is let in once its key is admitted', async (t) => {
  const broker = await mailbox(t, { name: 'credential-broker', root: folder(t) });
  const listener = await mailbox(t, { name: 'tap-listener', root: folder(t), session: 's1-aaaaaaaaaa' });
  const keys = publicOf(listener);
  const peer = { session: 's1-aaaaaaaaaa', runDir: listener.run };
  await broker.bus.join({ ...peer, keys: new Map(keys).set('tap-listener', curveKeyPair().publicKey) });
  await listener.bus.join({ session: 's1-aaaaaaaaaa', runDir: broker.run, keys: publicOf(broker) });
  await broker.refused.next(({ refused }) => refused === 'wrong-key');
  await broker.bus.join({ ...peer, keys });
  await listener.lines.next(({ to, up }) => to === 'credential-broker' && up);
  t.true((await listener.bus.send('tap.cancelled', { reason: 'cancelled:two-bands' }, { to: 'credential-broker', tap: 'tap-1' })).ok);
});

test('leaving closes the doors of the session and ends the connections that stand; other sessions stay', async (t) => {
  const broker = await mailbox(t, { name: 'credential-broker', root: folder(t) });
  const sessions = await Promise.all(['s1-aaaaaaaaaa', 's2-bbbbbbbbbb'].map(async (session) => {
    const listener = await mailbox(t, { name: 'tap-listener', root: folder(t), session });
    await broker.bus.join({ session, runDir: listener.run, keys: publicOf(listener) });
    await listener.bus.join({ session, runDir: broker.run, keys: publicOf(broker) });
    t.true((await listener.bus.send('tap.cancelled', { reason: 'cancelled:two-bands' }, { to: 'credential-broker', tap: 'tap-1' })).ok);
    return listener;
  }));
  const [one, two] = sessions as [typeof sessions[0], typeof sessions[0]];
  await broker.bus.leave('s1-aaaaaaaaaa');
  await one.lines.next(({ to, up }) => to === 'credential-broker' && !up);
  const { publicKey, secretKey } = one.keys.get('tap-listener')!;
  const late = stranger(t, doorEndpoint(broker.run, 'credential-broker', 'tap-listener', 's1-aaaaaaaaaa'), {
    curveServerKey: broker.keys.get('credential-broker')!.publicKey, curvePublicKey: publicKey, curveSecretKey: secretKey,
  });
  await late.events.next((type) => type === 'connect:retry' || type === 'close');
  t.true((await two.bus.send('tap.cancelled', { reason: 'cancelled:two-bands' }, { to: 'credential-broker', tap: 'tap-2' })).ok);
  t.false(late.events.all.includes('handshake'));
});

test('facts reach whoever holds a key of the zone, numbered, so that a gap shows; nobody else, no other session', async (t) => {
  const one = await mailbox(t, { name: 'tray', root: folder(t), session: 's1-aaaaaaaaaa' });
  const two = await mailbox(t, { name: 'tray', root: folder(t), session: 's2-bbbbbbbbbb' });
  const heard = new Happened<Fact>();
  const up = new Happened<string>();
  const outlet = { endpoint: outletEndpoint(one.run, 'tray'), serverKey: one.keys.get('tray')!.publicKey };
  const hear = () => listen({ endpoints: [outlet], ...one.keys.get('observer')!, kinds: [], heard: (fact) => heard.add(fact), changed: () => up.add('changed') });
  const stop = hear();
  await up.next();
  // A subscription follows the handshake: the first fact may still be missed, and its number tells.
  const published = setInterval(() => one.bus.publish('actor.reported', REPORT), 5);
  t.teardown(() => clearInterval(published));
  await heard.count(3);
  const numbers = heard.all.map(({ number }) => number);
  t.deepEqual(numbers, numbers.map((_, i) => numbers[0]! + i));
  t.true(heard.all.every(({ message }) => message.envelope.session === 's1-aaaaaaaaaa' && message.envelope.from === 'tray'));
  stop();
  const before = heard.all.at(-1)!.number;
  for (let i = 0; i < 10; i++) one.bus.publish('actor.reported', REPORT);
  t.teardown(hear());
  await heard.next(({ number }) => number > before + 10);
  t.true(heard.all.some(({ number }, i) => i > 0 && number - heard.all[i - 1]!.number > 10));

  const foreign = listen({ endpoints: [outlet], ...two.keys.get('observer')!, kinds: [], heard: () => t.fail('a fact reached another session') });
  t.teardown(foreign);
  t.like(await one.refused.next(({ refused }) => refused === 'wrong-key'), { path: 'outlet', sender: null });
});

test('several actors in one process: each is told of its own strangers alone, and one that stops leaves the others open', async (t) => {
  const root = folder(t);
  const gateway = await mailbox(t, { name: 'nes-gateway', root, handler: answering(new Happened()) });
  const audit = await mailbox(t, { name: 'audit', root });
  const broker = await mailbox(t, { name: 'credential-broker', root });
  const wrong = stranger(t, doorEndpoint(audit.run, 'audit', 'credential-broker', null), clientOf(audit, 'audit', 'nes-gateway'));
  t.is(await wrong.events.next(HANDSHAKE), 'handshake:error:auth');
  t.is((await audit.refused.next()).refused, 'wrong-key');
  t.deepEqual([...gateway.bus.refusals, ...broker.bus.refusals], []);
  await audit.bus.close();
  t.true((await broker.bus.send('nes.fetch-credential', BAND, ask)).ok);
});
