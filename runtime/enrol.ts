// How a session zone becomes known to the machine zone: over a local socket, where the operating system says who calls.
//
//   session ── {folder, public keys} ──▶ control socket (SO_PEERCRED: uid) ── broker opens doors for that session
//           ◀── {session id, broker's folder and public keys} ──
//
// The answer depends on nothing but the request and the caller, so that every actor of a session may ask on its own.
import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { ACTOR_NAMES } from '../contracts/actors.ts';
import { controlSocket } from './places.ts';

const REQUEST_BYTES_MAX = 16 * 1024;
const ANSWER_WITHIN_MS = 2000;
const CONNECTIONS_MAX = 64;

const Keys = z.partialRecord(z.enum(ACTOR_NAMES), z.string().length(40));
export const EnrolRequest = z.strictObject({
  want: z.enum(['enrol', 'leave']),
  /** Folder of the session's sockets. */
  runDir: z.string().max(256),
  keys: Keys,
  /** Endpoint of the terminal, as the Nymi Agent knows it. */
  endpointId: z.string().max(64),
  /** Ed25519, DER, base64: signs the injector's one-use keys. */
  signingKey: z.string().max(128),
  /** X25519, base64: the tray seals what a person enters with it. */
  formKey: z.string().max(64),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;

export const EnrolAnswer = z.strictObject({
  session: z.string().max(64),
  runDir: z.string().max(256),
  keys: Keys,
  /** X25519, base64: the broker seals with it. */
  sealingKey: z.string().max(64),
});
export type EnrolAnswer = z.infer<typeof EnrolAnswer>;

/** A session is its user and its keys: the same after a restart, another one for anybody else. */
export function sessionIdOf(uid: number, keys: EnrolRequest['keys']): string {
  const canonical = JSON.stringify(Object.entries(keys).sort());
  return `s${uid}-${createHash('sha256').update(canonical).digest('hex').slice(0, 10)}`;
}

export interface Enroller {
  /** User id of the caller, as the kernel knows it; throws where it cannot be told. */
  readonly callerUid: (socket: Socket) => number;
  /** Null refuses. */
  readonly enrol: (uid: number, request: EnrolRequest) => Promise<EnrolAnswer | null>;
}

/** Serves the control socket until the returned server is closed. */
export function serveEnrolment(runDir: string, enroller: Enroller): Promise<Server> {
  const path = controlSocket(runDir);
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => void serve(socket, enroller));
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
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('no answer at the control socket')));
  socket.end(`${JSON.stringify(request)}\n`);
  const answer = EnrolAnswer.safeParse(parse(await readLine(socket)));
  if (!answer.success) throw new EnrolmentRefused();
  return answer.data;
}

export class EnrolmentRefused extends Error {
  override readonly name = 'EnrolmentRefused';
  readonly code = 'ENROLMENT_REFUSED';

  constructor() {
    super('the machine zone refused the enrolment');
  }
}

async function serve(socket: Socket, { callerUid, enrol }: Enroller): Promise<void> {
  socket.on('error', () => {});
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
  try {
    const uid = callerUid(socket);
    const request = EnrolRequest.safeParse(parse(await readLine(socket)));
    const answer = request.success ? await enrol(uid, request.data) : null;
    socket.end(`${JSON.stringify(answer)}\n`);
  } catch {
    socket.destroy();
  }
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > REQUEST_BYTES_MAX) socket.destroy(new Error('request too long'));
      else if (text.includes('\n')) resolve(text);
    });
    socket.once('error', reject);
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
