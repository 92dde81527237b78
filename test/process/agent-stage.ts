// The lab's Nymi Agent with both of its clients, the tap-listener's and the broker's, on real sockets.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { codecFor, type Framing } from '../../contracts/external/nymi-codec.ts';
import { Secret } from '../../contracts/secret.ts';
import { startNymiAgent } from '../../ops/lab/nymi-agent/server.ts';
import type { NymiAgent } from '../../ops/lab/nymi-agent/server.ts';
import { makePeople } from '../../ops/lab/people.ts';
import type { LabPerson } from '../../ops/lab/people.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { Bands } from '../../services/credential-broker/band.ts';
import type { BandFailure, BandOptions } from '../../services/credential-broker/band.ts';
import { Agent } from '../../services/tap-listener/agent.ts';
import type { Raw } from '../../services/tap-listener/raw.ts';

export const IP = '127.0.0.1';
const folder = mkdtempSync(join(tmpdir(), 'tapline-agent-'));
export const people = makePeople(folder).all;
rmSync(folder, { recursive: true, force: true });
const LIMITS = { backoffMinMs: 10, backoffMaxMs: 40 };

export async function startLab(t: ExecutionContext): Promise<NymiAgent> {
  const lab = await startNymiAgent({ people, advertMs: 1 });
  t.teardown(() => lab.close());
  return lab;
}

/** The lab's Agent with a listener and a broker that are ready. */
export async function stage(t: ExecutionContext): Promise<{ lab: NymiAgent; listener: ReturnType<typeof listen>; broker: ReturnType<typeof brokerOf> }> {
  const lab = await startLab(t);
  const listener = listen(t, lab);
  await listener.state('connected');
  const broker = brokerOf(t, lab);
  await lab.subscribed(2);
  return { lab, listener, broker };
}

export function brokerOf(t: ExecutionContext, lab: NymiAgent, options: Partial<BandOptions> = {}) {
  const tokens: Secret[] = [];
  const token = (): Promise<Secret> => {
    tokens.push(new Secret(new TextEncoder().encode('made-up-token')));
    return Promise.resolve(tokens.at(-1)!);
  };
  const bands = new Bands({
    url: lab.url, nesUrl: 'https://nes.invalid/nes', codec: codecFor('json'), clock: systemTimer, random: Math.random, limits: LIMITS, token, ...options,
  });
  bands.subscribe('first', IP);
  bands.connect();
  t.teardown(() => bands.close());
  return { bands, tokens, keyOf: (band: LabPerson) => bands.keyOf(band.bandId, { timeoutMs: 2_000 }) };
}

export function listen(t: ExecutionContext, lab: NymiAgent, endpoint: string | (() => string) = IP, framing: Framing = 'json') {
  const raws: Raw[] = [];
  const states: string[] = [];
  const garbage: string[] = [];
  const read = { nfc: 0, rssi: 0, presence: 0, state: 0 };
  let wake: (() => void)[] = [];
  const news = (): void => wake.splice(0).forEach((go) => go());
  const agent = new Agent({
    url: lab.url, codec: codecFor(framing), clock: systemTimer, random: Math.random, limits: LIMITS, addressEveryMs: 5,
    endpoint: async () => (typeof endpoint === 'string' ? endpoint : endpoint()),
    onRaw: (raw) => (raws.push(raw), news()),
    onState: (state) => (states.push(state), news()),
    onGarbage: (kind, path) => garbage.push(`${kind} ${path}`),
  });
  agent.connect();
  t.teardown(() => agent.close());
  const until = async <T>(look: () => T | undefined): Promise<T> => {
    for (let found = look(); ; found = look()) {
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => wake.push(resolve));
    }
  };
  return {
    agent, raws, states, garbage,
    /** The next event of that kind that was not asked for yet. */
    raw: async <K extends Raw['kind']>(kind: K) => {
      const at = read[kind]++;
      return (await until(() => raws.filter((raw) => raw.kind === kind)[at])) as Extract<Raw, { kind: K }>;
    },
    readings: (count: number) => until(() => (raws.filter(({ kind }) => kind === 'rssi').length >= count ? true : undefined)),
    /** Resolves when that state was told after the last one asked for. */
    state: (name: string) => until(() => {
      const at = states.indexOf(name, read.state);
      if (at === -1) return undefined;
      read.state = at + 1;
      return true;
    }),
  };
}

export function hexOf(key: Secret | BandFailure): string {
  return key instanceof Secret ? key.reveal((bytes) => Buffer.from(bytes).toString('hex')) : `${key.reason}: ${key.detail}`;
}
