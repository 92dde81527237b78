import test from 'ava';
import fc from 'fast-check';
import { Secret } from '../../contracts/secret.ts';
import { openPassword, PAD_BYTES, PASSWORD_BYTES_MAX, sealPassword } from '../../services/credential-broker/vault.ts';

const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
const passwords = fc.uint8Array({ minLength: 1, maxLength: PASSWORD_BYTES_MAX });
const userIds = fc.string({ minLength: 1, maxLength: 64 });
const secret = (bytes: Uint8Array) => new Secret(Uint8Array.from(bytes));
const opened = (key: Uint8Array, userId: string, box: Uint8Array) => {
  const password = openPassword(secret(key), userId, box);
  return password === 'unreadable' ? password : password.reveal((bytes) => Buffer.from(bytes));
};

test('what was sealed for a user opens again for that user', (t) => {
  fc.assert(fc.property(keys, userIds, passwords, (key, userId, password) => {
    const box = sealPassword(secret(key), userId, secret(password));
    t.deepEqual(opened(key, userId, box), Buffer.from(password));
  }));
});

test('a box with any one bit flipped does not open', (t) => {
  fc.assert(fc.property(keys, userIds, passwords, fc.nat(), (key, userId, password, at) => {
    const box = sealPassword(secret(key), userId, secret(password));
    const bit = at % (box.byteLength * 8);
    box[bit >> 3]! ^= 1 << (bit & 7);
    t.is(opened(key, userId, box), 'unreadable');
  }));
});

test('every single bit of one box counts', (t) => {
  const key = new Uint8Array(16).fill(7);
  const box = sealPassword(secret(key), '101', secret(Buffer.from('päss')));
  for (let bit = 0; bit < box.byteLength * 8; bit += 1) {
    const altered = Uint8Array.from(box);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    t.is(opened(key, '101', altered), 'unreadable', `bit ${bit}`);
  }
});

test('a box put under another user does not open', (t) => {
  fc.assert(fc.property(keys, userIds, userIds, passwords, (key, mine, theirs, password) => {
    fc.pre(mine !== theirs);
    t.is(opened(key, theirs, sealPassword(secret(key), mine, secret(password))), 'unreadable');
  }));
});

test('another key does not open a box', (t) => {
  fc.assert(fc.property(keys, keys, userIds, passwords, (mine, theirs, userId, password) => {
    fc.pre(Buffer.compare(mine, theirs) !== 0);
    t.is(opened(theirs, userId, sealPassword(secret(mine), userId, secret(password))), 'unreadable');
  }));
});

test('arbitrary bytes, cut and prolonged boxes do not open and do not throw', (t) => {
  fc.assert(fc.property(keys, fc.uint8Array({ maxLength: 4096 }), (key, garbage) => {
    t.is(opened(key, '101', garbage), 'unreadable');
    t.is(opened(key, '101', Uint8Array.of(1, ...garbage)), 'unreadable');
  }));
  const key = new Uint8Array(16);
  const box = sealPassword(secret(key), '101', secret(Uint8Array.of(65)));
  for (let cut = 0; cut < box.byteLength; cut += 1) t.is(opened(key, '101', box.subarray(0, cut)), 'unreadable');
  t.is(opened(key, '101', Uint8Array.of(...box, 0)), 'unreadable');
});

test('the size of a box tells nothing about an ordinary password', (t) => {
  const key = new Secret(new Uint8Array(16));
  const sizes = [1, 8, 40, PAD_BYTES - 2].map((bytes) => sealPassword(key, '101', new Secret(new Uint8Array(bytes))).byteLength);
  t.is(new Set(sizes).size, 1);
  t.true(sealPassword(key, '101', new Secret(new Uint8Array(PAD_BYTES - 1))).byteLength > sizes[0]!);
});

test('the same password sealed twice gives two different boxes', (t) => {
  const seal = () => sealPassword(new Secret(new Uint8Array(16)), '101', secret(Buffer.from('same')));
  t.notDeepEqual(seal(), seal());
});

test('sealing and opening leave key and password to their owner', (t) => {
  const key = new Secret(new Uint8Array(16));
  const password = secret(Buffer.from('mine'));
  openPassword(key, '101', sealPassword(key, '101', password));
  t.false(key.wiped || password.wiped);
});

test('a password that is empty or too long, or a key of another size, is a bug of the caller', (t) => {
  const key = () => new Secret(new Uint8Array(16));
  t.throws(() => sealPassword(key(), '101', new Secret(new Uint8Array(0))), { instanceOf: RangeError });
  t.throws(() => sealPassword(key(), '101', new Secret(new Uint8Array(PASSWORD_BYTES_MAX + 1))), { instanceOf: RangeError });
  t.throws(() => sealPassword(new Secret(new Uint8Array(32)), '101', new Secret(new Uint8Array(8))), { instanceOf: RangeError });
  t.throws(() => openPassword(new Secret(new Uint8Array(15)), '101', new Uint8Array(8)), { instanceOf: RangeError });
});
