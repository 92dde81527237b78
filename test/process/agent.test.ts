// Both talks with the Nymi Agent against the lab's Agent, on real sockets.
import test from 'ava';
import { from } from 'rxjs';
import { codecFor, FRAMING_NAMES } from '../../contracts/external/nymi-codec.ts';
import { startNymiAgent } from '../../ops/lab/nymi-agent/server.ts';
import type { NymiAgent } from '../../ops/lab/nymi-agent/server.ts';
import { UNKNOWN_BAND } from '../../ops/lab/people.ts';
import type { LabPerson } from '../../ops/lab/people.ts';
import { systemTimer } from '../../runtime/timer.ts';
import type { BandFailure } from '../../services/credential-broker/band.ts';
import { tapCandidates } from '../../services/tap-listener/streams.ts';
import { brokerOf, hexOf, IP, listen, people, stage, startLab } from './agent-stage.ts';

const ada = people.find(({ alias }) => alias === 'NB-01')!;
const keyless = people.find(({ bandKey }) => bandKey === null)!;

test('an NFC tap arrives with the reader\'s id, the band and a stamp', async (t) => {
  const { lab, listener } = await stage(t);
  const before = systemTimer.nowUs();
  t.is(lab.tap('NB-01', 'nfc'), 2, 'the listener and the broker are told');
  const tap = await listener.raw('nfc');
  t.like(tap, { uid: ada.nfcUid, band: ada.bandId });
  t.true(tap.atUs >= before && tap.atUs <= systemTimer.nowUs());
});

test('a Bluetooth tap arrives as readings that make exactly one candidate', async (t) => {
  const { lab, listener } = await stage(t);
  lab.tap('NB-01', 'ble');
  lab.tap('NB-02', 'nfc');
  await listener.readings(42);
  const bands: string[] = [];
  from(listener.raws).pipe(tapCandidates()).subscribe((candidate) => candidate.via === 'ble' && bands.push(candidate.band));
  t.deepEqual(bands, [ada.bandId]);
});

test('foreign, empty and truncated ids, a stranger\'s band and presence arrive as they are', async (t) => {
  const { lab, listener } = await stage(t);
  lab.tapUnknown();
  lab.tap('', 'nfc');
  lab.tap('04AB', 'nfc');
  lab.tap(UNKNOWN_BAND.alias, 'nfc');
  t.deepEqual(
    [await listener.raw('nfc'), await listener.raw('nfc'), await listener.raw('nfc'), await listener.raw('nfc')].map(({ uid, band }) => [uid, band]),
    [['0499AABBCCDDEE', null], ['', null], ['04AB', null], [UNKNOWN_BAND.nfcUid, UNKNOWN_BAND.bandId]],
  );
  lab.presence('NB-01', { presence: 'likely', authenticated: false });
  t.like(await listener.raw('presence'), { band: ada.bandId, presence: 'likely', authenticated: false, worn: null });
});

test('a tap goes to the clients of its terminal alone', async (t) => {
  const lab = await startLab(t);
  const here = listen(t, lab, '192.0.2.1');
  const there = listen(t, lab, '192.0.2.2');
  await Promise.all([here.state('connected'), there.state('connected')]);
  t.is(lab.tap('NB-01', 'nfc', '192.0.2.2'), 1);
  await there.raw('nfc');
  t.is(lab.tap('NB-02', 'nfc', '192.0.2.1'), 1);
  await here.raw('nfc');
  t.is(here.raws.length, 1);
});

test('a terminal that the session did not ask for is not listened to, even if the Agent tells of it', async (t) => {
  const { lab, listener } = await stage(t);
  lab.say('{"operation":"nfc_tap","payload":{"endpoint_id":"192.0.2.9","uid":"04AABBCC"}}');
  lab.tap('NB-01', 'nfc');
  t.like(await listener.raw('nfc'), { uid: ada.nfcUid });
  t.is(listener.raws.length, 1);
});

test('the states of the terminal are told, and heal', async (t) => {
  const { lab, listener } = await stage(t);
  lab.fault('endpoint-stopped');
  await listener.state('endpoint-not-running');
  lab.heal();
  await listener.state('connected');
  lab.fault('adapter-missing');
  await listener.state('adapter-missing');
  lab.heal();
  await listener.state('connected');
  t.deepEqual(listener.states, ['connected', 'endpoint-not-running', 'connected', 'adapter-missing', 'connected']);
});

