// What the tests of NES share: a server of the lab in a folder of its own, and a client for it.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { startNes, type Nes, type NesOptions } from '../../ops/lab/nes/server.ts';
import type { Link } from '../../services/nes-gateway/failure.ts';
import { NesClient, type Answer, type NesSettings } from '../../services/nes-gateway/http.ts';
import { basicLogin } from '../../services/nes-gateway/login.ts';

export const event = (id: string) => ({
  id, event: 'PasswordAutofillSuccess', at: '2026-01-02T03:04:05.678Z', tap: 'tap-1', band: '02:4E:42:00:00:01',
  user: 'TAPLAB\\ada', session: 's1', application: 'chrome https://plant.example', reason: 'ok',
} as const);

export async function folder(t: ExecutionContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tapline-nes-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export async function lab(t: ExecutionContext, options: Partial<NesOptions> = {}): Promise<Nes> {
  const nes = await startNes({ dir: await folder(t), ...options });
  t.teardown(() => nes.close());
  return nes;
}

export function client(t: ExecutionContext, nes: Nes, settings: Partial<NesSettings> = {}): NesClient {
  const made = new NesClient({ url: nes.url, ca: readFileSync(nes.caFile, 'utf8'), ...settings }, basicLogin(nes.credentialsFile));
  t.teardown(() => made.close());
  return made;
}

/** It failed, at this link, and says so. */
export function isBroken(t: ExecutionContext, answer: Answer, link: Link, detail: RegExp): void {
  t.false(answer.ok);
  if (answer.ok) return;
  t.is(answer.link, link);
  t.regex(answer.detail, detail);
}
