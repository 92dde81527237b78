// The shape of a schema as plain data: documentation, compatibility lock and generated test inputs fold over it.
import { z } from 'zod';
import { ACTOR_NAMES } from './actors.ts';
import { REASON_CODES } from './reasons.ts';
import { BYTES, SECRET } from './schema.ts';

/** `reason` and `actor` are closed sets of their own: they may grow, so that a field holds their name and not their values. */
export type FieldType = 'text' | 'integer' | 'number' | 'flag' | 'one-of' | 'reason' | 'actor' | 'bytes' | 'secret' | 'list' | 'record' | 'map' | 'either' | 'anything';

/** One field. Bounds are characters of a text, bytes, items of a list, or values of a number. */
export interface Field {
  readonly type: FieldType;
  readonly doc?: string;
  readonly optional?: true;
  readonly nullable?: true;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly values?: readonly string[];
  /** Items of a list, values of a map. */
  readonly of?: Field;
  readonly fields?: Readonly<Record<string, Field>>;
  readonly either?: readonly Field[];
}

type Json = Readonly<Record<string, unknown>>;

/** The shape of what a schema takes, as it stands on the wire. Throws `TypeError` on a kind of schema that no message uses. */
export function describe(schema: z.ZodType): Field {
  return field(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Json);
}

/** The same shape without texts and order: what two sides must agree on. */
export function bare({ doc: _, values, of, fields, either, ...rest }: Field): Field {
  return {
    ...rest,
    ...(values === undefined ? {} : { values: [...values].sort() }),
    ...(of === undefined ? {} : { of: bare(of) }),
    ...(fields === undefined ? {} : { fields: Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, bare(inner)])) }),
    ...(either === undefined ? {} : { either: either.map(bare) }),
  };
}

function field(json: Json): Field {
  const doc = typeof json['description'] === 'string' ? { doc: json['description'] } : {};
  const alternatives = json['anyOf'] as Json[] | undefined;
  if (alternatives !== undefined) return { ...oneOfSeveral(alternatives), ...doc };
  return { ...shape(json), ...doc };
}

function oneOfSeveral(alternatives: readonly Json[]): Field {
  const real = alternatives.filter(({ type }) => type !== 'null');
  const inner: Field = real.length === 1 ? field(real[0]!) : { type: 'either', either: real.map(field) };
  return real.length === alternatives.length ? inner : { ...inner, nullable: true };
}

function shape(json: Json): Field {
  if (json['contentType'] === BYTES || json['contentType'] === SECRET) return { type: json['contentType'], max: json['maxBytes'] as number };
  const values = json['enum'] ?? (json['const'] === undefined ? undefined : [json['const']]);
  if (values !== undefined) return closedSet((values as unknown[]).map(String));
  switch (json['type']) {
    case 'string': return { type: 'text', ...bounds(json['minLength'], json['maxLength']), ...(typeof json['pattern'] === 'string' ? { pattern: json['pattern'] } : {}) };
    case 'integer': return { type: 'integer', ...bounds(json['minimum'], json['maximum']) };
    case 'number': return { type: 'number', ...bounds(json['minimum'], json['maximum']) };
    case 'boolean': return { type: 'flag' };
    case 'array': return { type: 'list', ...bounds(json['minItems'], json['maxItems']), of: field(json['items'] as Json) };
    case 'object': return json['properties'] === undefined ? { type: 'map', of: field((json['additionalProperties'] ?? {}) as Json) } : recordShape(json);
    case undefined: return { type: 'anything' };
    default: throw new TypeError(`no message uses a field of the kind ${String(json['type'])}`);
  }
}

function closedSet(values: readonly string[]): Field {
  if (values.join() === REASON_CODES.join()) return { type: 'reason' };
  if (values.join() === ACTOR_NAMES.join()) return { type: 'actor' };
  return { type: 'one-of', values };
}

function recordShape(json: Json): Field {
  const required = new Set((json['required'] ?? []) as string[]);
  const named = Object.entries(json['properties'] as Record<string, Json>).map(([name, inner]): [string, Field] => {
    return [name, required.has(name) ? field(inner) : { ...field(inner), optional: true }];
  });
  return { type: 'record', fields: Object.fromEntries(named) };
}

function bounds(min: unknown, max: unknown): { min?: number; max?: number } {
  return { ...(typeof min === 'number' ? { min } : {}), ...(typeof max === 'number' ? { max } : {}) };
}
