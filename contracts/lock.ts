// What may change in a contract that others have: a version may only gain optional fields, a name is never used again.
// `lock.json` holds every version that there ever was; this file says whether the present catalogue may follow it.
import { createHash } from 'node:crypto';
import { bare, describe, type Field } from './describe.ts';
import { Envelope } from './envelope.ts';
import type { Contract, Delivery } from './schema.ts';

export interface LockedVersion {
  readonly delivery: Delivery;
  readonly body: Field;
  readonly reply: Field | null;
  /** Of the three above: an edit by hand shows. */
  readonly fingerprint: string;
}

export interface LockedMessage {
  readonly versions: Readonly<Record<string, LockedVersion>>;
  /** Nobody says it any more; the name stays taken. */
  readonly retired?: true;
}

export interface Lock {
  readonly envelope: Field;
  /** Closed sets that may grow, and never lose or rename a member. */
  readonly sets: Readonly<Record<string, readonly string[]>>;
  readonly messages: Readonly<Record<string, LockedMessage>>;
}

/** What is declared today. */
export interface Declared {
  readonly catalogue: ReadonlyMap<string, Contract>;
  readonly sets: Readonly<Record<string, readonly string[]>>;
}

/** The lock that follows `before` (null: there was none), or the sentences that say why it may not. */
export function follow(before: Lock | null, { catalogue, sets }: Declared): { lock: Lock; objections: readonly string[] } {
  const envelope = bare(describe(Envelope));
  const declared = [...catalogue].map(([kind, contract]) => [kind, { versions: { [contract.v]: versionOf(contract) } }] as const);
  const now: Lock = { envelope, sets, messages: Object.fromEntries(declared) };
  if (before === null) return { lock: now, objections: [...catalogue.values()].filter(({ v }) => v !== 1).map(({ kind }) => `${kind}: the first version is 1`) };
  const objections = [
    ...changes(before.envelope, envelope, 'envelope'),
    ...Object.entries(before.sets).flatMap(([name, members]) => lost(members, sets[name] ?? []).map((member) => `${name}: ${member} is gone`)),
    ...Object.entries(before.messages).flatMap(([kind, locked]) => objectionsTo(kind, locked, catalogue.get(kind))),
    ...[...catalogue.values()].filter(({ kind, v }) => before.messages[kind] === undefined && v !== 1).map(({ kind }) => `${kind}: the first version is 1`),
  ];
  return { lock: { envelope, sets, messages: { ...kept(before, catalogue), ...joined(before, now) } }, objections };
}

export function versionOf(contract: Contract): LockedVersion {
  const shape = { delivery: contract.delivery, body: bare(describe(contract.body)), reply: contract.reply === null ? null : bare(describe(contract.reply)) };
  return { ...shape, fingerprint: fingerprint(shape) };
}

export function fingerprint({ delivery, body, reply }: Omit<LockedVersion, 'fingerprint'>): string {
  return createHash('sha256').update(canonical({ delivery, body, reply })).digest('hex').slice(0, 32);
}

/** JSON with sorted keys, so that the order of declarations does not matter. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function objectionsTo(kind: string, { versions, retired }: LockedMessage, contract: Contract | undefined): string[] {
  const edited = Object.entries(versions).filter(([, version]) => version.fingerprint !== fingerprint(version)).map(([v]) => `${kind}/${v}: the lock was edited by hand`);
  if (contract === undefined) return edited;
  if (retired === true) return [...edited, `${kind}: the name belonged to a retired message`];
  const latest = Math.max(...Object.keys(versions).map(Number));
  if (contract.v === latest + 1) return edited;
  if (contract.v !== latest) return [...edited, `${kind}: version ${contract.v} does not follow ${latest}`];
  const was = versions[latest]!;
  const is = versionOf(contract);
  return [
    ...edited,
    ...(was.delivery === is.delivery ? [] : [`${kind}: the delivery changed`]),
    ...changes(was.body, is.body, `${kind}.body`),
    ...((was.reply === null) === (is.reply === null) ? [] : [`${kind}: a reply came or went`]),
    ...(was.reply === null || is.reply === null ? [] : changes(was.reply, is.reply, `${kind}.reply`)),
  ];
}

/** What the other side would not understand, by path. */
function changes(was: Field, is: Field, path: string): string[] {
  const { fields: oldFields = {}, of: oldOf, ...oldRest } = was;
  const { fields: newFields = {}, of: newOf, ...newRest } = is;
  if (canonical(oldRest) !== canonical(newRest)) return [`${path}: its type or bounds changed`];
  return [
    ...(oldOf === undefined || newOf === undefined ? [] : changes(oldOf, newOf, `${path}[]`)),
    ...Object.entries(oldFields).flatMap(([name, field]) => {
      const present = newFields[name];
      return present === undefined ? [`${path}.${name}: the field is gone`] : changes(field, present, `${path}.${name}`);
    }),
    ...Object.entries(newFields).filter(([name, field]) => oldFields[name] === undefined && field.optional !== true).map(([name]) => `${path}.${name}: a new field must be optional`),
  ];
}

const lost = (before: readonly string[], now: readonly string[]): string[] => before.filter((member) => !now.includes(member));

/** Messages of the lock that nobody declares any more. */
function kept(before: Lock, catalogue: ReadonlyMap<string, Contract>): Record<string, LockedMessage> {
  const gone = Object.entries(before.messages).filter(([kind]) => !catalogue.has(kind));
  return Object.fromEntries(gone.map(([kind, { versions }]) => [kind, { versions, retired: true as const }]));
}

function joined(before: Lock, now: Lock): Record<string, LockedMessage> {
  const messages = Object.entries(now.messages);
  return Object.fromEntries(messages.map(([kind, { versions }]) => [kind, { versions: { ...before.messages[kind]?.versions, ...versions } }]));
}
