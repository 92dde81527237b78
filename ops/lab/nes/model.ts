// How the lab's NES answers: no sockets, no clock, no randomness of its own, so that it also runs in virtual time.
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import {
  AuditAnswer, AuditBody, BandAnswer, CredentialAnswer, DomainAnswer, matchPath, NES_ROUTE_NAMES, NES_ROUTES,
  type NesPaths, type NesRouteName, nesPaths, PasswordAnswer, PasswordBody, PolicyAnswer, TokenAnswer,
} from '../../../contracts/external/nes.ts';
import type { LabPeople, LabPerson } from '../people.ts';
import type { NesRows } from './rows.ts';

export interface NesSetup {
  readonly people: LabPeople;
  readonly rows: NesRows;
  /** `user:password` of the one machine that may log in, as bytes. */
  readonly login: Uint8Array;
  readonly instance?: string;
  readonly paths?: Partial<NesPaths>;
  readonly tokenLifeMs?: number;
  readonly seed?: number;
}

export interface NesRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** `body` undefined: none. */
export interface NesReply {
  readonly status: number;
  readonly body?: unknown;
  readonly challenge?: string;
}

export const INSECURE = 'Lab only: Basic login is insecure. Never use it outside of the lab.';
const DEFAULT_TOKEN_LIFE_MS = 30 * 60_000;
const TOKENS_MAX = 1000;

export class NesModel {
  /** What the active policy says; a test may switch it off. */
  lockControl = true;
  readonly #setup: NesSetup;
  readonly #paths: NesPaths;
  readonly #tokens = new Map<string, number>();
  #issued = 0;

  constructor(setup: NesSetup) {
    this.#setup = setup;
    this.#paths = nesPaths(setup.paths);
  }

  /** Which operation a request is for; null: an address that NES does not have. */
  routeOf({ method, path }: Pick<NesRequest, 'method' | 'path'>): NesRouteName | null {
    return this.#resolve(method, path)?.route ?? null;
  }

  /** `nowMs` is monotonic; token lives count from it. */
  answer(request: NesRequest, nowMs: number): NesReply {
    const resolved = this.#resolve(request.method, request.path);
    if (resolved === null) return { status: 404 };
    const { route, values } = resolved;
    const { auth } = NES_ROUTES[route];
    if (auth === 'login' && !this.#isLogin(request.authorization)) return { status: 401, challenge: 'Basic realm="NES lab"' };
    if (auth === 'bearer' && !this.#isToken(request.authorization, nowMs)) return { status: 401, challenge: 'Bearer' };
    const isPassword = route === 'credential' || route.startsWith('password');
    if (isPassword && !this.lockControl) return { status: 403, body: { Message: 'Lock Control is disabled.' } };
    switch (route) {
      case 'token': return { status: 200, body: { Token: this.#issue(nowMs) } satisfies z.input<typeof TokenAnswer> };
      case 'policy': return { status: 200, body: { Name: 'Lab policy', LockControl: this.lockControl } satisfies z.input<typeof PolicyAnswer> };
      case 'health': return { status: 200, body: { Status: 'ok', Notice: INSECURE } };
      case 'holder': return this.#withPerson(values, (person) => bandAnswer(person));
      case 'credential': return this.#withPerson(values, (person) => this.#credentialAnswer(person));
      case 'domain': return this.#domain(values['domain'] ?? '');
      case 'audit': return this.#audit(request.body);
      default: return this.#password(route, values['userId'] ?? '', request.body);
    }
  }

  /** As if the server had restarted: every token is void. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  #resolve(method: string, path: string): { route: NesRouteName; values: Readonly<Record<string, string>> } | null {
    const { instance = 'nes' } = this.#setup;
    for (const route of NES_ROUTE_NAMES) {
      if (NES_ROUTES[route].method !== method || this.#paths[route] === '') continue;
      const values = matchPath(this.#paths[route], path);
      if (values !== null && values['instance'] === instance) return { route, values };
    }
    return null;
  }

  #isLogin(authorization: string | undefined): boolean {
    const expected = `Basic ${Buffer.from(this.#setup.login).toString('base64')}`;
    return authorization !== undefined && timingSafeEqual(digest(authorization), digest(expected));
  }

  #isToken(authorization: string | undefined, nowMs: number): boolean {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    return token !== undefined && (this.#tokens.get(token) ?? 0) > nowMs;
  }

  #issue(nowMs: number): string {
    this.#issued += 1;
    const token = digest(`${this.#setup.seed ?? 0}/${this.#issued}/${Buffer.from(this.#setup.login).toString('base64')}`).toString('base64url');
    if (this.#tokens.size >= TOKENS_MAX) this.#tokens.clear();
    this.#tokens.set(token, nowMs + (this.#setup.tokenLifeMs ?? DEFAULT_TOKEN_LIFE_MS));
    return token;
  }

  #withPerson(values: Readonly<Record<string, string>>, answer: (person: LabPerson) => unknown): NesReply {
    const person = this.#setup.people.all.find(({ bandId }) => bandId === values['bandId']);
    return person === undefined ? NOBODY : { status: 200, body: answer(person) };
  }

  #credentialAnswer(person: LabPerson): z.input<typeof CredentialAnswer> {
    return { ...bandAnswer(person), ...this.#passwordAnswer(person.userId) };
  }

  #passwordAnswer(userId: string): z.input<typeof PasswordAnswer> {
    return z.encode(PasswordAnswer, { EncryptedPassword: this.#setup.rows.passwordOf(userId) });
  }

  #domain(domain: string): NesReply {
    const isKnown = this.#setup.people.all.some((person) => person.domain === domain);
    if (!isKnown) return NOBODY;
    return { status: 200, body: { Name: domain, DnsName: `${domain.toLowerCase()}.example` } satisfies z.input<typeof DomainAnswer> };
  }

  #password(route: 'passwordGet' | 'passwordPut' | 'passwordDelete', userId: string, body: string): NesReply {
    const { people, rows } = this.#setup;
    if (!people.all.some((person) => person.userId === userId)) return NOBODY;
    if (route === 'passwordGet') return { status: 200, body: this.#passwordAnswer(userId) };
    if (route === 'passwordDelete') {
      rows.deletePassword(userId);
      return { status: 204 };
    }
    const put = parse(PasswordBody, body);
    if (put === null) return UNREADABLE;
    rows.putPassword(userId, put.EncryptedPassword);
    return { status: 204 };
  }

  #audit(body: string): NesReply {
    const posted = parse(AuditBody, body);
    if (posted === null) return UNREADABLE;
    const stored = posted.Events.filter((row) => this.#setup.rows.addAudit(row)).length;
    return { status: 200, body: { Stored: stored, Known: posted.Events.length - stored } satisfies z.input<typeof AuditAnswer> };
  }
}

const NOBODY: NesReply = { status: 404, body: { Message: 'There is no such entity.' } };
const UNREADABLE: NesReply = { status: 400, body: { Message: 'The body cannot be read.' } };
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function bandAnswer(person: LabPerson): z.input<typeof BandAnswer> {
  const { active, bandId, domain, user, userId } = person;
  return { NymiBandID: bandId, IsActive: active, UserCore: { ID: Number(userId), Username: user, Domain: domain, IsActive: active } };
}

function parse<T extends z.ZodType>(schema: T, body: string): z.output<T> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
