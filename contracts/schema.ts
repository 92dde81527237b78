// A message is declared once; type, check, docs, permissions, lock and secrecy are folds over the declaration.
import { z } from 'zod';
import type { ActorName } from './actors.ts';
import { Secret } from './secret.ts';

/** `direct`: to one mailbox, acknowledged, may be repeated. `fact`: published to whoever listens, may be lost. */
export const Delivery = { direct: 'direct', fact: 'fact' } as const;
export type Delivery = (typeof Delivery)[keyof typeof Delivery];

type Shape = z.ZodRawShape;

export interface Contract<K extends string = string, B extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: K;
  readonly v: number;
  readonly doc: string;
  readonly delivery: Delivery;
  /** Who may send it, and to whose mailbox: the permission matrix. Facts have no receiver. */
  readonly from: readonly ActorName[];
  readonly to: readonly ActorName[];
  /** Whether a recording keeps it. */
  readonly recorded: boolean;
  readonly body: B;
  /** Body of the answer that the acknowledgement carries, where the message asks for one. */
  readonly reply: R | null;
  readonly hasSecret: boolean;
}

interface Declaration<S extends Shape, R extends Shape> {
  readonly v: number;
  readonly doc: string;
  readonly delivery: Delivery;
  readonly from: readonly ActorName[];
  readonly to: readonly ActorName[];
  readonly recorded: boolean;
  readonly body: S;
  readonly reply?: R;
}

/** Declares a message. Throws `TypeError` on a declaration that breaks the rules: it is then a bug in contracts/. */
export function message<const K extends string, S extends Shape, R extends Shape = never>(kind: K, declared: Declaration<S, R>) {
  const body = z.strictObject(declared.body);
  const reply = (declared.reply === undefined ? null : z.strictObject(declared.reply)) as [R] extends [never] ? null : z.ZodObject<R, z.core.$strict>;
  const fields = [...Object.values(declared.body), ...Object.values(declared.reply ?? {})] as z.ZodType[];
  const hasSecret = fields.some(isSecretField);
  if (fields.some(buriesSecret)) throw new TypeError(`${kind}: a secret stands at the top of a body, nowhere deeper`);
  if (hasSecret && declared.delivery !== Delivery.direct) throw new TypeError(`${kind}: a secret goes over direct channels only`);
  if ((declared.to.length === 0) === (declared.delivery === Delivery.direct)) {
    throw new TypeError(`${kind}: a direct message has receivers, a fact has none`);
  }
  for (const [name, field] of Object.entries(declared.body)) {
    if (docOf(field as z.ZodType) === '') throw new TypeError(`${kind}.${name}: a field needs a doc string`);
  }
  const { v, doc, delivery, from, to, recorded } = declared;
  return { kind, v, doc, delivery, from, to, recorded, body, reply, hasSecret } as const satisfies Contract;
}

/** Text of at most `max` characters. */
export const text = (doc: string, max = 256) => z.string().max(max).describe(doc);
/** Whole number from 0. The doc string names the unit. */
export const count = (doc: string, max = Number.MAX_SAFE_INTEGER) => z.int().min(0).max(max).describe(doc);
/** Milliseconds, fractions allowed. */
export const millis = (doc: string) => z.number().min(0).max(86_400_000).describe(doc);
/** Microseconds of the monotonic clock. */
export const stampUs = (doc: string) => z.int().min(0).describe(doc);
export const flag = (doc: string) => z.boolean().describe(doc);
export const oneOf = <const T extends readonly [string, ...string[]]>(doc: string, values: T) => z.enum(values).describe(doc);
/** What JSON Schema cannot say of a field: `contentType` in its metadata, with `maxBytes` beside it. */
export const BYTES = 'bytes';
export const SECRET = 'secret';
/** Bytes that are not secret: public keys, sealed boxes. */
export const bytes = (doc: string, max: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.byteLength <= max, 'no bytes, or too many')
    .meta({ description: doc, contentType: BYTES, maxBytes: max });
export const list = <T extends z.ZodType>(doc: string, item: T, max: number) => z.array(item).max(max).describe(doc);
export const record = <S extends Shape>(doc: string, shape: S) => z.strictObject(shape).describe(doc);
export const optional = <T extends z.ZodType>(field: T) => field.optional().describe(docOf(field));
export const nullable = <T extends z.ZodType>(field: T) => field.nullable().describe(docOf(field));

const secretFields = new WeakSet<z.ZodType>();
/** Bytes that nobody may print. On the wire they are bytes; on both sides they are a `Secret`. */
export function secret(doc: string, max = 4096) {
  const field = z
    .preprocess((value) => (value instanceof Uint8Array ? new Secret(value) : value), z.instanceof(Secret))
    .refine((value) => value.byteLength <= max, 'too long')
    .meta({ description: doc, contentType: SECRET, maxBytes: max });
  secretFields.add(field);
  return field;
}
const isSecretField = (field: z.ZodType): boolean =>
  secretFields.has(field) || (field instanceof z.ZodOptional && secretFields.has(field.unwrap() as z.ZodType));

// The codec opens the secrets at the top of a body; one that lies deeper would travel as its mask.
function buriesSecret(field: z.ZodType): boolean {
  if (field instanceof z.ZodOptional) return buriesSecret(field.unwrap() as z.ZodType);
  return partsOf(field).some((part) => secretFields.has(part) || buriesSecret(part));
}

function partsOf(field: z.ZodType): z.ZodType[] {
  if (field instanceof z.ZodObject) return Object.values(field.shape) as z.ZodType[];
  if (field instanceof z.ZodArray) return [field.element as z.ZodType];
  return field instanceof z.ZodNullable ? [field.unwrap() as z.ZodType] : [];
}

export const docOf = (field: z.ZodType): string => field.description ?? '';
