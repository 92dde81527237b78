// Random bodies and envelopes, drawn from the shape of each declaration: a new message is tested by being declared.
import fc from 'fast-check';
import { ACTOR_NAMES } from '../../contracts/actors.ts';
import { CATALOGUE } from '../../contracts/catalogue.ts';
import { describe, type Field } from '../../contracts/describe.ts';
import type { Envelope } from '../../contracts/envelope.ts';
import { REASON_CODES } from '../../contracts/reasons.ts';
import type { Contract } from '../../contracts/schema.ts';
import { Secret } from '../../contracts/secret.ts';

export const CONTRACTS = [...CATALOGUE.values()];
export type Body = Record<string, unknown>;

/** Bodies that keep every bound. */
export const bodies = (contract: Contract): fc.Arbitrary<Body> => values(describe(contract.body)) as fc.Arbitrary<Body>;
export const replies = (contract: Contract): fc.Arbitrary<Body> => values(describe(contract.reply!)) as fc.Arbitrary<Body>;

/** One body that has every field, optional ones too. */
export const wholeBody = (contract: Contract): Body => whole(describe(contract.body)) as Body;

/** The body that takes the most bytes on the wire. */
export const longestBody = (contract: Contract): Body => longest(describe(contract.body)) as Body;

export const envelopes = (contract: Contract): fc.Arbitrary<Envelope> => {
  const id = fc.uuid({ version: 7 });
  const us = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  return fc.record({
    id, kind: fc.constant(contract.kind), v: fc.constant(contract.v), tap: fc.option(id), cause: fc.option(id),
    from: fc.constantFrom(...contract.from), session: fc.option(fc.string({ maxLength: 64 })), at: us, deadline: us, wall: fc.nat(),
  });
};

export const envelopeOf = (contract: Contract): Envelope => fc.sample(envelopes(contract), { numRuns: 1, seed: 1 })[0]!;

function values(field: Field): fc.Arbitrary<unknown> {
  const drawn = drawnFrom(field);
  return field.nullable === true ? fc.option(drawn, { nil: null }) : drawn;
}

function drawnFrom(field: Field): fc.Arbitrary<unknown> {
  const { type, min = 0, max = Number.MAX_SAFE_INTEGER } = field;
  switch (type) {
    case 'text': return fc.string({ unit: 'binary', maxLength: Math.min(max, 64) }).filter((text) => text.length >= min && text.length <= max && text.isWellFormed());
    case 'integer': return fc.oneof(fc.constantFrom(min, max), fc.maxSafeInteger().filter((value) => value >= min && value <= max));
    case 'number': return fc.double({ min, max, noNaN: true });
    case 'flag': return fc.boolean();
    case 'one-of': return fc.constantFrom(...field.values!);
    case 'reason': return fc.constantFrom(...REASON_CODES);
    case 'actor': return fc.constantFrom(...ACTOR_NAMES);
    case 'bytes': return fc.uint8Array({ maxLength: max });
    case 'secret': return fc.uint8Array({ minLength: 1, maxLength: max }).map((bytes) => new Secret(bytes));
    case 'list': return fc.array(values(field.of!), { maxLength: Math.min(max, 16) });
    case 'record': return recordOf(field);
    default: throw new TypeError(`no message holds a field of type ${type}`);
  }
}

function recordOf({ fields = {} }: Field): fc.Arbitrary<Body> {
  const entries = Object.entries(fields);
  const requiredKeys = entries.filter(([, field]) => field.optional !== true).map(([name]) => name);
  const model: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(entries.map(([name, field]) => [name, values(field)]));
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

function whole(field: Field): unknown {
  if (field.type === 'record') return Object.fromEntries(Object.entries(field.fields ?? {}).map(([name, inner]) => [name, whole(inner)]));
  if (field.type === 'list') return [whole(field.of!)];
  return fc.sample(drawnFrom(field), { numRuns: 1, seed: 1 })[0];
}

/** Three bytes a character is the most that UTF-8 takes for one of JavaScript's. */
const WIDE = '€';

function longest(field: Field): unknown {
  const { type, max = 0, fields = {} } = field;
  switch (type) {
    case 'text': return WIDE.repeat(max);
    case 'integer': case 'number': return Math.PI * 1e9;
    case 'bytes': return new Uint8Array(max);
    case 'secret': return new Secret(new Uint8Array(max));
    case 'list': return Array.from({ length: max }, () => longest(field.of!));
    case 'record': return Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, longest(inner)]));
    case 'one-of': return field.values!.toSorted((a, b) => b.length - a.length)[0];
    default: return REASON_CODES.toSorted((a, b) => b.length - a.length)[0];
  }
}
