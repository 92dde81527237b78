// Who is at the other end of a Unix socket, as the kernel knows it.
import type { Socket } from 'node:net';
import koffi from 'koffi';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;
const UID_OFFSET = 4;

type GetSockOpt = (fd: number, level: number, name: number, value: Buffer, length: number[]) => number;
let getsockopt: GetSockOpt | undefined;

/** User id of the process that connected. Throws `CallerUnknownError` where the kernel does not tell. */
export function callerUid(socket: Socket): number {
  const descriptor = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
  getsockopt ??= koffi.load('libc.so.6').func('int getsockopt(int, int, int, _Out_ uint8_t *value, _Inout_ uint32_t *length)') as GetSockOpt;
  const credentials = Buffer.alloc(UCRED_BYTES);
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, [UCRED_BYTES]) !== 0) throw new CallerUnknownError();
  return credentials.readUInt32LE(UID_OFFSET);
}

export class CallerUnknownError extends Error {
  override readonly name = 'CallerUnknownError';
  readonly code = 'CALLER_UNKNOWN';

  constructor() {
    super('the system does not tell who calls');
  }
}
