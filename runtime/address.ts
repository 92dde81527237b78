// Which address of this terminal faces a server: the Nymi Agent knows a terminal by it.
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';

const PORT_ANY = 9;

/** IP address that packets to `host` leave from. Sends nothing. Rejects where the host has no address or no route. */
export async function addressTowards(host: string): Promise<string> {
  const { address, family } = await lookup(host.replace(/^\[|\]$/g, ''));
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(PORT_ANY, address, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
