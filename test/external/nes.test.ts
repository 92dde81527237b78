import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import test from 'ava';
import { Secret } from '../../contracts/secret.ts';
import { startNes } from '../../ops/lab/nes/server.ts';
import { UNKNOWN_BAND } from '../../ops/lab/people.ts';
import { openPassword } from '../../services/credential-broker/vault.ts';
import { client, event, folder, isBroken, lab } from './nes-stage.ts';

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
