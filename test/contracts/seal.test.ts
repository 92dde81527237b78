import test from 'ava';
import fc from 'fast-check';
import { Secret } from '../../contracts/secret.ts';
import { targetHash, type Target } from '../../contracts/target.ts';
import { packCredential, unpackCredential } from '../../runtime/credential.ts';
import { newSealKeys, open, openerFor, privateBytes, privateKeyOf, publicBytes, publicKeyOf, seal, SEALED_BYTES_MAX, sealerFor, type Box } from '../../runtime/seal.ts';

const target: Target = {
  window: { id: '0x40', pid: 7 }, url: 'https://mes.example/login',
  user: { ref: 'u', role: 'text' }, password: { ref: 'p' },
};
const BINDING = ['session-1', 'tap-1', targetHash(target), 'prekey-1'];
const parties = { purpose: 'credential', binding: BINDING };
const [broker, stranger, injector, other] = await Promise.all([newSealKeys(), newSealKeys(), newSealKeys(), newSealKeys()]);
const secret = (content: string | Uint8Array): Secret => new Secret(Uint8Array.from(Buffer.from(content)));
const sealed = (content: string | Uint8Array = 'correct horse'): Promise<Box> => seal(secret(content), broker, injector.publicKey, parties);
const opened = async (box: Box, changed: { purpose?: string; binding?: readonly string[] } = {}): Promise<string | null> => {
  const content = await open(box, injector, broker.publicKey, { ...parties, ...changed });
  return content === null ? null : content.reveal((bytes) => Buffer.from(bytes).toString());
};

test('a box opens for its recipient, from its sender, for what it is bound to', async (t) => {
  t.is(await opened(await sealed()), 'correct horse');
});

test('any content up to the bound comes back byte for byte', async (t) => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: SEALED_BYTES_MAX }), async (content) => {
    const back = await open(await sealed(content), injector, broker.publicKey, parties);
    t.deepEqual(back?.reveal((bytes) => [...bytes]), [...content]);
  }), { numRuns: 30 });
});

const ELSEWHERE: Record<string, readonly string[]> = {
  'another session': ['session-2', ...BINDING.slice(1)],
  'another tap': ['session-1', 'tap-2', ...BINDING.slice(2)],
  'another one-use key': [...BINDING.slice(0, 3), 'prekey-2'],
  'a binding cut short': BINDING.slice(0, 3),
  'a binding joined otherwise': ['session-1tap-1', ...BINDING.slice(2)],
  'nothing': [],
};
for (const [what, binding] of Object.entries(ELSEWHERE)) {
  test(`a box does not open for ${what}`, async (t) => {
    t.is(await opened(await sealed(), { binding }), null);
  });
}

const OTHER_TARGETS: Record<string, Target> = {
  window: { ...target, window: { id: '0x41', pid: 7 } },
  process: { ...target, window: { id: '0x40', pid: 8 } },
  document: { ...target, url: 'https://mes.example/other' },
  'user field': { ...target, user: { ref: 'x', role: 'text' } },
  'kind of user field': { ...target, user: { ref: 'u', role: 'select' } },
  'password field': { ...target, password: { ref: 'x' } },
  'document that is none': { ...target, url: null },
};
for (const [what, swapped] of Object.entries(OTHER_TARGETS)) {
  test(`a box does not open for another ${what}`, async (t) => {
    t.is(await opened(await sealed(), { binding: BINDING.with(2, targetHash(swapped)) }), null);
  });
}

test('a box of one purpose does not open as one of another', async (t) => {
  t.is(await opened(await sealed(), { purpose: 'password-form' }), null);
});

test('a box by anyone else is no box of the broker', async (t) => {
  t.is(await opened(await seal(secret('forged'), stranger, injector.publicKey, parties)), null);
});

test('a box for one key does not open with another, as after a new boot', async (t) => {
  t.is(await open(await sealed(), other, broker.publicKey, parties), null);
});

test('halves of two boxes make no third', async (t) => {
  const [one, two] = [await sealed('one'), await sealed('two')];
  t.is(await opened({ enc: one.enc, box: two.box }), null);
});

