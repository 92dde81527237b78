// One of a kind: an actor takes a name that the system frees with the process, however it ends.
import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';

/** Holds `name` below `root` until the process ends; null if another process holds it. */
export function holdAlone(root: string, name: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(abstractName(root, name), () => resolve(server));
  });
}

/** Does a process hold `name`? Asks without taking it, so that nobody who starts meanwhile is turned away. */
export function isHeld(root: string, name: string): Promise<boolean> {
  const socket = connect(abstractName(root, name));
  return new Promise((resolve) => {
    const told = (held: boolean) => () => {
      socket.destroy();
      resolve(held);
    };
    socket.once('connect', told(true)).once('error', told(false));
  });
}

/** A name in the kernel, not in a folder: nothing stays behind after a kill. */
const abstractName = (root: string, name: string): string =>
  `\0tapline-${createHash('sha256').update(root).digest('hex').slice(0, 16)}-${name}`;
