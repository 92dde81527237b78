// What goes over the socket of a virtual desktop. A question is a JSON text frame `{id, call, args}`, its answer
// `{id, answer}`, or `{id, refused}` where the server does not take it. Keys and passwords go as binary frames of a
// fixed layout, so that they are bytes which can be wiped, never part of a text:
//
//   to the server     op:u8  id:u32  aim:u16  key:u16  codePoint:u32        (little endian, 13 bytes; one or more a frame)
//   to the client     op:u8  id:u32  bytes…                                 (done: no bytes, one or more a frame; secret: the password)
import { z } from 'zod';
import { FieldRole } from '../port.ts';
import { SCENE_NAMES } from './scenes.ts';

export const ACTOR_PATH = '/actor';
export const CONTROL_PATH = '/control';

export const LIMITS = {
  /** Bytes of one frame to the server, and to a client. */
  frameBytes: 65_536,
  answerBytes: 4_194_304,
  connections: 64,
  /** Questions of one connection that wait for an answer. */
  open: 64,
  /** Keys that share a frame. */
  keys: 64,
} as const;

export const KeyOp = { press: 1, release: 2, map: 3 } as const;
export type KeyOp = (typeof KeyOp)[keyof typeof KeyOp];
export const AnswerOp = { done: 1, secret: 2 } as const;
export const KEY_FRAME_BYTES = 13;
export const ANSWER_HEAD_BYTES = 5;

export interface KeyFrame {
  readonly op: KeyOp;
  readonly id: number;
  readonly aim: number;
  readonly key: number;
  readonly codePoint: number;
}

export function packKey({ op, id, aim, key, codePoint }: KeyFrame): Buffer {
  const frame = Buffer.alloc(KEY_FRAME_BYTES);
  frame.writeUInt8(op, 0);
  frame.writeUInt32LE(id, 1);
  frame.writeUInt16LE(aim, 5);
  frame.writeUInt16LE(key, 7);
  frame.writeUInt32LE(codePoint, 9);
  return frame;
}

/** The keys of a frame, in order. Null: no such frame. */
export function unpackKeys(frame: Buffer): KeyFrame[] | null {
  const count = frame.length / KEY_FRAME_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > LIMITS.keys) return null;
  const keys = Array.from({ length: count }, (_, index) => unpackKey(frame.subarray(index * KEY_FRAME_BYTES)));
  return keys.includes(null) ? null : (keys as KeyFrame[]);
}

function unpackKey(frame: Buffer): KeyFrame | null {
  const op = Object.values(KeyOp).find((known) => known === frame.readUInt8(0));
  const codePoint = frame.readUInt32LE(9);
  if (op === undefined || codePoint > 0x10ffff) return null;
  return { op, id: frame.readUInt32LE(1), aim: frame.readUInt16LE(5), key: frame.readUInt16LE(7), codePoint };
}

const name = z.string().max(1_024);
const id = name;
const text = z.string().max(4_096);
const u16 = z.int().min(0).max(0xffff);
const bytes = z.array(z.int().min(0).max(255)).max(4_096);
const role = z.enum(FieldRole);
const scene = z.enum(SCENE_NAMES);
const target = z.strictObject({
  window: z.strictObject({ id, pid: z.int() }),
  url: text.nullable(),
  user: z.strictObject({ ref: id, role }),
  password: z.strictObject({ ref: id }),
  unseen: z.strictObject({ title: text, tabs: z.int().min(1).max(9) }).optional(),
});
const openOptions = z.strictObject({
  origin: z.url().nullable().optional(),
  pid: z.int().positive().optional(),
  executable: text.optional(),
  exposed: z.boolean().optional(),
  title: name.optional(),
});
const field = z.strictObject({
  name, label: name, role,
  autocomplete: name.optional(),
  form: name.optional(),
  value: text.optional(),
  options: z.array(name).max(256).optional(),
  readOnly: z.boolean().optional(),
  hidden: z.boolean().optional(),
  maxLength: z.int().positive().optional(),
});
const page = z.strictObject({ title: name, path: text.startsWith('/'), fields: z.array(field).max(256) });
const change = z.strictObject({
  visible: z.boolean().optional(), enabled: z.boolean().optional(), readOnly: z.boolean().optional(), text: text.optional(),
});
const ambush = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('raise'), window: id }),
  z.strictObject({ do: z.literal('close'), window: id }),
  z.strictObject({ do: z.literal('click'), window: id, field: name.nullable() }),
  z.strictObject({ do: z.literal('replace'), window: id, field: name }),
  z.strictObject({ do: z.literal('navigate'), window: id, scene }),
  z.strictObject({ do: z.literal('stall') }),
]);

/** Questions that an actor may ask, with the shape of their arguments. Presses and passwords go as binary frames. */
export const ACTOR_CALLS = {
  context: z.tuple([]),
  foreground: z.tuple([]),
  windows: z.tuple([]),
  contextOf: z.tuple([id]),
  check: z.tuple([target, id, z.boolean()]),
  read: z.tuple([target, id]),
  focus: z.tuple([target, id]),
  aim: z.tuple([target, id]),
  aimUnseen: z.tuple([target]),
  choose: z.tuple([u16, name]),
  count: z.tuple([u16]),
  unmap: z.tuple([z.array(u16).max(64)]),
  pressed: z.tuple([]),
  icon: z.tuple([z.strictObject({ state: z.enum(['initializing', 'connected', 'disconnected']), tooltip: z.string().max(127) })]),
  alert: z.tuple([z.strictObject({
    level: z.enum(['error', 'warning', 'information', 'success']), title: name, message: text, forMs: z.int().min(0).max(60_000),
  })]),
  menu: z.tuple([z.array(z.strictObject({ id, label: name })).max(32)]),
  messageBox: z.tuple([name, text]),
  passwordForm: z.tuple([z.strictObject({ title: name, text, user: name, status: text })]),
} as const;

/** Questions of lab, demo and tests. */
export const CONTROL_CALLS = {
  openScene: z.tuple([scene, openOptions]).or(z.tuple([scene])),
  openPage: z.tuple([page, openOptions]).or(z.tuple([page])),
  raise: z.tuple([id]),
  closeWindow: z.tuple([id]),
  click: z.tuple([id, name.nullable()]),
  change: z.tuple([id, name, change]),
  replace: z.tuple([id, name]),
  navigate: z.tuple([id, scene]),
  submit: z.tuple([id]),
  ambush: z.tuple([z.int().positive().max(10_000), ambush]),
  resume: z.tuple([]),
  arrived: z.tuple([]),
  holds: z.tuple([id, name, bytes]),
  report: z.tuple([]),
  keyboard: z.tuple([]),
  refused: z.tuple([]),
  answer: z.tuple([id, bytes.nullable()]),
  script: z.tuple([bytes.nullable()]),
  chooseMenu: z.tuple([id]),
  reset: z.tuple([]),
} as const;

/** One question, before its arguments are checked. */
export const QUESTION = z.strictObject({ id: z.int().min(1).max(0xffff_ffff), call: z.string().max(32), args: z.array(z.unknown()).max(4) });

/** What a server says: an answer, a refusal, or that a person chose an entry of the menu. */
export const SAID = z.union([
  z.strictObject({ id: z.number(), answer: z.unknown() }),
  z.strictObject({ id: z.number(), refused: z.string() }),
  z.strictObject({ chosen: z.string() }),
]);
