import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { Secret } from '../../contracts/secret.ts';
import type { Fault } from '../../ops/lab/nes/faults.ts';
import { startNes, type Nes, type NesOptions } from '../../ops/lab/nes/server.ts';
import { UNKNOWN_BAND } from '../../ops/lab/people.ts';
import { makePki } from '../../ops/lab/pki.ts';
import { openPassword } from '../../services/credential-broker/vault.ts';
import type { Link } from '../../services/nes-gateway/failure.ts';
import { NesClient, type Answer, type NesSettings } from '../../services/nes-gateway/http.ts';
import { basicLogin } from '../../services/nes-gateway/login.ts';

const MINUTE_MS = 60_000;
const event = (id: string) => ({
  id, event: 'PasswordAutofillSuccess', at: '2026-01-02T03:04:05.678Z', tap: 'tap-1', band: '02:4E:42:00:00:01',
  user: 'TAPLAB\\ada', session: 's1', application: 'chrome https://plant.example', reason: 'ok',
} as const);

async function folder(t: ExecutionContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tapline-nes-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function lab(t: ExecutionContext, options: Partial<NesOptions> = {}): Promise<Nes> {
  const nes = await startNes({ dir: await folder(t), ...options });
  t.teardown(() => nes.close());
  return nes;
}

function client(t: ExecutionContext, nes: Nes, settings: Partial<NesSettings> = {}): NesClient {
  const made = new NesClient({ url: nes.url, ca: readFileSync(nes.caFile, 'utf8'), ...settings }, basicLogin(nes.credentialsFile));
  t.teardown(() => made.close());
  return made;
}

function isBroken(t: ExecutionContext, answer: Answer, link: Link, detail: RegExp): void {
  t.false(answer.ok);
  if (answer.ok) return;
  t.is(answer.link, link);
  t.regex(answer.detail, detail);
}

test('a tap learns who owns the band and what the encrypted password is, in one round trip', async (t) => {
  const nes = await lab(t);
  const ada = nes.people.find('NB-01')!;
  const answer = await client(t, nes).credentialOf(ada.bandId);
  if (!answer.ok) return t.fail(answer.detail);
  t.deepEqual(answer.holder, { userId: ada.userId, user: 'ada', domain: 'TAPLAB', userActive: true, bandActive: true });
  const password = openPassword(new Secret(ada.bandKey!), ada.userId, answer.encryptedPassword!);
  if (password === 'unreadable') return t.fail();
  t.true(password.reveal((bytes) => Buffer.compare(bytes, ada.password!) === 0));
  t.deepEqual(nes.requests(), { token: 1, credential: 1 });
});

test('a NES without the route for both is asked twice, with the same answer', async (t) => {
  const paths = { credential: '', holder: '/{instance}/api/bands/by-id/{bandId}' };
  const nes = await lab(t, { paths });
  const { bandId } = nes.people.find('NB-02')!;
  const answer = await client(t, nes, { paths }).credentialOf(bandId);
  t.like(answer, { ok: true, holder: { user: 'grace' } });
  t.true(answer.ok && answer.encryptedPassword !== null);
  t.deepEqual(nes.requests(), { token: 1, holder: 1, passwordGet: 1 });
});

test('each kind of person is told apart', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  const of = (alias: string) => asked.credentialOf(nes.people.find(alias)!.bandId);
  t.like(await of('NB-03'), { ok: true, holder: { user: 'niklas', userActive: true }, encryptedPassword: null });
  t.like(await of('NB-04'), { ok: true, holder: { user: 'ines', userActive: false, bandActive: false } });
  t.like(await of('NB-05'), { ok: true, holder: { user: 'halvor' }, encryptedPassword: null });
  t.like(await asked.credentialOf(UNKNOWN_BAND.bandId), { ok: false, reason: 'unknown-band' });
  t.like(await asked.holderOf(UNKNOWN_BAND.bandId), { ok: false, reason: 'unknown-band' });
});

test('a tag that names itself like a piece of a path is nobody, and NES is not asked', async (t) => {
  const nes = await lab(t);
  for (const tag of ['', '.', '..', '../', '/']) t.like(await client(t, nes).credentialOf(tag), { ok: false, reason: 'unknown-band' });
  t.deepEqual(nes.requests(), {});
  t.like(await client(t, nes).credentialOf('../Policies/Active?x=1#y'), { ok: false, reason: 'unknown-band' });
  t.deepEqual(nes.requests(), { token: 1, credential: 1 });
});

