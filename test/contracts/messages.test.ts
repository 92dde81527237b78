import test from 'ava';
import fc from 'fast-check';
import { CATALOGUE, type Kind } from '../../contracts/catalogue.ts';
import { describe, type Field } from '../../contracts/describe.ts';
import type { Contract } from '../../contracts/schema.ts';
import { Secret } from '../../contracts/secret.ts';
import { decode, decodeReply, encode, encodeBody, isRefusal, pack, RefusalCode, unpack, type Refusal } from '../../runtime/codec.ts';
import { bodies, CONTRACTS, envelopeOf, envelopes, replies, wholeBody, type Body } from './arbitrary.ts';

/** Stands in every wrong value: no refusal may repeat it. */
const CANARY = 'canary-7f3a';
const RUNS = 30;

for (const contract of CONTRACTS) {
  test(`${contract.kind} arrives as it was sent`, (t) => {
    fc.assert(fc.property(envelopes(contract), bodies(contract), (envelope, body) => {
      const message = decode([...encode(envelope, contract, body)]);
      if (isRefusal(message)) return void t.fail(`${message.refused} ${message.path}`);
      t.deepEqual(plain(message.body), plain(body));
      t.deepEqual(message.envelope, envelope);
      t.is<string, string>(message.kind, contract.kind);
    }), { numRuns: RUNS });
  });

  test(`${contract.kind} with a field that nobody declared is refused`, (t) => {
    const refused = refusalOf(contract, { ...wholeBody(contract), undeclared: CANARY });
    t.is(refused.refused, RefusalCode.badBody);
    t.false(refused.path.includes(CANARY));
  });

  for (const { path, field, holder, name } of fieldsOf(contract)) {
    const at = `${contract.kind}.body.${path}`;

    if (field.optional !== true) {
      test(`${at}: a message without it is refused by its name`, (t) => {
        const body = wholeBody(contract);
        delete holder(body)[name];
        t.deepEqual(refusalOf(contract, body), { refused: RefusalCode.badBody, path: at, id: envelopeOf(contract).id });
      });
    }

    test(`${at}: anything else in its place is refused by its name and never by its value`, (t) => {
      for (const wrong of wrongFor(field)) {
        const body = wholeBody(contract);
        holder(body)[name] = wrong;
        const refused = refusalOf(contract, body);
        t.is(refused.refused, RefusalCode.badBody);
        t.true(refused.path === at || refused.path.startsWith(`${at}.`), refused.path);
        t.false(JSON.stringify(refused).includes(CANARY));
      }
    });
  }
}

for (const contract of CONTRACTS.filter(({ reply }) => reply !== null)) {
  test(`the reply to ${contract.kind} arrives as it was sent, and nothing else counts as one`, (t) => {
    fc.assert(fc.property(replies(contract), (reply) => {
      const raw = unpack(encodeBody(true, reply));
      t.deepEqual(plain(decodeReply(contract.kind as Kind, raw)), plain(reply));
    }), { numRuns: RUNS });
    t.is(decodeReply(contract.kind as Kind, { undeclared: CANARY }), undefined);
    t.is(decodeReply(contract.kind as Kind, undefined), undefined);
  });
}

test('a message that promises no reply takes none', (t) => {
  const silent = CONTRACTS.find(({ reply }) => reply === null)!;
  t.is(decodeReply(silent.kind as Kind, {}), undefined);
});

test('a kind has one declaration, and its name starts with a word of its owner or its matter', (t) => {
  t.is(CATALOGUE.size, CONTRACTS.length);
  for (const { kind } of CONTRACTS) t.regex(kind, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
});

interface Place {
  readonly path: string;
  readonly field: Field;
  /** The object in a body that holds the field. */
  readonly holder: (body: Body) => Body;
  readonly name: string;
}

function fieldsOf(contract: Contract): Place[] {
  return placesIn(describe(contract.body), '', (body) => body);
}

function placesIn(record: Field, prefix: string, holder: (body: Body) => Body): Place[] {
  return Object.entries(record.fields ?? {}).flatMap(([name, field]): Place[] => {
    const path = `${prefix}${name}`;
    const inner = field.type === 'record'
      ? placesIn(field, `${path}.`, (body) => holder(body)[name] as Body)
      : field.type === 'list' ? placesIn(field.of!, `${path}.0.`, (body) => (holder(body)[name] as Body[])[0]!) : [];
    return [{ path, field, holder, name }, ...inner];
  });
}

/** Values that a field must not take: of other types, and just past its bounds. */
function wrongFor(field: Field): unknown[] {
  const others: unknown[] = field.type === 'text' ? [{ [CANARY]: CANARY }, 7, true] : [CANARY, { [CANARY]: CANARY }, [[CANARY]]];
  return [...others, ...(field.nullable === true ? [] : [null]), ...pastBounds(field)];
}

function pastBounds({ type, max = 0 }: Field): unknown[] {
  switch (type) {
    case 'text': return ['x'.repeat(max + 1)];
    case 'integer': return [max + 1, -1, 0.5];
    case 'number': return [max + 1, -1];
    case 'bytes': case 'secret': return [new Uint8Array(max + 1)];
    case 'list': return [Array.from({ length: max + 1 }, () => ({}))];
    default: return [];
  }
}

/** As the wire would bring it, whatever the declaration says of it. */
function refusalOf(contract: Contract, body: Body): Refusal {
  const decoded = decode([pack(envelopeOf(contract)), pack(body)]);
  if (!isRefusal(decoded)) throw new Error('taken for good');
  return decoded;
}

/** Secrets and buffers as plain arrays, so that values can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal((bytes) => [...bytes]) };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
