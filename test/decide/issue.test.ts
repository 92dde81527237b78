import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { prekeysSigned } from '../../contracts/credential.ts';
import { Secret } from '../../contracts/secret.ts';
import { signed, signingPublic } from '../../runtime/identity.ts';
import { newSealKeys, publicBytes, publicKeyOf, sealerFor } from '../../runtime/seal.ts';
import { issue } from '../../services/credential-broker/issue.ts';
import { Prekeys } from '../../services/credential-broker/prekeys.ts';
import type { SealOrder } from '../../services/credential-broker/taps.ts';
import { sealPassword } from '../../services/credential-broker/vault.ts';

const SESSION = 's1000-0123456789';
const TARGET = { window: { id: 'window', pid: 1 }, url: null, user: { ref: 'user', role: 'text' }, password: { ref: 'password' } } as const;
const HOLDER = { userId: '101', user: 'ada', domain: 'LAB' };
const nowUs = (): number => performance.now() * 1000;
const signing = generateKeyPairSync('ed25519').privateKey;

async function broker() {
  const keys = await newSealKeys();
  const prekeys = new Prekeys(async (publicKey) => sealerFor(keys, await publicKeyOf(publicKey), 'credential'));
  const wanted: string[] = [];
  const issued = (withinMs: number) => issue({ prekeys, nowUs, wanting: (session) => wanted.push(session) }, order(withinMs));
  const offer = async (id: string): Promise<boolean> => {
    const stock = [{ id, publicKey: await publicBytes((await newSealKeys()).publicKey), expiresUs: nowUs() + 60_000_000 }];
    return prekeys.offered(SESSION, signingPublic(signing), { boot: id, keys: stock, signature: signed(signing, prekeysSigned(id, stock)) });
  };
  return { prekeys, wanted, issued, offer };
}

function order(withinMs: number): SealOrder {
  const key = new Secret(new Uint8Array(16).fill(7));
  const blob = sealPassword(key, HOLDER.userId, new Secret(new TextEncoder().encode('letmein')));
  const times = { credentialByUs: nowUs() + withinMs * 1000, deadlineUs: nowUs() + 10_000_000, leaseUs: nowUs() + 10_250_000 };
  return { opening: { tap: 'tap', session: SESSION, band: '02:4E:42:00:00:01', via: 'nfc', target: TARGET, application: null, ...times }, holder: HOLDER, key, blob };
}

test('a tap that meets an injector without keys asks for them and is sealed as soon as they come', async (t) => {
  const { wanted, issued, offer } = await broker();
  const sealing = issued(60_000);
  t.deepEqual(wanted, [SESSION]);
  t.true(await offer('fresh'));
  t.like(await sealing, { prekey: 'fresh' });
});

test('keys of an injector that is gone seal nothing', async (t) => {
  const { prekeys, issued, offer } = await broker();
  t.true(await offer('old'));
  prekeys.forget(SESSION);
  const sealing = issued(60_000);
  t.true(await offer('new'));
  t.like(await sealing, { prekey: 'new' });
});

test('where no keys come, the tap is refused before its time for the credential is over', async (t) => {
  const { issued } = await broker();
  const beganUs = nowUs();
  t.deepEqual(await issued(150), { leg: 'prekey', reason: 'no-prekey' });
  t.true(nowUs() - beganUs < 10_000_000);
});

test('what the injector is told of a key beforehand is what its box comes with', async (t) => {
  const { prekeys, issued, offer } = await broker();
  t.true(await offer('only'));
  const { prepared: [prepared] } = await prekeys.prepared(SESSION);
  t.is(prepared?.id, 'only');
  t.like(await issued(60_000), { prekey: 'only', enc: prepared?.enc });
});
