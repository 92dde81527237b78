// The socket on which a program answers questions past the accessibility bus. It opens one when it is asked for the address, but takes
// whoever asks for a listener (docs/decisions/0024): others look it up among the sockets that the program holds.
import { readFile, readdir, readlink } from 'node:fs/promises';

/** Inode and path of a listening socket, by the name that at-spi2-atk gives it; as in proc(5), `/proc/net/unix`. */
const LISTENS = /^\S+ \S+ \S+ 00010000 0001 01 +(\d+) (\/[^\s;,%]*\/at-spi2-[^\s;,%]+)$/;

/** Address for D-Bus; null where the process has no such socket, or is not ours to look into. */
export async function lineOf(pid: number): Promise<string | null> {
  const [held, sockets] = await Promise.all([socketsOf(pid), readFile('/proc/net/unix', 'utf8').catch(() => '')]);
  const found = sockets.split('\n').map((line) => LISTENS.exec(line)).find((one) => one !== null && held.has(`socket:[${one[1]}]`));
  return found ? `unix:path=${found[2]}` : null;
}

async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  return new Set(await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => ''))));
}