test('a box with any byte altered, cut or added does not open', async (t) => {
  const box = await sealed();
  await fc.assert(fc.asyncProperty(fc.constantFrom('enc' as const, 'box' as const), fc.nat(), fc.integer({ min: 1, max: 255 }), async (part, at, bits) => {
    const altered = { enc: Uint8Array.from(box.enc), box: Uint8Array.from(box.box) };
    altered[part][at % altered[part].length]! ^= bits;
    // The top bit of an X25519 key counts for nothing (RFC 7748), but its bytes are part of what the key schedule hashes.
    t.is(await opened(altered), null);
  }), { numRuns: 60 });
  for (const cut of [box.box.slice(1), box.box.slice(0, -1), Uint8Array.of(...box.box, 0), new Uint8Array()]) t.is(await opened({ ...box, box: cut }), null);
  for (const cut of [box.enc.slice(1), new Uint8Array(32), new Uint8Array()]) t.is(await opened({ ...box, enc: cut }), null);
});

test('a box does not show the length of what is in it, and no two are alike', async (t) => {
  const boxes = await Promise.all(['', 'a', 'a', 'x'.repeat(SEALED_BYTES_MAX)].map((content) => sealed(content)));
  t.is(new Set(boxes.map(({ box }) => box.byteLength)).size, 1);
  t.is(new Set(boxes.map(({ box }) => Buffer.from(box).toString('hex'))).size, boxes.length);
});

test('content over the bound is not sealed', async (t) => {
  await t.throwsAsync(() => sealed('x'.repeat(SEALED_BYTES_MAX + 1)), { instanceOf: RangeError });
});

test('a forged box spoils nothing for the right one that follows, and the right one opens once', async (t) => {
  const { enc, box } = await sealed();
  const forged = Uint8Array.from(box).map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  const opener = await openerFor(enc, injector, broker.publicKey, 'credential');
  t.is(await opener(forged, BINDING), null);
  t.is(await opener(box, ['session-2', ...BINDING.slice(1)]), null);
  t.is((await opener(box, BINDING))?.byteLength, 'correct horse'.length);
  t.is(await opener(box, BINDING), null);
});

test('what was prepared for one key seals for that key alone', async (t) => {
  const sealer = await sealerFor(broker, injector.publicKey, 'credential');
  const box = await sealer.seal(secret('correct horse'), BINDING);
  t.is(await opened(box), 'correct horse');
  t.is(await open(box, other, broker.publicKey, parties), null);
});

test('an encapsulated key that is none opens nothing, and throws nothing', async (t) => {
  for (const enc of [new Uint8Array(), new Uint8Array(32), new Uint8Array(31).fill(7)]) {
    const opener = await openerFor(enc, injector, broker.publicKey, 'credential');
    t.is(await opener((await sealed()).box, BINDING), null);
  }
});

test('keys travel as bytes', async (t) => {
  const back = { publicKey: await publicKeyOf(await publicBytes(injector.publicKey)), privateKey: await privateKeyOf(await privateBytes(injector.privateKey)) };
  const content = await open(await sealed(), back, await publicKeyOf(await publicBytes(broker.publicKey)), parties);
  t.is(content?.reveal((bytes) => Buffer.from(bytes).toString()), 'correct horse');
});

test('a credential comes apart as it was put together, and the package is wiped', (t) => {
  const text = fc.string({ unit: 'grapheme', maxLength: 64 }).filter((value) => value.isWellFormed());
  fc.assert(fc.property(text, text, fc.uint8Array({ maxLength: 256 }), (user, domain, password) => {
    const packed = packCredential({ user, domain, password: new Secret(Uint8Array.from(password)) });
    const bytes = packed.reveal((lent) => lent);
    const back = unpackCredential(packed);
    t.is(back?.user, user);
    t.is(back?.domain, domain);
    t.deepEqual(back?.password.reveal((lent) => [...lent]), [...password]);
    t.true(packed.wiped && bytes.every((byte) => byte === 0));
  }));
});

test('a credential cut short within its names is none, and is wiped as well', (t) => {
  const [user, domain] = ['jdoe', 'PLANT'];
  for (let end = 0; end < 2 + user.length + 2 + domain.length; end += 1) {
    const whole = packCredential({ user, domain, password: secret('horse') });
    const cut = new Secret(whole.reveal((bytes) => bytes.slice(0, end)));
    t.is(unpackCredential(cut), null, `${end} bytes`);
    t.true(cut.wiped);
  }
});

test('a credential that was wiped before is none', (t) => {
  const packed = packCredential({ user: 'jdoe', domain: 'PLANT', password: secret('horse') });
  packed.wipe();
  t.is(unpackCredential(packed), null);
});
