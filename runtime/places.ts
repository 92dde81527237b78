// Where a zone keeps what: one folder a zone, the same names in each.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActorName } from '../contracts/actors.ts';

/** A Unix socket's path may have 107 bytes. */
const SOCKET_PATH_BYTES_MAX = 107;

/** The longest name of a door towards a session: two actors and the session's id. */
const SOCKET_NAME_BYTES_MAX = 'tap-listener.credential-broker.s4294967295-0123456789'.length;
/** What a session's folder of sockets may have, in bytes, for every door in it to have an address. */
export const SESSION_RUN_BYTES_MAX = SOCKET_PATH_BYTES_MAX - SOCKET_NAME_BYTES_MAX - 1;

export interface Places {
  readonly root: string;
  /** Secret keys: readable by the zone's own user alone. */
  readonly keys: string;
  /** Sockets and locks: others may pass through, CURVE decides who may speak. */
  readonly run: string;
  /** Journals and what must survive a restart. */
  readonly state: string;
  readonly logs: string;
}

/** What others may do with the folders; said to the system each time, since a umask may have taken it away. */
const MODES: Readonly<Record<keyof Places, number>> = { root: 0o711, keys: 0o700, run: 0o711, state: 0o700, logs: 0o755 };

/** Creates the folders of a zone below `root`. Throws where they belong to another user. */
export function placesOf(root: string): Places {
  const places = { root, keys: join(root, 'keys'), run: join(root, 'run'), state: join(root, 'state'), logs: join(root, 'logs') };
  for (const [name, mode] of Object.entries(MODES)) {
    const folder = places[name as keyof Places];
    mkdirSync(folder, { recursive: true, mode });
    chmodSync(folder, mode);
  }
  return places;
}

/** Address of the door of `receiver` for `sender`; `session` where sender and receiver live in different zones. */
export function doorEndpoint(runDir: string, receiver: ActorName, sender: ActorName, session: string | null): string {
  return ipc(join(runDir, [receiver, sender, ...(session === null ? [] : [session])].join('.')));
}

export const outletEndpoint = (runDir: string, actor: ActorName): string => ipc(join(runDir, `${actor}.outlet`));
export const controlSocket = (runDir: string): string => checked(join(runDir, 'control'));

/** Path of the socket behind an `ipc://` endpoint. */
export const socketPath = (endpoint: string): string => endpoint.slice('ipc://'.length);

const ipc = (path: string): string => `ipc://${checked(path)}`;

function checked(path: string): string {
  const bytes = Buffer.byteLength(path);
  if (bytes <= SOCKET_PATH_BYTES_MAX) return path;
  throw new RangeError(`a socket path has ${bytes} bytes, ${SOCKET_PATH_BYTES_MAX} are allowed: choose a shorter folder for the zone`);
}
