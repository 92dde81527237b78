import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { NesClient } from '../../services/nes-gateway/http.ts';
import { basicLogin } from '../../services/nes-gateway/login.ts';
import { client, folder, isBroken, lab } from './nes-stage.ts';

const MINUTE_MS = 60_000;

test('callers at the same time share one token', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  const answers = await Promise.all(Array.from({ length: 20 }, () => asked.policy()));
  t.true(answers.every(({ ok }) => ok));
  t.deepEqual(nes.requests(), { token: 1, policy: 20 });
});

test('a token is renewed beside its use in the last fifth of its life', async (t) => {
  let nowMs = 0;
  const now = () => nowMs;
  const nes = await lab(t, { tokenLifeMs: 30 * MINUTE_MS, now });
  const asked = client(t, nes, { tokenLifeMs: 30 * MINUTE_MS, now });
  await asked.policy();
  nowMs = 23 * MINUTE_MS;
  await asked.policy();
  t.deepEqual(nes.requests(), { token: 1, policy: 2 });
  nowMs = 25 * MINUTE_MS;
  t.like(await asked.policy(), { ok: true });
  while (nes.requests()['token'] !== 2) await asked.health();
  nes.faults.add({ route: 'token', fault: { kind: 'status', status: 500 } });
  nowMs = 31 * MINUTE_MS;
  t.like(await asked.policy(), { ok: true });
});

test('a renewal that fails does no harm while the token at hand lives', async (t) => {
  let nowMs = 0;
  const now = () => nowMs;
  const nes = await lab(t, { tokenLifeMs: 30 * MINUTE_MS, now });
  const asked = client(t, nes, { tokenLifeMs: 30 * MINUTE_MS, now });
  await asked.policy();
  nes.faults.add({ route: 'token', fault: { kind: 'status', status: 500 } });
  nowMs = 29 * MINUTE_MS;
  t.like(await asked.policy(), { ok: true });
  nowMs = 30 * MINUTE_MS;
  isBroken(t, await asked.policy(), 'status', /^token: .*\(500\)$/);
});

test('a token at the end of its life is renewed before it is used', async (t) => {
  let nowMs = 0;
  const now = () => nowMs;
  const nes = await lab(t, { tokenLifeMs: 30 * MINUTE_MS, now });
  const asked = client(t, nes, { tokenLifeMs: 30 * MINUTE_MS, now });
  await asked.policy();
  nowMs = 31 * MINUTE_MS;
  t.like(await asked.policy(), { ok: true });
  t.deepEqual(nes.requests(), { token: 2, policy: 2 });
});

test('a token that NES no longer takes is renewed once, by the first who notices', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  await asked.policy();
  nes.model.forgetTokens();
  const answers = await Promise.all(Array.from({ length: 5 }, () => asked.policy()));
  t.true(answers.every(({ ok }) => ok));
  t.is(nes.requests()['token'], 2);
});

test('a second 401 in a row is final', async (t) => {
  const nes = await lab(t);
  nes.faults.add({ route: 'policy', fault: { kind: 'status', status: 401 } });
  isBroken(t, await client(t, nes).policy(), 'rejected', /^policy: .*\(401\)$/);
  t.deepEqual(nes.requests(), { token: 2, policy: 2 });
});

test('a login that NES refuses, and one that is missing, are named as such', async (t) => {
  const nes = await lab(t);
  const other = await lab(t);
  const ca = readFileSync(nes.caFile, 'utf8');
  const refused = new NesClient({ url: nes.url, ca }, basicLogin(other.credentialsFile));
  const missing = new NesClient({ url: nes.url, ca }, basicLogin(`${nes.credentialsFile}.none`));
  t.teardown(() => [refused, missing].forEach((made) => made.close()));
  isBroken(t, await refused.policy(), 'rejected', /^token: .*\(401\)$/);
  isBroken(t, await missing.policy(), 'login', /^token: /);
});

test('a line end after the password in its file is not a part of it, with the user beside or in front of it', async (t) => {
  const nes = await lab(t);
  for (const [file, user] of [[nes.credentialsFile], [nes.passwordFile, nes.user]] as const) {
    writeFileSync(`${file}.edited`, `${readFileSync(file, 'utf8')}\r\n`, { mode: 0o600 });
    const asked = new NesClient({ url: nes.url, ca: readFileSync(nes.caFile, 'utf8') }, basicLogin(`${file}.edited`, user));
    t.teardown(() => asked.close());
    t.like(await asked.policy(), { ok: true });
  }
});

test('a file without a password is no login', async (t) => {
  const file = join(await folder(t), 'login');
  for (const [content, user] of [['', 'lab'], ['\n', 'lab'], ['nocolon', undefined], ['x'.repeat(2000), 'lab']] as const) {
    writeFileSync(file, content);
    t.is(await basicLogin(file, user).authorization('nes.example'), null);
  }
});

test('a token that comes too late for one who waits is there for the next', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  nes.faults.add({ route: 'token', fault: { kind: 'latency', ms: 200 } });
  isBroken(t, await asked.policy(AbortSignal.timeout(50)), 'timeout', /^token: /);
  t.like(await asked.policy(), { ok: true });
  t.is(nes.requests()['token'], 1);
});

test('who gives up gets an answer at once, and the token that others wait for is still fetched', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  nes.faults.add({ route: 'token', fault: { kind: 'latency', ms: 100 } });
  const tap = new AbortController();
  const first = asked.policy(tap.signal);
  const second = asked.policy();
  tap.abort();
  isBroken(t, await first, 'cancelled', /^token: /);
  t.like(await second, { ok: true });
  t.is(nes.requests()['token'], 1);
});
