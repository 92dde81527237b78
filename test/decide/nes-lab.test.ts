import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { fillPath, matchPath, NES_ROUTE_NAMES, NES_ROUTES, nesPaths } from '../../contracts/external/nes.ts';
import { Faults } from '../../ops/lab/nes/faults.ts';
import { NesModel } from '../../ops/lab/nes/model.ts';
import { memoryRows } from '../../ops/lab/nes/rows.ts';
import { makePeople, UNKNOWN_BAND } from '../../ops/lab/people.ts';

const LOGIN = new TextEncoder().encode('lab:login');
const BASIC = `Basic ${Buffer.from(LOGIN).toString('base64')}`;

function folder(t: ExecutionContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tapline-lab-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  return dir;
}

function model(t: ExecutionContext, tokenLifeMs = 1000) {
  return new NesModel({ people: makePeople(folder(t)), rows: memoryRows(), login: LOGIN, tokenLifeMs });
}
const get = (path: string, authorization?: string) => ({ method: 'GET', path, authorization, body: '' });
const tokenOf = (nes: NesModel, nowMs: number) =>
  (nes.answer(get('/nes_AS/api/BasicLoginWithToken', BASIC), nowMs).body as { Token: string }).Token;

test('whatever is put into the braces of a path comes out of them again', (t) => {
  const value = fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }).filter((text) => text.isWellFormed());
  for (const path of NES_ROUTE_NAMES.map((route) => NES_ROUTES[route].path)) {
    fc.assert(fc.property(value, value, (instance, other) => {
      const values = { instance, bandId: other, userId: other, domain: other };
      const found = matchPath(path, fillPath(path, values));
      t.deepEqual(found, Object.fromEntries(Object.keys(found ?? {}).map((key) => [key, values[key as keyof typeof values]])));
      t.is(found?.['instance'], instance);
    }), { numRuns: 20 });
  }
});

test('a path that is broken, longer or of another route does not match', (t) => {
  const { holder } = nesPaths();
  for (const path of ['', '/nes/api/NymiBands/', '/nes/api/NymiBands/a/b', '/nes/api/NymiBands/%E0%A4%A', '/nes/apixNymiBands/a']) {
    t.is(matchPath(holder, path), null);
  }
});

test('the configuration replaces single paths and leaves the others', (t) => {
  const paths = nesPaths({ policy: '/{instance}/other' });
  t.is(paths.policy, '/{instance}/other');
  t.is(paths.token, '/{instance}_AS/api/BasicLoginWithToken');
});

test('a token is good until the end of its life and not a moment longer', (t) => {
  const nes = model(t);
  const token = tokenOf(nes, 5);
  t.is(nes.answer(get('/nes/api/Policies/Active', `Bearer ${token}`), 1004).status, 200);
  t.is(nes.answer(get('/nes/api/Policies/Active', `Bearer ${token}`), 1005).status, 401);
});

test('without the right login there is no token, without a token no data', (t) => {
  const nes = model(t);
  for (const authorization of [undefined, 'Basic', `${BASIC}A`, BASIC.toLowerCase()]) {
    t.is(nes.answer(get('/nes_AS/api/BasicLoginWithToken', authorization), 0).status, 401);
  }
  for (const authorization of [undefined, 'Bearer', 'Bearer x', BASIC]) t.is(nes.answer(get('/nes/api/Policies/Active', authorization), 0).status, 401);
});

test('the same model asked the same in virtual time answers the same', (t) => {
  const people = makePeople(folder(t));
  const run = () => {
    const nes = new NesModel({ people, rows: memoryRows(), login: LOGIN, seed: 7 });
    const token = tokenOf(nes, 0);
    return [token, ...people.all.map(({ bandId }) => nes.answer(get(`/nes/api/NymiBands/${bandId}`, `Bearer ${token}`), 1))];
  };
  t.deepEqual(run(), run());
});

test('with Lock Control off NES gives out and takes no password', (t) => {
  const nes = model(t);
  const token = `Bearer ${tokenOf(nes, 0)}`;
  nes.lockControl = false;
  t.like(nes.answer(get('/nes/api/Policies/Active', token), 0), { status: 200, body: { LockControl: false } });
  t.is(nes.answer(get('/nes/api/UserCores/101/EncryptedPassword', token), 0).status, 403);
  t.is(nes.answer(get('/nes/api/NymiBands/02:4E:42:00:00:01/Credential', token), 0).status, 403);
  t.is(nes.answer({ ...get('/nes/api/UserCores/101/EncryptedPassword', token), method: 'PUT', body: '{"EncryptedPassword":"AA=="}' }, 0).status, 403);
});

test('a body that cannot be read is refused and changes nothing', (t) => {
  const nes = model(t);
  const authorization = `Bearer ${tokenOf(nes, 0)}`;
  for (const body of ['', '{', '[]', '{"EncryptedPassword":"%"}', '{"EncryptedPassword":null}', '{"Events":[{}]}']) {
    t.is(nes.answer({ method: 'PUT', path: '/nes/api/UserCores/101/EncryptedPassword', authorization, body }, 0).status, 400);
    t.is(nes.answer({ method: 'POST', path: '/nes/api/AuditEvents', authorization, body }, 0).status, 400);
  }
  t.deepEqual(nes.answer(get('/nes/api/UserCores/101/EncryptedPassword', authorization), 0).body, { EncryptedPassword: null });
});

test('the same seed draws the same faults, and a fault that is used up is gone', (t) => {
  const draw = (seed: number) => {
    const faults = new Faults(seed);
    faults.add({ fault: { kind: 'drop' }, chance: 0.5 });
    return Array.from({ length: 64 }, () => faults.strike('policy') !== null);
  };
  t.deepEqual(draw(3), draw(3));
  t.notDeepEqual(draw(3), draw(4));
  const faults = new Faults(1);
  faults.add({ route: 'policy', fault: { kind: 'hang' }, times: 2 });
  t.deepEqual([faults.strike('token'), faults.strike('policy')?.kind, faults.strike('policy')?.kind, faults.strike('policy')], [null, 'hang', 'hang', null]);
});

test('the people of a folder are the same for all who ask, those of another folder have other secrets', (t) => {
  const dir = folder(t);
  t.deepEqual(makePeople(dir).all, makePeople(dir).all);
  t.notDeepEqual(makePeople(dir).secrets(), makePeople(folder(t)).secrets());
});

test('the lab has a person for each case', (t) => {
  const people = makePeople(folder(t));
  const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  for (const alias of ['NB-01', 'NB-02']) t.regex(text(people.find(alias)!.password!), /[^\x00-\x7f]/);
  t.like(people.find('NB-03'), { active: true, password: null });
  t.false(people.find('NB-04')!.active);
  t.is(people.find('NB-05')!.bandKey, null);
  t.is(text(people.find('NB-06')!.password!).length, 127);
  for (const band of Object.values(UNKNOWN_BAND)) t.is(people.find(band), undefined);
  t.is(people.find('nb-02'), people.find(people.find('NB-02')!.bandId.toLowerCase()));
  t.is(people.find('NB-02'), people.find(people.find('NB-02')!.nfcUid));
});

test('passwords and keys lie in files that only their owner reads', (t) => {
  const dir = folder(t);
  makePeople(dir);
  t.pass();
  if (process.platform === 'win32') return;
  t.is(statSync(join(dir, 'people')).mode & 0o777, 0o700);
  t.is(statSync(join(dir, 'people', 'NB-01.password')).mode & 0o777, 0o600);
  t.is(statSync(join(dir, 'people', 'NB-01.key')).mode & 0o777, 0o600);
});
