// The lab's NES on a loopback port: sockets, files and time around the model.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NesPaths } from '../../../contracts/external/nes.ts';
import { Secret } from '../../../contracts/secret.ts';
import { sealPassword } from '../../../services/credential-broker/vault.ts';
import { makePki, type PkiOptions } from '../pki.ts';
import { makePeople, type LabPeople } from '../people.ts';
import { Faults, type Fault } from './faults.ts';
import { INSECURE, NesModel, type NesReply } from './model.ts';
import { sqliteRows, type AuditRow, type NesRows } from './rows.ts';

export interface NesOptions {
  /** The lab's folder; certificates, people, rows and the login are kept in it. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly people?: LabPeople;
  readonly pki?: PkiOptions;
  readonly instance?: string;
  readonly paths?: Partial<NesPaths>;
  readonly tokenLifeMs?: number;
  readonly seed?: number;
  /** Monotonic milliseconds, for the life of tokens. */
  readonly now?: () => number;
}

export interface Nes {
  /** `https://localhost:PORT` */
  readonly url: string;
  readonly port: number;
  /** PEM of the CA that signed the certificate. */
  readonly caFile: string;
  /** `user:password` of the machine, mode 0600. */
  readonly credentialsFile: string;
  /** The same in two parts: the user, and a file with the password alone. */
  readonly user: string;
  readonly passwordFile: string;
  readonly people: LabPeople;
  readonly model: NesModel;
  readonly rows: NesRows;
  readonly faults: Faults;
  /** Requests taken since the start, by route. */
  requests(): Readonly<Record<string, number>>;
  /** Cuts what is still open. */
  close(): Promise<void>;
}

/** Starts the lab's NES. On the first start in `dir` every person with a password gets it stored, sealed with the band's key. */
export async function startNes(options: NesOptions): Promise<Nes> {
  const { dir, now = () => performance.now(), port = 0, seed = 1 } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const people = options.people ?? makePeople(dir);
  const pki = await makePki(dir, options.pki);
  const { credentialsFile, passwordFile } = keptLogin(dir);
  const rowsFile = join(dir, 'nes.sqlite');
  const isFirstStart = !existsSync(rowsFile);
  const rows = sqliteRows(rowsFile);
  if (isFirstStart) storePasswords(people, rows);
  const model = new NesModel({ ...options, people, rows, login: readFileSync(credentialsFile) });
  const faults = new Faults(seed);
  const counts: Record<string, number> = {};
  const server = createServer({ cert: readFileSync(pki.certFile), key: readFileSync(pki.keyFile), keepAliveTimeout: KEEP_ALIVE_MS });
  server.on('request', (request, response) => void serve({ model, faults, counts, now }, request, response));
  const address = await listen(server, port).catch((error: unknown) => {
    rows.close();
    throw error;
  });
  return {
    url: `https://localhost:${address.port}`,
    port: address.port,
    caFile: pki.caFile,
    credentialsFile,
    user: LOGIN_USER,
    passwordFile,
    people,
    model,
    rows,
    faults,
    requests: () => ({ ...counts }),
    close: async () => {
      await closed(server);
      rows.close();
    },
  };
}

export type { AuditRow };

const BODY_BYTES_MAX = 1024 * 1024;
/** As IIS: two minutes. */
const KEEP_ALIVE_MS = 120_000;

const LOGIN_USER = 'tapline-lab';

function keptLogin(dir: string): { credentialsFile: string; passwordFile: string } {
  const passwordFile = join(dir, 'nes-password');
  const credentialsFile = join(dir, 'nes-login');
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  writeFileSync(credentialsFile, Buffer.concat([Buffer.from(`${LOGIN_USER}:`), readFileSync(passwordFile)]), { mode: 0o600 });
  return { credentialsFile, passwordFile };
}

function storePasswords(people: LabPeople, rows: NesRows): void {
  for (const { bandKey, password, userId } of people.all) {
    if (bandKey === null || password === null) continue;
    rows.putPassword(userId, sealPassword(new Secret(Uint8Array.from(bandKey)), userId, new Secret(Uint8Array.from(password))));
  }
}

interface Parts {
  readonly model: NesModel;
  readonly faults: Faults;
  readonly counts: Record<string, number>;
  readonly now: () => number;
}

async function serve({ model, faults, counts, now }: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (body === null) return void response.destroy();
  const method = request.method ?? '';
  const path = new URL(request.url ?? '/', 'https://nes').pathname;
  const route = model.routeOf({ method, path });
  counts[route ?? 'unknown'] = (counts[route ?? 'unknown'] ?? 0) + 1;
  const fault = route === null ? null : faults.strike(route);
  const answer = () => model.answer({ method, path, authorization: request.headers.authorization, body }, now());
  if (fault !== null && fault.kind !== 'latency') return strike(fault, answer, response);
  if (fault !== null) await delay(fault.ms);
  // Who waited may be gone by now, and after `close()` so are the rows.
  if (request.socket.destroyed) return;
  write(response, answer());
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes > BODY_BYTES_MAX) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString();
}

function strike(fault: Exclude<Fault, { kind: 'latency' }>, answer: () => NesReply, response: ServerResponse): void {
  switch (fault.kind) {
    case 'hang': return;
    case 'drop': return void response.destroy();
    case 'status': return void response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<h1>Server Error</h1>');
    case 'body': return void response.writeHead(200, HEADERS).end(fault.text);
    case 'flood': return void response.writeHead(200, HEADERS).end(Buffer.alloc(fault.bytes, ' '));
    case 'truncated': {
      const whole = JSON.stringify(answer().body ?? {});
      response.writeHead(200, { ...HEADERS, 'content-length': Buffer.byteLength(whole) });
      return void response.write(whole.slice(0, whole.length / 2), () => response.destroy());
    }
  }
}

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'x-nes-lab': INSECURE };

function write(response: ServerResponse, { status, body, challenge }: NesReply): void {
  const headers = challenge === undefined ? HEADERS : { ...HEADERS, 'www-authenticate': challenge };
  if (body === undefined) return void response.writeHead(status, { ...headers, 'content-type': 'text/plain' }).end();
  const text = JSON.stringify(body);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
