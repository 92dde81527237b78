// The lab's own certificate authority, so that TLS in the lab is checked as strictly as on site.
import { X509Certificate as NodeCertificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** Paths of PEM files. */
export interface Pki {
  readonly caFile: string;
  readonly certFile: string;
  /** PKCS #8, mode 0600. */
  readonly keyFile: string;
}

export interface PkiOptions {
  /** DNS names and IP addresses of the leaf. Default: localhost and both loopback addresses. */
  readonly names?: readonly string[];
  /** Life of the leaf. Default: from a day ago for 90 days. */
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Wall time that decides whether what lies there may be used again. Default: now. */
  readonly now?: Date;
}

/**
 * A CA and a leaf signed by it (EC P-256) in `dir/pki` (0700). What is already there is used again unless it ends
 * within a week; the CA's key is not kept, so a new leaf comes with a new CA.
 */
export async function makePki(dir: string, options: PkiOptions = {}): Promise<Pki> {
  const folder = join(dir, 'pki');
  const pki = { caFile: join(folder, 'ca.pem'), certFile: join(folder, 'nes.pem'), keyFile: join(folder, 'nes.key') };
  const now = options.now ?? new Date();
  if (isUsable(pki, now)) return pki;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ca = await makeCa(now);
  const leaf = await makeLeaf(ca, now, options);
  writeFileSync(pki.keyFile, await privatePem(leaf.keys), { mode: 0o600 });
  writeFileSync(pki.certFile, leaf.certificate.toString('pem'));
  writeFileSync(pki.caFile, ca.certificate.toString('pem'));
  return pki;
}

const DAY_MS = 86_400_000;
const RENEW_BEFORE_END_MS = 7 * DAY_MS;
const LIFE_MS = 90 * DAY_MS;
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Issued {
  readonly certificate: x509.X509Certificate;
  readonly keys: CryptoKeyPair;
}
type CryptoKeyPair = { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };
type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

function isUsable({ caFile, certFile, keyFile }: Pki, now: Date): boolean {
  if (![caFile, certFile, keyFile].every((file) => existsSync(file))) return false;
  const { validTo } = new NodeCertificate(readFileSync(certFile));
  return Date.parse(validTo) - now.getTime() > RENEW_BEFORE_END_MS;
}

async function makeCa(now: Date): Promise<Issued> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Tapline lab CA, OU=For tests only',
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + LIFE_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

async function makeLeaf(ca: Issued, now: Date, { names = LOOPBACK_NAMES, notBefore, notAfter }: PkiOptions): Promise<Issued> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=Tapline lab NES',
    issuer: ca.certificate.subject,
    notBefore: notBefore ?? new Date(now.getTime() - DAY_MS),
    notAfter: notAfter ?? new Date(now.getTime() + LIFE_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }))),
      await x509.AuthorityKeyIdentifierExtension.create(ca.keys.publicKey),
    ],
  });
  return { certificate, keys };
}

const makeKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;

async function privatePem({ privateKey }: Issued['keys']): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
}