test('an encrypted password that was put is there until it is deleted, and deleting twice is no error', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  const { userId } = nes.people.find('NB-03')!;
  const encryptedPassword = Uint8Array.from({ length: 157 }, (_, index) => index);
  t.deepEqual(await asked.encryptedPassword(userId), { ok: true, encryptedPassword: null });
  t.deepEqual(await asked.putEncryptedPassword(userId, encryptedPassword), { ok: true });
  t.deepEqual(await asked.encryptedPassword(userId), { ok: true, encryptedPassword });
  t.deepEqual(await asked.deleteEncryptedPassword(userId), { ok: true });
  t.deepEqual(await asked.deleteEncryptedPassword(userId), { ok: true });
  t.deepEqual(await asked.encryptedPassword(userId), { ok: true, encryptedPassword: null });
});

test('an audit event is kept once, however often it is posted', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  t.deepEqual(await asked.postAudit([event('m/1'), event('m/2')]), { ok: true, stored: 2, known: 0 });
  t.deepEqual(await asked.postAudit([event('m/2'), event('m/3')]), { ok: true, stored: 1, known: 1 });
  t.deepEqual(nes.rows.audit().map((row) => row.EventID), ['m/1', 'm/2', 'm/3']);
  t.like(nes.rows.audit()[0]!, { Event: 'PasswordAutofillSuccess', NymiBandID: '02:4E:42:00:00:01', Reason: 'ok' });
});

test('an answer that does not account for every event is not a success', async (t) => {
  const nes = await lab(t);
  nes.faults.add({ route: 'audit', fault: { kind: 'body', text: '{"Stored":1,"Known":0}' } });
  isBroken(t, await client(t, nes).postAudit([event('m/1'), event('m/2')]), 'foreign', /^audit: /);
});

test('an answer about another band is never taken for the one that was asked for', async (t) => {
  const nes = await lab(t);
  const wrong = '/{instance}/api/NymiBands/02:4E:42:00:00:02';
  const asked = client(t, nes, { paths: { holder: wrong, credential: `${wrong}/Credential` } });
  isBroken(t, await asked.holderOf('02:4E:42:00:00:01'), 'foreign', /^holder: /);
  isBroken(t, await asked.credentialOf('02:4E:42:00:00:01'), 'foreign', /^credential: /);
  t.like(await asked.credentialOf('024e42000002'), { ok: true, holder: { user: 'grace' } });
});

test('what the lab keeps is still there after a restart', async (t) => {
  const dir = await folder(t);
  const before = await startNes({ dir });
  const { bandKey, userId } = before.people.find('NB-01')!;
  before.rows.addAudit({ EventID: 'm/1', Event: 'EncryptedPasswordUpdated', Time: '2026-01-02T03:04:05Z', TapID: null, NymiBandID: null, User: null, Session: null, Application: null, Reason: null });
  const encrypted = before.rows.passwordOf(userId);
  await before.close();
  const after = await startNes({ dir });
  t.teardown(() => after.close());
  t.deepEqual(after.rows.passwordOf(userId), encrypted);
  t.deepEqual(after.people.find('NB-01')!.bandKey, bandKey);
  t.is(after.rows.audit().length, 1);
});

test('policy, domain and health are answered; health needs no token', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  t.deepEqual(await asked.health(), { ok: true });
  t.deepEqual(nes.requests(), { health: 1 });
  t.deepEqual(await asked.policy(), { ok: true, lockControl: true });
  nes.model.lockControl = false;
  t.deepEqual(await asked.policy(), { ok: true, lockControl: false });
  t.deepEqual(await asked.domain('TAPLAB'), { ok: true, name: 'TAPLAB', dnsName: 'taplab.example' });
});

test('with Lock Control off a tap gets feature-disabled; a 403 with another cause is an error of NES', async (t) => {
  const nes = await lab(t);
  const asked = client(t, nes);
  nes.faults.add({ route: 'credential', fault: { kind: 'status', status: 403 }, times: 1 });
  isBroken(t, await asked.credentialOf('02:4E:42:00:00:01'), 'status', /^credential: .*\(403\)$/);
  nes.model.lockControl = false;
  t.like(await asked.credentialOf('02:4E:42:00:00:01'), { ok: false, reason: 'feature-disabled' });
  t.like(await asked.putEncryptedPassword('101', Uint8Array.of(1)), { ok: false, reason: 'feature-disabled' });
  t.like(await asked.holderOf('02:4E:42:00:00:01'), { ok: true });
});

