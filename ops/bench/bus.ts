// One request and reply between two actors through our bus, against the same two sockets without our code.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curveKeyPair, Dealer } from 'zeromq';
import type { BusSide } from './bus-side.ts';
import { quantile } from './quantile.ts';

const ROUNDS = 5;
const WARM = 300;
const CALLS = 1500;

export interface BusFigures {
  /** Ours, at p50, in units of the bare one. */
  readonly ratioP50: number;
  readonly oursUsP50: number;
  readonly bareUsP50: number;
}

/** Rounds of both alternate, so that a busy machine burdens both alike. */
export async function benchBus(progress: (text: string) => void): Promise<BusFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'tl-bench-'));
  const bare = await openBare(dir);
  const ours = await openOurs(dir);
  try {
    const took = { bare: [] as number[], ours: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      progress(`bus: round ${round + 1} of ${ROUNDS}`);
      took.bare.push(...(await time(bare.call)));
      took.ours.push(...(await time(ours.call)));
    }
    const [oursUsP50, bareUsP50] = [quantile(took.ours, 0.5), quantile(took.bare, 0.5)];
    return { ratioP50: oursUsP50 / bareUsP50, oursUsP50, bareUsP50 };
  } finally {
    await bare.close();
    await ours.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function time(call: () => Promise<unknown>): Promise<number[]> {
  for (let i = 0; i < WARM; i++) await call();
  const took: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const begun = process.hrtime.bigint();
    await call();
    took.push(Number(process.hrtime.bigint() - begun) / 1000);
  }
  return took;
}

interface Side {
  readonly call: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** DEALER and ROUTER with CURVE and a payload of the size of ours, nothing else. */
async function openBare(dir: string): Promise<Side> {
  const { peer, hello } = await other('bare', dir);
  const own = curveKeyPair();
  const socket = new Dealer({ curveServerKey: hello.serverKey, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey, linger: 0 });
  socket.connect(hello.endpoint);
  const envelope = Buffer.alloc(240, 1);
  const body = Buffer.alloc(24, 2);
  return {
    call: async () => {
      await socket.send([envelope, body]);
      await socket.receive();
    },
    close: async () => {
      socket.close();
      peer.kill();
    },
  };
}

async function openOurs(dir: string): Promise<Side> {
  const { peer } = await other('ours', dir);
  const { busIn } = await import('./bus-side.ts');
  const bus = await busIn(dir, 'credential-broker');
  await bus.open(() => undefined);
  return {
    call: () => bus.send('nes.fetch-credential', { band: '02:4E:42:00:00:01' }, { to: 'nes-gateway' }),
    close: async () => {
      await bus.close();
      peer.kill();
    },
  };
}

function other(side: BusSide, dir: string): Promise<{ peer: ReturnType<typeof fork>; hello: { endpoint: string; serverKey: string } }> {
  const peer = fork(join(import.meta.dirname, 'bus-side.ts'), [side, dir]);
  return new Promise((resolve, reject) => {
    peer.once('error', reject);
    peer.once('message', (hello) => resolve({ peer, hello: hello as { endpoint: string; serverKey: string } }));
  });
}
