// Actors of one process: messages go from memory to memory, and everything else about them is as over a socket.
import test, { type ExecutionContext } from 'ava';
import { Neighbours } from '../../runtime/bus/neighbours.ts';
import { systemClock } from '../../runtime/clock.ts';
import { doorEndpoint } from '../../runtime/places.ts';
import { answering, BAND, folder, Happened, mailbox, publicOf, REPLY, type Mailbox } from './bus-stage.ts';

const ask = { to: 'nes-gateway' } as const;
const TURNS_OF_PROMISES = 50;

/** Both mailboxes of a zone in one process, with a line that is up. */
async function zone(t: ExecutionContext, handler = answering(new Happened<string>())) {
  const [root, neighbours] = [folder(t), new Neighbours()];
  const gateway = await mailbox(t, { name: 'nes-gateway', root, handler, neighbours });
  const broker = await mailbox(t, { name: 'credential-broker', root, neighbours });
  await broker.lines.next(({ to, up }) => to === 'nes-gateway' && up);
  return { root, neighbours, gateway, broker };
}

/** Lets promises settle, and no socket or timer. */
async function withoutATurn(): Promise<void> {
  for (let turn = 0; turn < TURNS_OF_PROMISES; turn++) await null;
}

test('a message between neighbours is handled and answered without a turn of the event loop', async (t) => {
  const handled = new Happened<string>();
  const { broker } = await zone(t, answering(handled));
  let answer: unknown;
  void broker.bus.send('nes.fetch-credential', BAND, ask).then((ack) => (answer = ack));
  await withoutATurn();
  t.is(handled.all.length, 1);
  t.deepEqual(answer, { ok: true, reply: REPLY });
  t.is(broker.bus.waiting, 0);
});

test('an actor of another process gets its messages over the socket', async (t) => {
  const root = folder(t);
  const handled = new Happened<string>();
  await mailbox(t, { name: 'nes-gateway', root, handler: answering(handled) });
  const { bus, lines } = await mailbox(t, { name: 'credential-broker', root, neighbours: new Neighbours() });
  await lines.next(({ up }) => up);
  const sent = bus.send('nes.fetch-credential', BAND, ask);
  await withoutATurn();
  t.is(handled.all.length, 0);
  t.deepEqual(await sent, { ok: true, reply: REPLY });
});

test('a neighbour that fails is refused by name, and counted by the receiver', async (t) => {
  const { broker, gateway } = await zone(t, () => Promise.reject(new RangeError('a value')));
  t.deepEqual(await broker.bus.send('nes.fetch-credential', BAND, ask), { ok: false, code: 'handler-failed' });
  t.like(gateway.refused.all[0], { refused: 'handler-failed', path: 'RangeError', sender: 'credential-broker' });
});

test('a neighbour that breaks the contract is refused as over the socket', async (t) => {
  const { broker, gateway } = await zone(t);
  const body = { band: 7 } as unknown as typeof BAND;
  t.deepEqual(await broker.bus.send('nes.fetch-credential', body, ask), { ok: false, code: 'bad-body' });
  t.like(gateway.refused.all[0], { path: 'nes.fetch-credential.body.band' });
});

test('a neighbour that has gone gets nothing, and its successor what waited', async (t) => {
  const { root, neighbours, gateway, broker } = await zone(t);
  await gateway.bus.close();
  const sent = broker.bus.send('nes.fetch-credential', BAND, { ...ask, deadlineUs: systemClock.nowUs() + 20_000_000 });
  const handled = new Happened<string>();
  await mailbox(t, { name: 'nes-gateway', root, handler: answering(handled), neighbours });
  t.true((await sent).ok);
  t.is(handled.all.length, 1);
});

test('a door in memory opens to the key of its sender alone', async (t) => {
  const { neighbours, gateway } = await zone(t);
  const endpoint = doorEndpoint(gateway.run, 'nes-gateway', 'credential-broker', null);
  const keyOf = (name: Parameters<ReturnType<typeof publicOf>['get']>[0], of: Mailbox): string => publicOf(of).get(name)!;
  t.truthy(neighbours.find(endpoint, keyOf('credential-broker', gateway)));
  t.is(neighbours.find(endpoint, keyOf('audit', gateway)), undefined);
});