test('the instance comes from the path of the URL', async (t) => {
  const nes = await lab(t, { instance: 'plant7' });
  const asked = client(t, nes, { url: `${nes.url}/plant7/` });
  t.is(asked.url, `${nes.url}/plant7`);
  t.like(await asked.policy(), { ok: true });
});

test('an instance that does not exist is an error of NES, not an unknown band', async (t) => {
  const nes = await lab(t);
  const answer = await client(t, nes, { paths: { credential: '/{instance}/nowhere/{bandId}' } }).credentialOf('02:4E:42:00:00:01');
  isBroken(t, answer, 'status', /^credential: .*\(404\)$/);
});

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

test('a line end after the password in the credentials file is not a part of it', async (t) => {
  const nes = await lab(t);
  const file = `${nes.credentialsFile}.edited`;
  writeFileSync(file, `${readFileSync(nes.credentialsFile, 'utf8')}\r\n`, { mode: 0o600 });
  const asked = new NesClient({ url: nes.url, ca: readFileSync(nes.caFile, 'utf8') }, basicLogin(file));
  t.teardown(() => asked.close());
  t.like(await asked.policy(), { ok: true });
});

const FAULTS: readonly { readonly what: string; readonly fault: Fault; readonly link: Link; readonly reason: string }[] = [
  { what: 'a 500', fault: { kind: 'status', status: 500 }, link: 'status', reason: 'nes-error' },
  { what: 'a redirect', fault: { kind: 'status', status: 302 }, link: 'status', reason: 'nes-error' },
  { what: 'a truncated body', fault: { kind: 'truncated' }, link: 'truncated', reason: 'nes-error' },
  { what: 'broken JSON', fault: { kind: 'body', text: '{"Token": <html>' }, link: 'unreadable', reason: 'nes-error' },
  { what: 'a body without end', fault: { kind: 'flood', bytes: 4 * 1024 * 1024 }, link: 'too-large', reason: 'nes-error' },
  { what: 'silence', fault: { kind: 'hang' }, link: 'timeout', reason: 'nes-unreachable' },
  { what: 'an answer that comes too late', fault: { kind: 'latency', ms: 1000 }, link: 'timeout', reason: 'nes-unreachable' },
  { what: 'a closed connection', fault: { kind: 'drop' }, link: 'reset', reason: 'nes-unreachable' },
];

for (const { what, fault, link, reason } of FAULTS) {
  // One at a time: a machine that is busy with the others would be late by itself.
  test.serial(`${what} gives ${reason}, named as ${link}, at the data and at the token, and the next call works`, async (t) => {
    const nes = await lab(t);
    const asked = client(t, nes, link === 'timeout' ? { timeoutMs: 500 } : {});
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

test('the lab says in each answer that its login is insecure, and keeps its secrets to their owner', async (t) => {
  const nes = await lab(t);
  const notice = await new Promise((resolve, reject) => {
    request(`${nes.url}/nes/api/Health`, { ca: readFileSync(nes.caFile), agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.headers['x-nes-lab']));
    }).once('error', reject).end();
  });
  t.regex(String(notice), /insecure/);
  if (process.platform === 'win32') return;
  t.is(statSync(nes.credentialsFile).mode & 0o777, 0o600);
  t.is(statSync(join(nes.caFile, '../nes.key')).mode & 0o777, 0o600);
});

test('no failure holds a password, a login, a token or a header', async (t) => {
  const nes = await lab(t);
  const given = await client(t, nes).token();
  if (!given.ok) return t.fail(given.detail);
  const asked = client(t, nes, { timeoutMs: 300 });
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
    answers.push(await client(t, nes, { timeoutMs: 300 }).token());
  }
  const login = readFileSync(nes.credentialsFile);
  const token = given.token.reveal((bytes) => Buffer.from(bytes));
  const printed = answers.map((answer) => inspect(answer, { depth: null, showHidden: true }) + JSON.stringify(answer)).join('\n');
  for (const secret of [...nes.people.secrets(), login, token].map((bytes) => Buffer.from(bytes))) {
    for (const encoding of ['utf8', 'base64', 'hex'] as const) t.false(printed.includes(secret.toString(encoding)));
  }
  t.false(/authorization|bearer|basic |QUFBQUFBQUFB|02:4E:42|TAPLAB/i.test(printed));
});
