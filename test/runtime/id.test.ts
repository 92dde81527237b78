import test from 'ava';
import { curveKeyPair } from 'zeromq';
import { keyBytes } from '../../runtime/bus/curve.ts';
import { newId } from '../../runtime/id.ts';

const WALL_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

test('an id is a UUIDv7 of its millisecond', (t) => {
  for (let round = 0; round < 1000; round += 1) t.regex(newId(WALL_MS), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.is(parseInt(newId(WALL_MS).replace('-', '').slice(0, 12), 16), WALL_MS);
});

test('ids sort by time', (t) => {
  const ids = [0, 1, 1_000, 86_400_000].map((ms) => newId(WALL_MS + ms));
  t.deepEqual(ids.toSorted(), ids);
});

test('no two ids are alike', (t) => {
  t.is(new Set(Array.from({ length: 10_000 }, () => newId(WALL_MS))).size, 10_000);
});

// ZeroMQ RFC 32 gives this one.
test('Z85 text becomes the bytes that the specification gives', (t) => {
  t.is(Buffer.from(keyBytes('HelloWorld'.repeat(4))).toString('hex'), '864fd26fb559f75b'.repeat(4));
});

test('a key of zeromq has 32 bytes, which differ from key to key', (t) => {
  const keys = Array.from({ length: 50 }, () => Buffer.from(keyBytes(curveKeyPair().publicKey)).toString('hex'));
  for (const key of keys) t.is(key.length, 64);
  t.is(new Set(keys).size, keys.length);
});

test('what is no key is refused without repeating it', (t) => {
  for (const wrong of ['', 'x'.repeat(39), 'x'.repeat(41), `${'x'.repeat(39)}"`, `${'x'.repeat(39)}é`]) {
    const error = t.throws(() => keyBytes(wrong), { instanceOf: RangeError });
    t.false(error?.message.includes('xxx'));
  }
});

// 85^5 is more than 2^32: five characters can say more than four bytes hold.
test('Z85 that says more than 32 bytes hold is refused', (t) => {
  t.throws(() => keyBytes('#'.repeat(40)), { instanceOf: RangeError });
});
