// Contract <-> msgpack frames; the only file that imports msgpackr.
import { Packr } from 'msgpackr';
import { CATALOGUE, type Kind, type Message } from '../contracts/catalogue.ts';
import { Envelope } from '../contracts/envelope.ts';
import type { Contract } from '../contracts/schema.ts';
import { Secret } from '../contracts/secret.ts';

export const FRAME_BYTES_MAX = 64 * 1024;

/** Why an inbound message was refused; counted and answered, never with a value. */
export const RefusalCode = {
  tooBig: 'too-big',
  notMsgpack: 'not-msgpack',
  badEnvelope: 'bad-envelope',
  unknownKind: 'unknown-kind',
  badBody: 'bad-body',
  notPermitted: 'not-permitted',
  wrongSender: 'wrong-sender',
  foreignSession: 'foreign-session',
  expired: 'expired',
  overloaded: 'overloaded',
  handlerFailed: 'handler-failed',
  wrongKey: 'wrong-key',
} as const;
export type RefusalCode = (typeof RefusalCode)[keyof typeof RefusalCode];

/** What a door says of a message: a refusal, or one of these. */
export const AnswerCode = { ...RefusalCode, ok: 'ok', pong: 'pong' } as const;
export type AnswerCode = (typeof AnswerCode)[keyof typeof AnswerCode];
const ANSWER_CODES: ReadonlySet<unknown> = new Set(Object.values(AnswerCode));

/** `path` names the field at fault (`body.target.url`), never what stood in it. */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly path: string;
  /** Id of the message where it could be read, so that its sender can be told. */
  readonly id: string;
}
export const isRefusal = (value: object): value is Refusal => 'refused' in value && 'path' in value;

// Plain maps: frames explain themselves, and survive restarts and versions.
const packr = new Packr({ useRecords: false, int64AsType: 'number' });
const refusal = (refused: RefusalCode, path: string, id = ''): Refusal => ({ refused, path, id });

export const pack = (value: unknown): Uint8Array => packr.pack(value);

/** The value of one frame; undefined where it holds none. */
export function unpack(frame: Uint8Array): unknown {
  try {
    return packr.unpack(frame);
  } catch {
    return undefined;
  }
}

/** Frames of a message. Opens secrets: the frames may go to a direct socket only. */
export function encode(envelope: Envelope, contract: Contract, body: object): [Uint8Array, Uint8Array] {
  return [pack(envelope), encodeBody(contract.hasSecret, body)];
}

export const encodeBody = (hasSecret: boolean, body: object): Uint8Array => pack(hasSecret ? opened(body) : body);

/** Parses and checks the two frames of a message: after this it is trusted inside. */
export function decode(frames: readonly Uint8Array[]): Message | Refusal {
  const [envelopeFrame, bodyFrame] = frames;
  if (envelopeFrame === undefined || bodyFrame === undefined || frames.length !== 2) return refusal(RefusalCode.notMsgpack, 'frames');
  if (envelopeFrame.byteLength + bodyFrame.byteLength > FRAME_BYTES_MAX) return refusal(RefusalCode.tooBig, 'frames');
  const rawEnvelope = unpack(envelopeFrame);
  if (typeof rawEnvelope !== 'object' || rawEnvelope === null) return refusal(RefusalCode.notMsgpack, 'envelope');
  const envelope = Envelope.safeParse(rawEnvelope);
  if (!envelope.success) return refusal(RefusalCode.badEnvelope, pathOf('envelope', envelope.error.issues));
  const { id, kind, v } = envelope.data;
  const contract = CATALOGUE.get(kind);
  if (contract === undefined || contract.v !== v) return refusal(RefusalCode.unknownKind, 'envelope.kind', id);
  const rawBody = unpack(bodyFrame);
  if (rawBody === undefined) return refusal(RefusalCode.notMsgpack, 'body', id);
  const body = contract.body.safeParse(rawBody);
  if (!body.success) return refusal(RefusalCode.badBody, pathOf(`${kind}.body`, body.error.issues), id);
  return { kind, body: body.data, envelope: envelope.data } as Message;
}

/** Checks the answer that came with an acknowledgement; undefined where it breaks the contract. */
export function decodeReply(kind: Kind, raw: unknown): object | undefined {
  const schema = CATALOGUE.get(kind)?.reply;
  if (schema === null || schema === undefined) return undefined;
  const parsed = schema.safeParse(raw);
  return parsed.success ? (parsed.data as object) : undefined;
}

/** Reads the answer frame of a door, `[id, code, reply]`; null where it is none. */
export function readAnswer(frame: Uint8Array): { id: string; code: AnswerCode; reply: unknown } | null {
  const raw = unpack(frame);
  if (!Array.isArray(raw) || raw.length !== 3) return null;
  const [id, code, reply] = raw as unknown[];
  return typeof id === 'string' && ANSWER_CODES.has(code) ? { id, code: code as AnswerCode, reply } : null;
}

const pathOf = (root: string, issues: readonly { path: readonly PropertyKey[] }[]): string =>
  [root, ...(issues[0]?.path ?? [])].map(String).join('.').slice(0, 120);

function opened(body: object): object {
  const copy: Record<string, unknown> = { ...body };
  for (const [key, value] of Object.entries(copy)) {
    if (value instanceof Secret) copy[key] = value.reveal((bytes) => Uint8Array.from(bytes));
  }
  return copy;
}