test('after a lost connection the terminal is subscribed again, and the next tap arrives', async (t) => {
  const { lab, listener } = await stage(t);
  lab.fault('disconnect');
  await listener.state('unreachable');
  await listener.state('connected');
  lab.tap('NB-01', 'nfc');
  t.like(await listener.raw('nfc'), { band: ada.bandId });
  t.is(listener.agent.counts.connections, 2);
});

test('no Agent is unreachable until one is there', async (t) => {
  const first = await startLab(t);
  const listener = listen(t, first);
  await listener.state('connected');
  await first.close();
  await listener.state('unreachable');
  const second = await startNymiAgent({ people, port: Number(new URL(first.url).port), advertMs: 1 });
  t.teardown(() => second.close());
  await listener.state('connected');
  t.is(second.tap('NB-01', 'nfc'), 1);
});

test('a terminal that gets another address is heard there, without a restart', async (t) => {
  const lab = await startLab(t);
  let address = '192.0.2.1';
  const listener = listen(t, lab, () => address);
  await listener.state('connected');
  address = '192.0.2.2';
  await lab.subscribed(1, '192.0.2.2');
  await lab.subscribed(0, '192.0.2.1');
  await listener.state('connected');
  t.is(lab.tap('NB-01', 'nfc', '192.0.2.2'), 1);
  t.like(await listener.raw('nfc'), { band: ada.bandId });
});

test('a terminal without a way to the Agent is subscribed as soon as it has one', async (t) => {
  const lab = await startLab(t);
  let isAway = true;
  const listener = listen(t, lab, () => {
    if (isAway) throw new Error('no route');
    return IP;
  });
  await listener.state('endpoint-not-running');
  isAway = false;
  await listener.state('connected');
  t.is(lab.tap('NB-01', 'nfc'), 1);
});

for (const framing of FRAMING_NAMES) {
  test(`in ${framing} frames taps, presence and states arrive, and a band gives its key`, async (t) => {
    const lab = await startLab(t);
    const listener = listen(t, lab, IP, framing);
    const broker = brokerOf(t, lab, { codec: codecFor(framing) });
    await listener.state('connected');
    await lab.subscribed(2);
    lab.tap('NB-01', 'nfc');
    t.like(await listener.raw('nfc'), { uid: ada.nfcUid, band: ada.bandId });
    lab.presence('NB-01', { presence: 'likely', authenticated: true });
    t.like(await listener.raw('presence'), { band: ada.bandId, presence: 'likely' });
    t.is(hexOf(await broker.keyOf(ada)), Buffer.from(ada.bandKey!).toString('hex'));
    lab.fault('radio', 2);
    t.deepEqual(await broker.bands.keyOf(ada.bandId, { timeoutMs: 1000 }), { reason: 'band-unreachable', detail: 'key answered with status 5100' });
    lab.fault('endpoint-stopped');
    await listener.state('endpoint-not-running');
    lab.fault('disconnect');
    lab.heal();
    await listener.state('connected');
    t.deepEqual(listener.agent.counts.dropped, {});
  });
}

test('a subscription that meets radio trouble is tried again', async (t) => {
  const lab = await startLab(t);
  lab.fault('radio', 1);
  const listener = listen(t, lab);
  await listener.state('endpoint-not-running');
  await listener.state('connected');
  t.pass();
});

test('rubbish from the Agent is counted by kind and dropped, and the next tap arrives', async (t) => {
  const { lab, listener } = await stage(t);
  lab.fault('garbage');
  lab.say(Buffer.from('{"operation":"presence"}'));
  lab.tap('NB-01', 'nfc');
  t.like(await listener.raw('nfc'), { band: ada.bandId });
  t.deepEqual(listener.agent.counts.dropped, { 'not-json': 2, 'wrong-shape': 5, 'unknown-operation': 2, 'unsolicited': 2 });
  t.true(listener.garbage.every((line) => /^[a-z-]+ [a-z_.]*$/.test(line)), 'kind and place, never a value');
  t.is(listener.raws.length, 1);
});

