// The yardsticks of a tap: the ways of its messages between as many bare processes, sockets and servers as a tap has, in
// the same order and at the same pace; and the same with what the libraries do for each message, but none of our code.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { curveKeyPair } from 'zeromq';
import { nowUs } from '../../runtime/clock.ts';
import { nodeFlagsOf } from '../../supervisor/topology.ts';
import { makePki } from '../lab/pki.ts';
import { shortFolder } from '../lab/practice.ts';
import { NES_ANSWER } from './chain-work.ts';
import { ROLES, type ChainConfig, type Role } from './chain-link.ts';
import { livesWithUs } from './hosts.ts';

const TAPS = 60;
const WARM = 10;
const LINK = join(import.meta.dirname, 'chain-link.ts');
/** Milliseconds from the reader's frame to the last message, of each tap, with `pauseMs` between two of them. */
export async function chainMs(pauseMs: number, works: boolean): Promise<number[]> {
  const dir = shortFolder();
  const { caFile, certFile, keyFile } = await makePki(dir);
  const nes = await nesIn({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  const peer = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(peer, 'listening');
  const reader = readerOf(peer);
  const config: ChainConfig = {
    dir, ca: readFileSync(caFile, 'utf8'), nesPort: portOf(nes), peerPort: portOf(peer), taps: TAPS + WARM, works,
    keys: Object.fromEntries(ROLES.map((role) => [role, curveKeyPair()])) as ChainConfig['keys'],
  };
  const links = new Map(ROLES.map((role) => [role, linkOf(role, config)]));
  try {
    await Promise.all([...links.values()].map((link) => said(link, 'ready')));
    const socket = await reader;
    const took: number[] = [];
    for (let tap = 0; tap < TAPS + WARM; tap++) {
      await sleep(pauseMs);
      const ended = said(links.get('listener')!, 'ended');
      const begunUs = nowUs();
      socket.send('tap');
      const { atUs } = await ended;
      if (tap >= WARM) took.push((atUs - begunUs) / 1000);
    }
    return took;
  } finally {
    for (const link of links.values()) link.kill('SIGKILL');
    peer.close();
    nes.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const portOf = (server: Server | WebSocketServer): number => (server.address() as AddressInfo).port;

async function nesIn(pem: { cert: Buffer; key: Buffer }): Promise<Server> {
  const server = createServer(pem, (_request, response) => response.end(NES_ANSWER));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Desktop and Agent: whatever is asked is answered at once. Resolves with the socket of the listener. */
function readerOf(server: WebSocketServer): Promise<WebSocket> {
  return new Promise((resolve) => server.on('connection', (socket, { url }) => {
    socket.on('message', (data) => socket.send(data as Buffer));
    if (url === '/listener') resolve(socket);
  }));
}

function linkOf(role: Role, config: ChainConfig): ChildProcess {
  const link = livesWithUs(fork(LINK, [role], { execArgv: nodeFlagsOf([role]) }));
  link.send(config);
  return link;
}

function said(link: ChildProcess, what: string): Promise<{ readonly atUs: number }> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('a process of the yardstick ended'));
    const hear = (message: unknown): void => {
      const { say, atUs } = message as { say: string; atUs: number };
      if (say !== what) return;
      link.off('message', hear).off('exit', gone);
      resolve({ atUs });
    };
    link.on('message', hear).once('exit', gone);
  });
}
