import test from 'ava';
import fc from 'fast-check';
import { contractOf } from '../../contracts/catalogue.ts';
import type { Envelope } from '../../contracts/envelope.ts';
import { decode, encode, FRAME_BYTES_MAX, isRefusal, pack, RefusalCode, unpack } from '../../runtime/codec.ts';
import { CONTRACTS, envelopeOf, longestBody, wholeBody } from './arbitrary.ts';

const contract = contractOf('tap.accepted');
const envelope = envelopeOf(contract);
const body = wholeBody(contract);
const frames = encode(envelope, contract, body);
/** An envelope with the longest ids and the longest session takes no more. */
const ENVELOPE_SPARE_BYTES = 2048;
const CANARY = 'canary-7f3a';

test('random bytes never throw and are always a refusal', (t) => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 256 }), { maxLength: 4 }), (noise) => {
    t.true(isRefusal(decode(noise)));
  }), { numRuns: 2000 });
});

test('a good envelope before random bytes is a refusal that can be answered', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 256 }), (noise) => {
    const refused = decode([frames[0], noise]);
    t.true(isRefusal(refused) && refused.id === envelope.id);
  }), { numRuns: 1000 });
});

test('a message with one byte altered never throws', (t) => {
  fc.assert(fc.property(fc.constantFrom(...CONTRACTS), fc.nat(1), fc.nat(), fc.integer({ min: 1, max: 255 }), (any, which, at, bits) => {
    const altered = encode(envelopeOf(any), any, wholeBody(any)).map((frame) => Uint8Array.from(frame));
    const frame = altered[which]!;
    frame[at % frame.length]! ^= bits;
    t.is(typeof decode(altered), 'object');
  }), { numRuns: 1000 });
});

test('a message cut short anywhere is a refusal', (t) => {
  for (let end = 0; end < frames[0].length; end += 1) t.true(isRefusal(decode([frames[0].subarray(0, end), frames[1]])));
  for (let end = 0; end < frames[1].length; end += 1) t.true(isRefusal(decode([frames[0], frames[1].subarray(0, end)])));
});

test('one frame, or three, are no message', (t) => {
  for (const count of [[], [frames[0]], [...frames, frames[1]]]) t.like(decode(count), { refused: RefusalCode.notMsgpack, path: 'frames' });
});

test('a message over 64 KiB is refused unread', (t) => {
  t.like(decode([frames[0], new Uint8Array(FRAME_BYTES_MAX)]), { refused: RefusalCode.tooBig, path: 'frames', id: '' });
  t.like(decode([new Uint8Array(FRAME_BYTES_MAX), frames[1]]), { refused: RefusalCode.tooBig });
});

for (const longest of CONTRACTS) {
  test(`${longest.kind} fits the wire with the longest values that its declaration allows`, (t) => {
    const [head, rest] = encode(envelopeOf(longest), longest, longestBody(longest));
    t.true(head.byteLength + rest.byteLength <= FRAME_BYTES_MAX - ENVELOPE_SPARE_BYTES, String(rest.byteLength));
  });
}

test('another version of a kind is refused like an unknown one', (t) => {
  for (const v of [contract.v + 1, 999]) t.like(decode([pack({ ...envelope, v }), frames[1]]), { refused: RefusalCode.unknownKind, path: 'envelope.kind', id: envelope.id });
  t.like(decode([pack({ ...envelope, kind: CANARY }), frames[1]]), { refused: RefusalCode.unknownKind, path: 'envelope.kind' });
});

test('kinds that every object knows are unknown', (t) => {
  for (const kind of ['__proto__', 'constructor', 'toString', '']) t.like(decode([pack({ ...envelope, kind }), frames[1]]), { refused: RefusalCode.unknownKind });
});

const WRONG: Record<keyof Envelope, readonly unknown[]> = {
  id: ['', 'x'.repeat(65), 7, null], kind: ['x'.repeat(65), 7, null], v: [0, 1000, 1.5, '1', null],
  tap: ['', 'x'.repeat(65), 7], cause: ['', 'x'.repeat(65), 7], from: [CANARY, null], session: ['x'.repeat(65), 7],
  at: [-1, 0.5, CANARY, null], deadline: [-1, 0.5, CANARY, null], wall: [-1, CANARY, null],
};

for (const [name, values] of Object.entries(WRONG)) {
  test(`envelope.${name}: a wrong or missing one is refused by its name`, (t) => {
    const { [name as keyof Envelope]: _, ...without } = envelope;
    for (const broken of [without, ...values.map((value) => ({ ...envelope, [name]: value }))]) {
      t.deepEqual(decode([pack(broken), frames[1]]), { refused: RefusalCode.badEnvelope, path: `envelope.${name}`, id: '' });
    }
  });
}

test('an envelope with a field that nobody declared is refused without naming it', (t) => {
  const refused = decode([pack({ ...envelope, [CANARY]: CANARY }), frames[1]]);
  t.like(refused, { refused: RefusalCode.badEnvelope });
  t.false(JSON.stringify(refused).includes(CANARY));
});

test('what is no msgpack unpacks to nothing', (t) => {
  t.is(unpack(new Uint8Array([0xd9, 0x20, 0x41])), undefined);
  t.is(unpack(new Uint8Array()), undefined);
});
