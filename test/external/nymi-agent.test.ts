// The Nymi Agent's table and its two framings, byte for byte, without a socket.
import test from 'ava';
import type { Frame } from '../../contracts/external/codec.ts';
import type { AgentNotice, Operation } from '../../contracts/external/nymi-agent.ts';
import { jsonCodec } from '../../contracts/external/nymi-json.ts';
import { phoenixCodec } from '../../contracts/external/nymi-phoenix.ts';
import { Secret } from '../../contracts/secret.ts';

const KEY = '00112233445566778899aabbccddeeff';
const codec = jsonCodec();

test('a request is written to the letter of the known envelope', (t) => {
  t.is(
    codec.encode('7', 'subscribe_endpoint', { endpoint_id: '192.0.2.4' }),
    '{"operation":"subscribe_endpoint","exchange":"7","payload":{"endpoint_id":"192.0.2.4"}}',
  );
});

test('the documented answer to init without parameters is a rejection with its status, and its text is not kept', (t) => {
  const documented =
    '{"operation":"init","exchange":"30809","status":8000,"payload":{},"error":{"error_description":"NEA missing certificates.",' +
    '"error_specifics":"Missing NES connection parameters. Please call `init` with additional fields \'nes_url\' and \'token\'"}}';
  t.deepEqual(decode(documented, { 30809: 'init' }), { kind: 'reply', exchange: '30809', status: 8000, payload: null });
});

test('a rejection needs no payload', (t) => {
  t.deepEqual(decode('{"operation":"symmetric_key","exchange":"1","status":5100}', { 1: 'symmetric_key' }), {
    kind: 'reply', exchange: '1', status: 5100, payload: null,
  });
});

test('unknown extra fields are dropped, at every depth', (t) => {
  const frame = '{"operation":"nfc_tap","x":1,"payload":{"endpoint_id":"192.0.2.4","uid":"","device":null,"y":{"z":1}}}';
  t.deepEqual(decode(frame), {
    kind: 'notice',
    notice: { name: 'nfc_tap', payload: { endpoint_id: '192.0.2.4', uid: '', device: null } },
  });
});

const garbage: readonly (readonly [string, string | Buffer, string, string])[] = [
  ['broken JSON', '{"operation":', 'not-json', ''],
  ['text that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not-json', ''],
  ['no object', '[1]', 'wrong-shape', ''],
  ['an operation that is a number', '{"operation":1}', 'wrong-shape', 'operation'],
  ['an unknown operation', '{"operation":"reboot","exchange":"1","status":0}', 'unknown-operation', 'operation'],
  ['a name of every object', '{"operation":"constructor","exchange":"1","status":0}', 'unknown-operation', 'operation'],
  ['a reading that is no number', '{"operation":"ble_rssi","payload":{"endpoint_id":"a","device":"b","rssi":"c"}}', 'wrong-shape', 'payload.rssi'],
  ['an answer that nobody waits for', '{"operation":"lookup","exchange":"8","status":0,"payload":{}}', 'unsolicited', 'exchange'],
  ['an answer to another operation', '{"operation":"lookup","exchange":"1","status":0,"payload":{}}', 'unsolicited', 'exchange'],
];
for (const [name, frame, kind, path] of garbage) {
  test(`dropped as ${kind}: ${name}`, (t) => {
    t.deepEqual(decode(frame, { 1: 'init' }), { kind: 'garbage', garbage: kind, path } as Frame<AgentNotice>);
  });
}

test('a broken answer names its exchange, so that nobody waits for it until the timeout', (t) => {
  t.deepEqual(decode('{"operation":"init","exchange":"1","payload":{}}', { 1: 'init' }), {
    kind: 'garbage', garbage: 'wrong-shape', path: 'status', exchange: '1',
  });
});

test('a key leaves the frame as bytes and nothing of it stays in the frame', (t) => {
  const frame = Buffer.from(keyFrame(`{"key" : "${KEY}"}`));
  const reply = codec.decode(frame, asking({ 1: 'symmetric_key' }));
  t.is(reply.kind, 'reply');
  const { key } = (reply as { payload: { key: Secret } }).payload;
  t.true(key instanceof Secret);
  t.is(key.reveal((bytes) => Buffer.from(bytes).toString('hex')), KEY);
  t.false(frame.includes(KEY));
  t.false(JSON.stringify(reply).includes(KEY));
});

test('a key in an answer that nobody waits for is blanked too', (t) => {
  const frame = Buffer.from(keyFrame(`{"key":"${KEY}"}`));
  t.is(codec.decode(frame, asking({})).kind, 'garbage');
  t.false(frame.includes(KEY));
});

