// How a session zone becomes known to the machine zone: over a local socket, where the operating system says who calls.
//
//   session ── {folder, public keys} ──▶ control socket (SO_PEERCRED: uid) ── broker opens doors for that session
//           ◀── {session id, broker's folder and public keys} ──
//
// The answer depends on nothing but the request and the caller, so that every actor of a session may ask on its own.
import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { isAbsolute, normalize } from 'node:path';
import { z } from 'zod';
import { ACTOR_NAMES } from '../contracts/actors.ts';
import { isKey } from './bus/curve.ts';
import { controlSocket, SESSION_RUN_BYTES_MAX } from './places.ts';

const REQUEST_BYTES_MAX = 16 * 1024;
/** Of a whole call, however slowly the caller speaks. */
const CALL_WITHIN_MS = 2000;
const CONNECTIONS_MAX = 256;
/** The actors of a user's sessions call now and then; none may keep the others out. */
const CONNECTIONS_PER_USER_MAX = 32;
const X25519_BYTES = 32;
const ED25519_DER_BYTES = 44;

const Keys = z.partialRecord(z.enum(ACTOR_NAMES), z.string().refine(isKey, 'no CURVE key'));
const base64 = (bytes: number) => z.string().max(128).refine((text) => Buffer.from(text, 'base64').byteLength === bytes, `not ${bytes} bytes`);

/** All that the machine zone later uses of a session is checked here, so that nothing in it can surprise an actor. */
export const EnrolRequest = z.strictObject({
  want: z.enum(['enrol', 'leave']),
  /** Folder of the session's sockets. */
  runDir: z.string().refine((dir) => isAbsolute(dir) && normalize(dir) === dir && Buffer.byteLength(dir) <= SESSION_RUN_BYTES_MAX, 'no usable folder'),
  keys: Keys,
  /** Endpoint of the terminal, as the Nymi Agent knows it. */
  endpointId: z.string().max(64),
  /** Ed25519, DER, base64: signs the injector's one-use keys. */
  signingKey: base64(ED25519_DER_BYTES),
  /** X25519, base64: the tray seals what a person enters with it. */
  formKey: base64(X25519_BYTES),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;

export const EnrolAnswer = z.strictObject({
  session: z.string().max(64),
  runDir: z.string().max(256),
  keys: Keys,
  /** X25519, base64: the broker seals with it. */
  sealingKey: base64(X25519_BYTES),
});
export type EnrolAnswer = z.infer<typeof EnrolAnswer>;

/** A session is its user and its keys: the same after a restart, another one for anybody else. */
export function sessionIdOf(uid: number, keys: EnrolRequest['keys']): string {
  const canonical = JSON.stringify(Object.entries(keys).sort());
  return `s${uid}-${createHash('sha256').update(canonical).digest('hex').slice(0, 10)}`;
}

/** Why a call was turned away. */
export type CallRefused = 'caller-unknown' | 'too-many-calls' | 'bad-request' | 'too-slow' | 'not-enrolled';

export interface Enroller {
  /** User id of the caller, as the kernel knows it; throws where it cannot be told. */
  readonly callerUid: (socket: Socket) => number;
  /** Null refuses. */
  readonly enrol: (uid: number, request: EnrolRequest) => Promise<EnrolAnswer | null>;
  readonly refused: (why: CallRefused, uid: number | null) => void;
}

/** Serves the control socket until the returned server is closed. */
export function serveEnrolment(runDir: string, enroller: Enroller): Promise<Server> {
  const path = controlSocket(runDir);
  rmSync(path, { force: true });
  const calls = new Map<number, number>();
  const server = createServer({ allowHalfOpen: true }, (socket) => void admit(socket, enroller, calls));
  server.maxConnections = CONNECTIONS_MAX;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o666);
      resolve(server);
    });
  });
}

/** Enrols, or leaves. Rejects with the socket's error, or with `EnrolmentRefused`. */
export async function callEnrolment(machineRunDir: string, request: EnrolRequest): Promise<EnrolAnswer> {
  const socket = connect(controlSocket(machineRunDir));
  const timer = setTimeout(() => socket.destroy(new Error('no answer at the control socket')), CALL_WITHIN_MS);
  try {
    socket.end(`${JSON.stringify(request)}\n`);
    const answer = EnrolAnswer.safeParse(parse(await readLine(socket)));
    if (!answer.success) throw new EnrolmentRefused();
    return answer.data;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

export class EnrolmentRefused extends Error {
  override readonly name = 'EnrolmentRefused';
  readonly code = 'ENROLMENT_REFUSED';

  constructor() {
    super('the machine zone refused the enrolment');
  }
}

async function admit(socket: Socket, enroller: Enroller, calls: Map<number, number>): Promise<void> {
  socket.on('error', () => {});
  const uid = uidOf(socket, enroller);
  const open = uid === null ? 0 : (calls.get(uid) ?? 0);
  if (uid === null || open >= CONNECTIONS_PER_USER_MAX) {
    enroller.refused(uid === null ? 'caller-unknown' : 'too-many-calls', uid);
    return void socket.destroy();
  }
  calls.set(uid, open + 1);
  socket.once('close', () => {
    const left = (calls.get(uid) ?? 1) - 1;
    if (left > 0) calls.set(uid, left);
    else calls.delete(uid);
  });
  await serve(socket, uid, enroller);
}

async function serve(socket: Socket, uid: number, { enrol, refused }: Enroller): Promise<void> {
  const timer = setTimeout(() => socket.destroy(new Error('too slow')), CALL_WITHIN_MS);
  socket.once('close', () => clearTimeout(timer));
  const text = await readLine(socket).catch(() => null);
  if (text === null) return refused('too-slow', uid);
  const request = EnrolRequest.safeParse(parse(text));
  if (!request.success) refused('bad-request', uid);
  const answer = request.success ? await enrol(uid, request.data).catch(() => null) : null;
  if (request.success && answer === null) refused('not-enrolled', uid);
  socket.end(`${JSON.stringify(answer)}\n`);
}

function uidOf(socket: Socket, { callerUid }: Enroller): number | null {
  try {
    return callerUid(socket);
  } catch {
    return null;
  }
}

/** Up to the first line's end; what comes after it is not read. Rejects if the line is too long or never ends. */
function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (chunk.includes('\n') && text.length <= REQUEST_BYTES_MAX) {
        socket.removeAllListeners('data').resume();
        resolve(text);
      } else if (text.length > REQUEST_BYTES_MAX) socket.destroy(new Error('the line is too long'));
    });
    socket.once('error', reject);
    socket.once('end', () => reject(new Error('ended')));
    socket.once('close', () => reject(new Error('closed')));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
