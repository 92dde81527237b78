import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { CATALOGUE } from '../../contracts/catalogue.ts';
import { canonical, follow, versionOf, type Lock } from '../../contracts/lock.ts';
import { count, Delivery, flag, list, message, oneOf, optional, record, text, type Contract } from '../../contracts/schema.ts';
import { LOCKED_SETS, readLock } from '../../ops/docs/generated.ts';

const DECLARED = { v: 1, doc: 'Test.', delivery: Delivery.direct, from: ['audit'], to: ['tray'], recorded: false } as const;
const BODY = { name: text('A name.', 64), times: count('How often.'), note: optional(text('A note.')), inner: list('Some.', record('One.', { way: oneOf('Which.', ['a', 'b']) }), 4) };
const BEFORE: Contract = message('test.said', { ...DECLARED, body: BODY, reply: { ok: flag('Good?') } });
const { times, ...WITHOUT_TIMES } = BODY;

const SETS = { reason: ['one', 'two'] };
const catalogueOf = (contracts: readonly Contract[]) => new Map(contracts.map((contract) => [contract.kind, contract]));
const after = (lock: Lock, ...contracts: Contract[]) => follow(lock, { catalogue: catalogueOf(contracts), sets: SETS });
const FIRST = follow(null, { catalogue: catalogueOf([BEFORE]), sets: SETS }).lock;

/** Body or more of the next declaration, and what is said against it. */
const FORBIDDEN: Record<string, readonly [Contract, string]> = {
  'a removed field': [message('test.said', { ...DECLARED, body: WITHOUT_TIMES, reply: { ok: flag('Good?') } }), 'test.said.body.times: the field is gone'],
  'a renamed field': [message('test.said', { ...DECLARED, body: { ...WITHOUT_TIMES, often: times }, reply: { ok: flag('Good?') } }), 'test.said.body.times: the field is gone'],
  'another type': [next({ times: text('How often.') }), 'test.said.body.times: its type or bounds changed'],
  'another bound': [next({ name: text('A name.', 65) }), 'test.said.body.name: its type or bounds changed'],
  'a field made required': [next({ note: text('A note.') }), 'test.said.body.note: its type or bounds changed'],
  'a field made optional': [next({ times: optional(times) }), 'test.said.body.times: its type or bounds changed'],
  'a field that may be null now': [next({ times: times.nullable().describe('How often.') }), 'test.said.body.times: its type or bounds changed'],
  'a new required field': [next({ more: flag('More.') }), 'test.said.body.more: a new field must be optional'],
  'a new required field deep inside': [next({ inner: list('Some.', record('One.', { way: oneOf('Which.', ['a', 'b']), more: flag('More.') }), 4) }), 'test.said.body.inner[].more: a new field must be optional'],
  'another member of a closed set': [next({ inner: list('Some.', record('One.', { way: oneOf('Which.', ['a', 'b', 'c']) }), 4) }), 'test.said.body.inner[].way: its type or bounds changed'],
  'another reply': [message('test.said', { ...DECLARED, body: BODY, reply: { ok: text('Good?') } }), 'test.said.reply.ok: its type or bounds changed'],
  'a reply that is gone': [message('test.said', { ...DECLARED, body: BODY }), 'test.said: a reply came or went'],
  'another delivery': [message('test.said', { ...DECLARED, delivery: Delivery.fact, to: [], body: BODY, reply: { ok: flag('Good?') } }), 'test.said: the delivery changed'],
  'a version left out': [message('test.said', { ...DECLARED, v: 3, body: BODY }), 'test.said: version 3 does not follow 1'],
};

for (const [what, [contract, objection]] of Object.entries(FORBIDDEN)) {
  test(`${what} needs a new version`, (t) => {
    t.true(after(FIRST, contract).objections.includes(objection), after(FIRST, contract).objections.join('\n'));
  });
}

test('a version may gain an optional field, at the top and inside', (t) => {
  const grown = next({ more: optional(flag('More.')), inner: list('Some.', record('One.', { way: oneOf('Which.', ['b', 'a']), how: optional(text('How.')) }), 4) });
  const { lock, objections } = after(FIRST, grown);
  t.deepEqual(objections, []);
  t.deepEqual(after(lock, BEFORE).objections, ['test.said.body.inner[].how: the field is gone', 'test.said.body.more: the field is gone']);
});

test('other texts, another order and other permissions are no change of shape', (t) => {
  const { inner, note, name } = BODY;
  const same = message('test.said', { ...DECLARED, doc: 'Otherwise.', from: ['injector'], body: { inner, note, times: count('Anew.'), name }, reply: { ok: flag('?') } });
  t.deepEqual(after(FIRST, same).objections, []);
  t.is(versionOf(same).fingerprint, versionOf(BEFORE).fingerprint);
});

test('the next version may be anything, and the one before stays locked', (t) => {
  const second = message('test.said', { ...DECLARED, v: 2, body: { other: flag('Other.') } });
  const { lock, objections } = after(FIRST, second);
  t.deepEqual(objections, []);
  t.deepEqual(Object.keys(lock.messages['test.said']!.versions), ['1', '2']);
  t.deepEqual(after(lock, BEFORE).objections, ['test.said: version 1 does not follow 2']);
});

test('a name that nobody says any more stays listed, and is never used again', (t) => {
  const { lock, objections } = after(FIRST);
  t.deepEqual(objections, []);
  t.true(lock.messages['test.said']!.retired);
  t.deepEqual(after(lock, BEFORE).objections, ['test.said: the name belonged to a retired message']);
  t.true(after(lock).lock.messages['test.said']!.retired);
});

test('a new message begins with version 1', (t) => {
  const late = message('test.late', { ...DECLARED, v: 2, body: {} });
  t.deepEqual(after(FIRST, BEFORE, late).objections, ['test.late: the first version is 1']);
  t.deepEqual(follow(null, { catalogue: new Map([['test.late', late]]), sets: {} }).objections, ['test.late: the first version is 1']);
});

test('a closed set that all messages share may grow and never lose a member', (t) => {
  const sets = (reason: string[]) => follow(FIRST, { catalogue: catalogueOf([BEFORE]), sets: { reason } }).objections;
  t.deepEqual(sets(['two', 'three', 'one']), []);
  t.deepEqual(sets(['one']), ['reason: two is gone']);
});

test('an edit of the lock by hand shows', (t) => {
  const edited = JSON.parse(JSON.stringify(FIRST).replace('"note":{"type":"text","max":256', '"note":{"type":"text","max":257')) as Lock;
  t.true(after(edited, BEFORE).objections.includes('test.said/1: the lock was edited by hand'));
});

test('the messages of today are those of the lock', (t) => {
  const lock = readLock(join(import.meta.dirname, '../..'));
  const followed = follow(lock, { catalogue: CATALOGUE, sets: LOCKED_SETS });
  t.deepEqual(followed.objections, []);
  t.is(canonical(followed.lock), canonical(lock), 'npm run docs');
});

function next(changed: z.ZodRawShape): Contract {
  return message('test.said', { ...DECLARED, body: { ...BODY, ...changed }, reply: { ok: flag('Good?') } });
}
