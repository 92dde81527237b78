// The Nymi Agent's table in Phoenix frames, `[join_ref, ref, topic, event, payload]`: the path of its default address is the
// one that a Phoenix server has by default. The framing is Phoenix's, documented; topic and use of `response` are guesses.
//
//   ──▶ [1, "1", topic, "phx_join", {}]          ◀── [1, "1", topic, "phx_reply", {status: "ok", response: {}}]
//   ──▶ [1, ref, topic, operation, payload]      ◀── [1, ref, topic, "phx_reply", {status: "ok", response: payload}]
//                                                ◀── [1, ref, topic, "phx_reply", {status: "error", response: {status: 5100, …}}]
//   ──▶ [null, ref, "phoenix", "heartbeat", {}]  ◀── [1, null, topic, notice, payload]
import { z } from 'zod';
import type { Codec, Frame } from './codec.ts';
import { Garbage } from './codec.ts';
import { maskKey } from './masked-key.ts';
import { Status } from './nymi-agent.ts';
import type { AgentAsks, AgentNotice, WireNames } from './nymi-agent.ts';
import { fromJson, garbage, readEnvelope, wireTable, type Asked, type Wire } from './nymi-json.ts';

/** Guess: the channel that the Agent has for its clients. */
export const PHOENIX_TOPIC = 'nymi:agent';
export const Event = { join: 'phx_join', reply: 'phx_reply', heartbeat: 'heartbeat', error: 'phx_error', close: 'phx_close' } as const;
/** Heartbeats belong to the socket, not to a channel. */
export const SOCKET_TOPIC = 'phoenix';
const JOIN_REF = '1';

const ref = z.union([z.string().max(128), z.number().transform(String)]).nullable();
/** One frame, either way. */
export const PHOENIX_FRAME = z.tuple([ref, ref, z.string().max(256), z.string().min(1).max(128), z.unknown()]);
const REPLY = z.object({ status: z.enum(['ok', 'error']), response: z.unknown() });
const REFUSAL = z.object({ status: z.number().int() });
/** An error without a code of the table's own. */
const NAMELESS = -1;

/** `names` replaces names of operations and notices on the wire. */
export function phoenixCodec(names: WireNames = {}): Codec<AgentAsks, AgentNotice> {
  const wire = wireTable(names);
  const frame = (exchange: string, topic: string, event: string, payload: unknown): string =>
    JSON.stringify([topic === SOCKET_TOPIC ? null : JOIN_REF, exchange, topic, event, payload]);
  return {
    encode: (exchange, operation, payload) => frame(exchange, PHOENIX_TOPIC, wire.nameOf(operation), payload),
    decode(bytes, asked) {
      const { frame: text, key } = maskKey(bytes);
      const parsed = parse(text === null ? undefined : fromJson(text), wire, asked, key);
      if (parsed.kind !== 'reply') key?.fill(0);
      return parsed;
    },
    opening: (exchange) => frame(exchange, PHOENIX_TOPIC, Event.join, {}),
    heartbeat: (exchange) => frame(exchange, SOCKET_TOPIC, Event.heartbeat, {}),
  };
}

function parse(json: unknown, wire: Wire, asked: Asked, key: Uint8Array | null): Frame<AgentNotice> {
  if (json === undefined) return garbage(Garbage.notJson, '');
  const frame = PHOENIX_FRAME.safeParse(json);
  if (!frame.success) return garbage(Garbage.wrongShape, String(frame.error.issues[0]?.path[0] ?? ''));
  const [, exchange, , event, payload] = frame.data;
  if (event !== Event.reply) return readEnvelope({ operation: event, payload }, wire, asked, key);
  const operation = exchange === null ? undefined : asked(exchange);
  if (exchange === null || operation === undefined) return garbage(Garbage.unsolicited, 'ref');
  const reply = REPLY.safeParse(payload);
  if (!reply.success) return garbage(Garbage.wrongShape, 'payload', exchange);
  const status = statusOf(reply.data);
  if (operation !== 'link') return readEnvelope({ operation: wire.nameOf(operation), exchange, status, payload: reply.data.response }, wire, asked, key);
  key?.fill(0);
  return { kind: 'reply', exchange, status, payload: null };
}

function statusOf({ status, response }: z.output<typeof REPLY>): number {
  return status === 'ok' ? Status.ok : (REFUSAL.safeParse(response).data?.status ?? NAMELESS);
}
