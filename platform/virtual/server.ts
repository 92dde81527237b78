// A virtual desktop behind a WebSocket on loopback, so that the actors of a session, the lab and the tests share one.
// The actors' path can look, type and show; the control path is the person's. A frame that is not understood is counted
// and answered with a refusal; the connection lives on.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { ZodType } from 'zod';
import { Secret } from '../../contracts/secret.ts';
import { isTrouble } from '../port.ts';
import type { Trouble } from '../port.ts';
import { handsOn } from './hands.ts';
import {
  ACTOR_CALLS, ACTOR_PATH, ANSWER_HEAD_BYTES, AnswerOp, CONTROL_CALLS, CONTROL_PATH, KeyOp, LIMITS, QUESTION, unpackKeys,
} from './protocol.ts';
import type { KeyFrame } from './protocol.ts';
import { Seat } from './seat.ts';
import { VirtualDesktop } from './world.ts';

export interface DesktopServer {
  /** For `DesktopAddress.endpoint`. */
  readonly endpoint: string;
  /** For `controlAt`. */
  readonly controlEndpoint: string;
  readonly world: VirtualDesktop;
  close(): Promise<void>;
}

/** Serves a new, empty desktop on a port of 127.0.0.1 (0: a free one). Rejects if the port is taken. */
export async function serveDesktop({ port = 0 }: { readonly port?: number } = {}): Promise<DesktopServer> {
  const world = new VirtualDesktop(randomBytes(4).toString('hex'));
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port,
    maxPayload: LIMITS.frameBytes,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: IncomingMessage }) => admitted(world, req, server.clients.size),
  });
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  server.on('connection', (socket, request) => {
    socket.on('error', (error) => world.refuse('code' in error && error.code === OVERSIZED ? 'oversized' : 'broken-frame'));
    if (request.url === ACTOR_PATH) serveActor(world, socket);
    else serveControl(world, socket);
  });
  const base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint: base + ACTOR_PATH,
    controlEndpoint: base + CONTROL_PATH,
    world,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const OVERSIZED = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

/** Pages of a browser send an origin and have no business here. */
function admitted(world: VirtualDesktop, request: IncomingMessage, connected: number): boolean {
  const why = request.headers.origin !== undefined ? 'foreign-origin'
    : request.url !== ACTOR_PATH && request.url !== CONTROL_PATH ? 'unknown-path'
    : connected >= LIMITS.connections ? 'too-many-connections'
    : null;
  if (why !== null) world.refuse(why);
  return why === null;
}

function serveActor(world: VirtualDesktop, socket: WebSocket): void {
  const seat = new Seat(world);
  seat.onChosen((chosen) => socket.send(JSON.stringify({ chosen })));
  const answerText = answering(world, socket, ACTOR_CALLS, seat);
  socket.on('message', (data, binary) => {
    if (world.stalled) return;
    if (binary) void answerKeys(world, socket, seat, data as Buffer);
    else answerText(data);
  });
  socket.on('close', () => void seat.close());
}

function serveControl(world: VirtualDesktop, socket: WebSocket): void {
  const answerText = answering(world, socket, CONTROL_CALLS, handsOn(world));
  socket.on('message', (data, binary) => {
    if (binary) world.refuse('binary-control');
    else answerText(data);
  });
}

type Calls = Readonly<Record<string, ZodType<unknown[]>>>;
type Answers = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Answers text frames with the methods of `answers` that `calls` lists, in the order in which they are done. */
function answering(world: VirtualDesktop, socket: WebSocket, calls: Calls, answers: object): (data: RawData) => void {
  let open = 0;
  const refuse = (id: number, refused: string): void => {
    world.refuse(refused);
    socket.send(JSON.stringify({ id, refused }));
  };
  return (data) => {
    const question = QUESTION.safeParse(parsed(data));
    if (!question.success) return refuse(0, 'not-a-question');
    const { id, call, args } = question.data;
    const shape = Object.hasOwn(calls, call) ? calls[call] : undefined;
    if (shape === undefined) return refuse(id, 'unknown-call');
    const checked = shape.safeParse(args);
    if (!checked.success) return refuse(id, 'wrong-arguments');
    if (open >= LIMITS.open) return refuse(id, 'too-many-questions');
    open += 1;
    void (answers as Answers)[call]?.(...(checked.data as never[])).then((answer) => {
      open -= 1;
      if (answer instanceof Secret) sendSecret(socket, id, answer);
      else socket.send(JSON.stringify({ id, answer }));
    });
  };
}

async function answerKeys(world: VirtualDesktop, socket: WebSocket, seat: Seat, data: Buffer): Promise<void> {
  const keys = unpackKeys(data);
  data.fill(0);
  if (keys === null) return world.refuse('not-a-key');
  // All in this turn, before the next frame; a stall drops what follows it.
  const struck = keys.map((key) => (world.stalled ? null : strike(seat, key)));
  const answers = await Promise.all(struck);
  if (world.stalled) return;
  const done: Buffer[] = [];
  for (const [index, trouble] of answers.entries()) {
    const { id } = keys[index]!;
    if (isTrouble(trouble)) socket.send(JSON.stringify({ id, answer: trouble }));
    else done.push(head(AnswerOp.done, id));
  }
  if (done.length > 0) socket.send(Buffer.concat(done));
}

function strike(seat: Seat, { op, aim, key, codePoint }: KeyFrame): Promise<Trouble | null> {
  if (op === KeyOp.press) return seat.press(aim, key);
  return op === KeyOp.map ? seat.map(key, codePoint) : seat.release(key);
}

function sendSecret(socket: WebSocket, id: number, secret: Secret): void {
  const frame = secret.reveal((bytes) => Buffer.concat([head(AnswerOp.secret, id), bytes]));
  secret.wipe();
  socket.send(frame, () => frame.fill(0));
}

function head(op: number, id: number): Buffer {
  const frame = Buffer.alloc(ANSWER_HEAD_BYTES);
  frame.writeUInt8(op, 0);
  frame.writeUInt32LE(id, 1);
  return frame;
}

function parsed(data: RawData): unknown {
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return undefined;
  }
}