test('the key of a band comes as a secret, after init alone', async (t) => {
  const { lab, broker } = await stage(t);
  t.is(hexOf(await broker.keyOf(ada)), Buffer.from(ada.bandKey!).toString('hex'));
  t.is(broker.tokens.length, 1);
  t.true(broker.tokens[0]!.wiped);
  lab.fault('radio', 1);
  t.is(hexOf(await broker.keyOf(ada)), Buffer.from(ada.bandKey!).toString('hex'), 'one quick try more');
});

const failures: readonly (readonly [string, (lab: NymiAgent) => void, LabPerson | { readonly bandId: string }, BandFailure, number])[] = [
  ['a band without a key', () => {}, keyless, { reason: 'incomplete-enrollment', detail: 'the band has no key' }, 1_000],
  ['radio trouble twice', (lab) => lab.fault('radio', 2), ada, { reason: 'band-unreachable', detail: 'key answered with status 5100' }, 1_000],
  ['a band that is not there', () => {}, { bandId: '00:00:00:00:00:00' }, { reason: 'band-unreachable', detail: 'key answered with status 5100' }, 1_000],
  ['an Agent that keeps silent', (lab) => lab.fault('silence', 9), ada, { reason: 'band-unreachable', detail: 'key not answered: timeout' }, 50],
  ['an answer that cannot be read', (lab) => lab.fault('broken-json', 9), ada, { reason: 'band-unreachable', detail: 'key not answered: timeout' }, 50],
  ['certificates that stay missing', (lab) => lab.fault('certificates', 9), ada, { reason: 'nes-unreachable', detail: 'key answered with status 8000' }, 1_000],
  ['a connection that breaks', (lab) => (lab.fault('silence', 1), setImmediate(() => lab.fault('disconnect'))), ada, { reason: 'band-unreachable', detail: 'key not answered: down' }, 5_000],
];
for (const [name, break_, band, failure, timeoutMs] of failures) {
  test(`no key: ${name} is ${failure.reason}`, async (t) => {
    const { lab, broker } = await stage(t);
    break_(lab);
    t.deepEqual(await broker.bands.keyOf(band.bandId, { timeoutMs }), failure);
  });
}

test('certificates that went missing are fetched once more with a fresh token', async (t) => {
  const { lab, broker } = await stage(t);
  lab.fault('certificates', 1);
  t.is(hexOf(await broker.keyOf(ada)), Buffer.from(ada.bandKey!).toString('hex'));
  t.is(broker.tokens.length, 2);
});

test('a token that cannot be had is the reason given', async (t) => {
  const lab = await startLab(t);
  const noToken: BandFailure = { reason: 'nes-unreachable', detail: 'no token' };
  const broker = brokerOf(t, lab, { token: () => Promise.resolve(noToken) });
  await lab.subscribed(1);
  t.deepEqual(await broker.keyOf(ada), noToken);
});

test('a fetch ends when it is aborted', async (t) => {
  const { lab, broker } = await stage(t);
  lab.fault('silence', 1);
  const aborting = new AbortController();
  const key = broker.bands.keyOf(ada.bandId, { timeoutMs: 60_000, signal: aborting.signal });
  aborting.abort();
  t.deepEqual(await key, { reason: 'band-unreachable', detail: 'key not answered: aborted' });
});

test('after a lost connection the broker gives the token again and keeps the terminals of its sessions', async (t) => {
  const { lab, broker } = await stage(t);
  broker.bands.subscribe('second', '192.0.2.2');
  await lab.subscribed(1, '192.0.2.2');
  lab.fault('disconnect');
  await lab.subscribed(0, '192.0.2.2');
  await lab.subscribed(1, '192.0.2.2');
  t.is(hexOf(await broker.keyOf(ada)), Buffer.from(ada.bandKey!).toString('hex'));
  broker.bands.unsubscribe('second');
  await lab.subscribed(0, '192.0.2.2');
  t.is(broker.tokens.length, 2);
});

test('a terminal of two sessions stays subscribed until both have ended', async (t) => {
  const { lab, broker } = await stage(t);
  broker.bands.subscribe('second', IP);
  broker.bands.unsubscribe('first');
  broker.bands.subscribe('third', '192.0.2.3');
  await lab.subscribed(1, '192.0.2.3');
  await lab.subscribed(2);
  broker.bands.unsubscribe('second');
  await lab.subscribed(1);
  t.pass();
});