for (const payload of ['{}', '{"key":null}', '{"key":""}']) {
  test(`a band without a key answers with null: ${payload}`, (t) => {
    t.deepEqual(decode(keyFrame(payload), { 1: 'symmetric_key' }), { kind: 'reply', exchange: '1', status: 0, payload: { key: null } });
  });
}

const disguised = ['{"key":"abc"}', '{"key":"0011"}', `{"k\\u0065y":"${KEY}"}`, `{"key":"${KEY}","key":"${KEY}"}`, '{"key":"zz"}', '{"key":7}'];
for (const payload of disguised) {
  test(`a key that is none is refused: ${payload.replaceAll(KEY, '<hex>')}`, (t) => {
    t.is((decode(keyFrame(payload), { 1: 'symmetric_key' }) as { garbage?: string }).garbage, 'wrong-shape');
  });
}

test('names on the wire can be replaced, both ways', (t) => {
  const other = jsonCodec({ symmetric_key: 'symmetricKey/get', nfc_tap: 'intent' });
  t.true(other.encode('1', 'symmetric_key', { device: 'b' }).startsWith('{"operation":"symmetricKey/get"'));
  const asked = asking({});
  t.is(other.decode(Buffer.from('{"operation":"intent","payload":{"endpoint_id":"a","uid":"04"}}'), asked).kind, 'notice');
  t.is(other.decode(Buffer.from('{"operation":"nfc_tap","payload":{"endpoint_id":"a","uid":"04"}}'), asked).kind, 'garbage');
});

test('in Phoenix frames a channel is joined, kept alive by the socket, and asked under its join', (t) => {
  const phoenix = phoenixCodec();
  t.is(phoenix.opening('1'), '["1","1","nymi:agent","phx_join",{}]');
  t.is(phoenix.heartbeat('2'), '[null,"2","phoenix","heartbeat",{}]');
  t.is(phoenix.encode('3', 'symmetric_key', { device: 'b' }), '["1","3","nymi:agent","symmetric_key",{"device":"b"}]');
});

const phoenixFrames: readonly (readonly [string, string, object])[] = [
  ['the answer to a join', '["1","1","nymi:agent","phx_reply",{"status":"ok","response":{}}]', { kind: 'reply', exchange: '1', status: 0, payload: null }],
  ['a refused join', '["1","1","nymi:agent","phx_reply",{"status":"error","response":{"reason":"no"}}]', { kind: 'reply', exchange: '1', status: -1, payload: null }],
  ['a refusal with its status', '["1","2","nymi:agent","phx_reply",{"status":"error","response":{"status":5100}}]', { kind: 'reply', exchange: '2', status: 5100, payload: null }],
  ['refs that are numbers', '[1,2,"nymi:agent","phx_reply",{"status":"ok","response":{"key":null}}]', { kind: 'reply', exchange: '2', status: 0, payload: { key: null } }],
  ['a notice', '["1",null,"nymi:agent","ble_ready",{}]', { kind: 'notice', notice: { name: 'ble_ready', payload: {} } }],
  ['an event of the channel', '["1",null,"nymi:agent","phx_close",{}]', { kind: 'garbage', garbage: 'unknown-operation', path: 'operation' }],
  ['an answer that nobody waits for', '["1","9","nymi:agent","phx_reply",{"status":"ok","response":{}}]', { kind: 'garbage', garbage: 'unsolicited', path: 'ref' }],
  ['an answer without a status', '["1","2","nymi:agent","phx_reply",{}]', { kind: 'garbage', garbage: 'wrong-shape', path: 'payload', exchange: '2' }],
  ['a bare envelope', '{"operation":"ble_ready","payload":{}}', { kind: 'garbage', garbage: 'wrong-shape', path: '' }],
  ['a frame cut short', '["1","2","nymi:agent"', { kind: 'garbage', garbage: 'not-json', path: '' }],
];
for (const [name, frame, parsed] of phoenixFrames) {
  test(`in Phoenix frames, ${name}`, (t) => {
    const asked = (exchange: string) => ({ 1: 'link', 2: 'symmetric_key' } as const)[Number(exchange) as 1 | 2];
    t.deepEqual(phoenixCodec().decode(Buffer.from(frame), asked) as object, parsed);
  });
}

const keyFrame = (payload: string): string => `{"operation":"symmetric_key","exchange":"1","status":0,"payload":${payload}}`;

function asking(asked: Readonly<Record<string, Operation>>): (exchange: string) => Operation | undefined {
  return (exchange) => (Object.hasOwn(asked, exchange) ? asked[exchange] : undefined);
}

function decode(frame: string | Buffer, asked: Readonly<Record<string, Operation>> = {}): Frame<AgentNotice> {
  return codec.decode(Buffer.from(frame), asking(asked));
}
