import { inspect } from 'node:util';
import test from 'ava';
import { Packr } from 'msgpackr';
import pino from 'pino';
import { z } from 'zod';
import { CATALOGUE, contractOf } from '../../contracts/catalogue.ts';
import { Delivery, list, message, nullable, optional, record, secret } from '../../contracts/schema.ts';
import { Secret, SecretWipedError } from '../../contracts/secret.ts';
import { encodeBody, pack, unpack } from '../../runtime/codec.ts';

const PASSWORD = 'canary-7f3a';
const fresh = (): Secret => new Secret(Buffer.from(PASSWORD));
const SPELLINGS = (['utf8', 'utf16le'] as const).flatMap((code) => {
  const bytes = Buffer.from(PASSWORD, code);
  return [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('base64')), Buffer.from([...bytes].join(','))];
});

const WAYS: Record<string, (value: Secret) => string | Uint8Array> = {
  'JSON.stringify': (value) => JSON.stringify({ value }),
  'String()': (value) => String(value),
  'a template': (value) => `${value as unknown as string}`,
  'a sum of strings': (value) => '' + (value as unknown as string),
  'inspect': (value) => inspect({ value }, { depth: 9, showHidden: true }),
  'the text of an error': (value) => new Error(value as unknown as string).message,
  'pino': logged,
  'msgpackr': (value) => new Packr({ useRecords: false }).pack({ value }),
  'msgpackr with records': (value) => new Packr().pack({ value }),
  'the codec without the contract': (value) => pack({ value }),
};

for (const [way, print] of Object.entries(WAYS)) {
  test(`${way} shows a secret as [secret]`, (t) => {
    const shown = Buffer.from(print(fresh()));
    t.true(shown.includes('[secret]'));
    for (const spelling of SPELLINGS) t.false(shown.includes(spelling));
  });
}

test('a secret has no property that shows it', (t) => {
  const value = fresh();
  t.deepEqual(Object.getOwnPropertyNames(value), []);
  t.deepEqual(Object.entries(value), []);
  t.is(structuredCloneOf(value), '{}');
});

test('a wiped secret is zeros, and cannot be read', (t) => {
  const bytes = Buffer.from(PASSWORD);
  const value = new Secret(bytes);
  t.is(value.byteLength, PASSWORD.length);
  value.wipe();
  value.wipe();
  t.true(value.wiped);
  t.true(bytes.every((byte) => byte === 0));
  t.throws(() => value.reveal((lent) => lent), { instanceOf: SecretWipedError, code: 'SECRET_WIPED' });
  t.throws(() => value.byteLength, { instanceOf: SecretWipedError });
});

const declared = { v: 1, doc: 'Test.', from: ['audit'], to: [], recorded: false } as const;

test('a fact cannot be declared with a secret', (t) => {
  const error = { instanceOf: TypeError, message: /direct/ };
  t.throws(() => message('a.fact', { ...declared, delivery: Delivery.fact, body: { key: secret('A key.') } }), error);
  t.throws(() => message('a.fact', { ...declared, delivery: Delivery.fact, body: { key: optional(secret('A key.')) } }), error);
});

test('a secret lies at the top of a body, where the codec opens it', (t) => {
  const direct = { ...declared, delivery: Delivery.direct, to: ['tray'] } as const;
  const buried = [record('Inner.', { key: secret('A key.') }), list('Some.', secret('A key.'), 2), nullable(secret('A key.')), optional(list('Some.', record('Inner.', { key: secret('A key.') }), 2))];
  for (const inner of buried) t.throws(() => message('a.direct', { ...direct, body: { inner } }), { instanceOf: TypeError, message: /top/ });
  t.true(message('a.direct', { ...direct, body: { key: secret('A key.') } }).hasSecret);
});

test('a field without a text, a direct message to nobody and a fact to somebody cannot be declared', (t) => {
  t.throws(() => message('a.fact', { ...declared, delivery: Delivery.fact, body: { bare: z.string() } }), { instanceOf: TypeError, message: 'a.fact.bare: a field needs a doc string' });
  t.throws(() => message('a.direct', { ...declared, delivery: Delivery.direct, body: {} }), { instanceOf: TypeError });
  t.throws(() => message('a.fact', { ...declared, to: ['tray'], delivery: Delivery.fact, body: {} }), { instanceOf: TypeError });
});

test('a secret crosses the wire as bytes and arrives as a secret', (t) => {
  const { reply } = contractOf('nes.issue-token');
  const wire = encodeBody(true, { refused: null, token: fresh() });
  t.true(Buffer.from(wire).includes(PASSWORD));
  const arrived = reply!.parse(unpack(wire)) as { token: Secret };
  t.true(arrived.token instanceof Secret);
  t.is(arrived.token.reveal((bytes) => Buffer.from(bytes).toString()), PASSWORD);
});

test('no fact holds a secret, and no secret crosses into a session', (t) => {
  for (const { kind, hasSecret, delivery, to } of CATALOGUE.values()) {
    if (!hasSecret) continue;
    t.is(delivery, Delivery.direct, kind);
    t.deepEqual(to, ['nes-gateway'], kind);
  }
});

function logged(value: Secret): string {
  let lines = '';
  const log = pino({}, { write: (line: string) => void (lines += line) });
  log.info({ value, deep: { value } }, 'event');
  return lines;
}

const structuredCloneOf = (value: Secret): string => JSON.stringify(structuredClone(value));
