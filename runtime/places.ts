// Where a zone keeps what: one folder a zone, the same names in each.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActorName } from '../contracts/actors.ts';

/** A Unix socket's path may have 107 bytes. */
const SOCKET_PATH_BYTES_MAX = 107;

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

/** Creates the folders of a zone below `root`. */
export function placesOf(root: string): Places {
  const places = { root, keys: join(root, 'keys'), run: join(root, 'run'), state: join(root, 'state'), logs: join(root, 'logs') };
  mkdirSync(root, { recursive: true, mode: 0o711 });
  mkdirSync(places.keys, { recursive: true, mode: 0o700 });
  mkdirSync(places.run, { recursive: true, mode: 0o711 });
  mkdirSync(places.state, { recursive: true, mode: 0o700 });
  mkdirSync(places.logs, { recursive: true, mode: 0o755 });
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
