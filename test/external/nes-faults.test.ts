import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import test from 'ava';
import type { Fault } from '../../ops/lab/nes/faults.ts';
import { startNes } from '../../ops/lab/nes/server.ts';
import { makePki } from '../../ops/lab/pki.ts';
import type { Link } from '../../services/nes-gateway/failure.ts';
import { client, event, folder, isBroken, lab } from './nes-stage.ts';

const FAULTS: readonly { readonly what: string; readonly fault: Fault; readonly link: Link; readonly reason: string }[] = [
  { what: 'a 500', fault: { kind: 'status', status: 500 }, link: 'status', reason: 'nes-error' },
  { what: 'a redirect', fault: { kind: 'status', status: 302 }, link: 'status', reason: 'nes-error' },
  { what: 'a truncated body', fault: { kind: 'truncated' }, link: 'truncated', reason: 'nes-error' },
  { what: 'broken JSON', fault: { kind: 'body', text: '{"Token": <html>' }, link: 'unreadable', reason: 'nes-error' },
  { what: 'a body without end', fault: { kind: 'flood', bytes: 4 * 1024 * 1024 }, link: 'too-large', reason: 'nes-error' },
  { what: 'silence', fault: { kind: 'hang' }, link: 'timeout', reason: 'nes-unreachable' },
  { what: 'an answer that comes too late', fault: { kind: 'latency', ms: 2000 }, link: 'timeout', reason: 'nes-unreachable' },
  { what: 'a closed connection', fault: { kind: 'drop' }, link: 'reset', reason: 'nes-unreachable' },
];

for (const { what, fault, link, reason } of FAULTS) {
  // One at a time: a machine that is busy with the others would be late by itself.
  test.serial(`${what} gives ${reason}, named as ${link}, at the data and at the token, and the next call works`, async (t) => {
    const nes = await lab(t);
    const asked = client(t, nes, link === 'timeout' ? { timeoutMs: 900, tokenMs: 700 } : {});
    await asked.health();
    for (const route of ['token', 'credential'] as const) {
      nes.faults.add({ route, fault });
      const answer = await asked.credentialOf('02:4E:42:00:00:01');
      isBroken(t, answer, link, new RegExp(`^${route}: `));
      t.like(answer, { ok: false, reason });
      nes.faults.clear();
    }
    t.like(await asked.credentialOf('02:4E:42:00:00:01'), { ok: true });
  });
}

test('a kept connection that the server closed meanwhile costs nothing but a second try', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  await asked.policy();
  nes.faults.add({ route: 'policy', fault: { kind: 'drop' }, times: 1 });
  t.like(await asked.policy(), { ok: true });
});

test('certificates that are expired, untrusted or for another name are told apart', async (t) => {
  const dayMs = 86_400_000;
  const past = (days: number) => new Date(Date.now() - days * dayMs);
  const expired = await lab(t, { pki: { notBefore: past(9), notAfter: past(1) } });
  isBroken(t, await client(t, expired).policy(), 'tls-expired', /^token: /);
  const wrongName = await lab(t, { pki: { names: ['other.example'] } });
  isBroken(t, await client(t, wrongName).policy(), 'tls-name', /^token: /);
  const nes = await lab(t);
  const stranger = await makePki(await folder(t));
  isBroken(t, await client(t, nes, { ca: readFileSync(stranger.caFile, 'utf8') }).policy(), 'tls-untrusted', /^token: /);
});

test('a server that is down, a name that does not resolve and a port without TLS are told apart', async (t) => {
  const nes = await lab(t);
  const plain = createServer((socket) => socket.on('error', () => {}).resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const { port } = plain.address() as { port: number };
  isBroken(t, await client(t, nes, { url: `https://127.0.0.1:${port}` }).policy(), 'tls', /^token: /);
  await new Promise((resolve) => plain.close(resolve));
  isBroken(t, await client(t, nes, { url: `https://127.0.0.1:${port}` }).policy(), 'refused', /^token: /);
  isBroken(t, await client(t, nes, { url: 'https://nes.invalid' }).policy(), 'dns', /^token: /);
});

test('a server that comes back is reached again', async (t) => {
  const dir = await folder(t);
  const before = await startNes({ dir });
  const asked = client(t, before);
  t.like(await asked.policy(), { ok: true });
  await before.close();
  t.like(await asked.policy(), { ok: false, reason: 'nes-unreachable' });
  const after = await startNes({ dir, port: before.port });
  t.teardown(() => after.close());
  t.like(await asked.policy(), { ok: true });
});

test('no more than the bound are under way or in line; the rest is refused at once', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes, { inFlightMax: 2, waitingMax: 3 });
  await asked.policy();
  nes.faults.add({ route: 'policy', fault: { kind: 'latency', ms: 50 } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => asked.policy()));
  t.is(answers.filter(({ ok }) => ok).length, 5);
  t.is(answers.filter((answer) => !answer.ok && answer.link === 'overloaded').length, 3);
});

test('closing ends what is under way', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  nes.faults.add({ route: 'health', fault: { kind: 'hang' } });
  const answer = asked.health();
  asked.close();
  isBroken(t, await answer, 'cancelled', /^health: /);
});

test('no failure holds a password, a login, a token or a header', async (t) => {
  const nes = await lab(t);
  const given = await client(t, nes).token();
  if (!given.ok) return t.fail(given.detail);
  const asked = client(t, nes, { timeoutMs: 300, auditMs: 300 });
  const { userId } = nes.people.find('NB-01')!;
  const answers: unknown[] = [given];
  for (const { fault } of FAULTS) {
    nes.faults.clear();
    nes.faults.add({ fault, route: 'credential' });
    nes.faults.add({ fault, route: 'passwordPut' });
    nes.faults.add({ fault, route: 'audit' });
    const stored = asked.putEncryptedPassword(userId, new Uint8Array(9).fill(65));
    answers.push(...await Promise.all([asked.credentialOf('02:4E:42:00:00:01'), stored, asked.postAudit([event('m/9')])]));
    nes.faults.add({ fault, route: 'token' });
    answers.push(await client(t, nes, { tokenMs: 300 }).token());
  }
  const login = readFileSync(nes.credentialsFile);
  const token = given.token.reveal((bytes) => Buffer.from(bytes));
  const printed = answers.map((answer) => inspect(answer, { depth: null, showHidden: true }) + JSON.stringify(answer)).join('\n');
  for (const secret of [...nes.people.secrets(), login, token].map((bytes) => Buffer.from(bytes))) {
    for (const encoding of ['utf8', 'base64', 'hex'] as const) t.false(printed.includes(secret.toString(encoding)));
  }
  t.false(/authorization|bearer|basic |QUFBQUFBQUFB|02:4E:42|TAPLAB/i.test(printed));
});
