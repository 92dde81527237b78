// The Nymi Agent's table as bare JSON frames, one envelope a frame: the framing that its WebAPI was seen to use.
import { Secret } from '../secret.ts';
import type { Codec, Frame } from './codec.ts';
import { Garbage } from './codec.ts';
import { ENVELOPE, NOTICES, OPERATIONS, Status } from './nymi-agent.ts';
import type { AgentAsks, AgentNotice, Envelope, NoticeName, Operation, WireNames } from './nymi-agent.ts';
import { maskKey } from './masked-key.ts';

export type Asked = (exchange: string) => Operation | 'link' | undefined;
export type Wire = ReturnType<typeof wireTable>;

/** `names` replaces names of operations and notices on the wire. */
export function jsonCodec(names: WireNames = {}): Codec<AgentAsks, AgentNotice> {
  const wire = wireTable(names);
  return {
    encode: (exchange, operation, payload) => JSON.stringify({ operation: wire.nameOf(operation), exchange, payload }),
    decode(frame, asked) {
      const { frame: text, key } = maskKey(frame);
      const parsed = parse(text, wire, asked, key);
      if (parsed.kind !== 'reply') key?.fill(0);
      return parsed;
    },
    opening: () => null,
    heartbeat: () => null,
  };
}

/** Both directions of the names on the wire. */
export function wireTable(names: WireNames): {
  nameOf(of: Operation | NoticeName): string;
  operation(name: string): Operation | undefined;
  notice(name: string): NoticeName | undefined;
} {
  const nameOf = (of: Operation | NoticeName): string => names[of] ?? of;
  const operations = new Map((Object.keys(OPERATIONS) as Operation[]).map((of) => [nameOf(of), of]));
  const notices = new Map((Object.keys(NOTICES) as NoticeName[]).map((of) => [nameOf(of), of]));
  return { nameOf, operation: (name) => operations.get(name), notice: (name) => notices.get(name) };
}

function parse(text: string | null, wire: Wire, asked: Asked, key: Uint8Array | null): Frame<AgentNotice> {
  const json = text === null ? undefined : fromJson(text);
  if (json === undefined) return garbage(Garbage.notJson, '');
  return readEnvelope(json, wire, asked, key);
}

/** What an envelope says. Takes `key`, which was cut out of it, into a reply that has one. */
export function readEnvelope(json: unknown, wire: Wire, asked: Asked, key: Uint8Array | null): Frame<AgentNotice> {
  const envelope = ENVELOPE.safeParse(json);
  if (!envelope.success) return garbage(Garbage.wrongShape, pathOf(envelope.error));
  const notice = wire.notice(envelope.data.operation);
  if (notice !== undefined) return readNotice(notice, envelope.data);
  const operation = wire.operation(envelope.data.operation);
  if (operation === undefined) return garbage(Garbage.unknownOperation, 'operation');
  return readReply(operation, envelope.data, asked, key);
}

function readNotice(name: NoticeName, envelope: Envelope): Frame<AgentNotice> {
  const payload = NOTICES[name].payload.safeParse(envelope.payload);
  if (!payload.success) return garbage(Garbage.wrongShape, `payload.${pathOf(payload.error)}`);
  return { kind: 'notice', notice: { name, payload: payload.data } as AgentNotice };
}

function readReply(operation: Operation, envelope: Envelope, asked: Asked, key: Uint8Array | null): Frame<AgentNotice> {
  const { exchange, status } = envelope;
  if (exchange === undefined || asked(exchange) !== operation) return garbage(Garbage.unsolicited, 'exchange');
  if (status === undefined) return garbage(Garbage.wrongShape, 'status', exchange);
  if (status !== Status.ok) {
    key?.fill(0);
    return { kind: 'reply', exchange, status, payload: null };
  }
  const payload = OPERATIONS[operation].reply.safeParse(envelope.payload ?? {});
  if (!payload.success) return garbage(Garbage.wrongShape, `payload.${pathOf(payload.error)}`, exchange);
  if (operation !== 'symmetric_key') {
    key?.fill(0);
    return { kind: 'reply', exchange, status, payload: payload.data };
  }
  // A key that could be parsed but was not cut out of the bytes came in a disguise (an escaped name, twice).
  if (key === null && (payload.data as { key?: string | null }).key) return garbage(Garbage.wrongShape, 'payload.key', exchange);
  return { kind: 'reply', exchange, status, payload: { key: key === null ? null : new Secret(key) } };
}

export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function garbage(kind: Garbage, path: string, exchange?: string): Frame<never> {
  return { kind: 'garbage', garbage: kind, path, ...(exchange === undefined ? {} : { exchange }) };
}

/** Where in the message, in names of our own schema: never a value or a key of the other side. */
function pathOf(error: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] }): string {
  return (error.issues[0]?.path ?? []).map(String).join('.');
}
