import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makePeople } from '../../ops/lab/people.ts';
import { NesClient } from '../../services/nes-gateway/http.ts';
import { basicLogin } from '../../services/nes-gateway/login.ts';

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly caFile: string;
  readonly credentialsFile: string;
  printed(): string;
}

async function start(t: ExecutionContext, dir: string, port = '0'): Promise<Started> {
  const child = spawn(process.execPath, ['ops/lab/nes/main.ts', dir, port], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const gone = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  let printed = '';
  child.stdout?.on('data', (chunk) => (printed += String(chunk)));
  child.stderr?.on('data', (chunk) => (printed += String(chunk)));
  await Promise.race([once(child, 'message'), gone.then(() => Promise.reject(new Error(printed)))]);
  while (printed.split('\n').length < 3) await once(child.stdout!, 'data');
  return { child, ...(JSON.parse(printed.split('\n')[1]!) as Omit<Started, 'child' | 'printed'>), printed: () => printed };
}

function client(t: ExecutionContext, { caFile, credentialsFile, url }: Started): NesClient {
  const made = new NesClient({ url, ca: readFileSync(caFile, 'utf8') }, basicLogin(credentialsFile));
  t.teardown(() => made.close());
  return made;
}

async function folder(t: ExecutionContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tapline-nes-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test('the lab NES says at its start that it is insecure, tells where it is, and prints no secret', async (t) => {
  const dir = await folder(t);
  const nes = await start(t, dir);
  t.regex(nes.printed(), /^Lab only: Basic login is insecure/);
  t.like(await client(t, nes).policy(), { ok: true, lockControl: true });
  for (const secret of [...makePeople(dir).secrets(), readFileSync(nes.credentialsFile)].map((bytes) => Buffer.from(bytes))) {
    for (const encoding of ['utf8', 'base64', 'hex'] as const) t.false(nes.printed().includes(secret.toString(encoding)));
  }
});

test('killed and started again it still knows what was stored, and the client finds it', async (t) => {
  const dir = await folder(t);
  const before = await start(t, dir);
  const asked = client(t, before);
  const { userId } = makePeople(dir).find('NB-03')!;
  const encryptedPassword = Uint8Array.of(1, 2, 3);
  t.deepEqual(await asked.putEncryptedPassword(userId, encryptedPassword), { ok: true });
  const gone = once(before.child, 'exit');
  before.child.kill('SIGKILL');
  await gone;
  t.like(await asked.encryptedPassword(userId), { ok: false, reason: 'nes-unreachable' });
  await start(t, dir, new URL(before.url).port);
  t.deepEqual(await asked.encryptedPassword(userId), { ok: true, encryptedPassword });
});

test('it ends by itself when asked to', async (t) => {
  const nes = await start(t, await folder(t));
  const gone = once(nes.child, 'exit');
  nes.child.send('shutdown');
  t.deepEqual(await gone, [0, null]);
});
