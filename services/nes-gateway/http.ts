// The operations of NES as functions. Every answer is a value; what went wrong names the first broken link and nothing else.
import { z } from 'zod';
import type { AuditEvent } from '../../contracts/audit-event.ts';
import * as nes from '../../contracts/external/nes.ts';
import { Secret } from '../../contracts/secret.ts';
import { Connection, type Received } from './connection.ts';
import { failure, linkOfAbort, type Failure, type Link } from './failure.ts';
import { Gate, GateAnswer } from './gate.ts';
import type { Login } from './login.ts';
import { TokenKeeper } from './token.ts';

export interface NesSettings {
  /** `https://HOST[:PORT]`; a path, if there is one, is the instance. */
  readonly url: string;
  /** Default: the path of the URL, else `nes`. */
  readonly instance?: string;
  readonly paths?: Partial<nes.NesPaths>;
  /** PEM of the only authorities to trust. Default: those of Node and of the operating system. */
  readonly ca?: string;
  /** For one operation, with its waiting, login and second tries. */
  readonly timeoutMs?: number;
  /** For one batch of audit events. */
  readonly auditMs?: number;
  /** For the fetch of a token, which goes on when those who wait for it have given up. */
  readonly tokenMs?: number;
  readonly tokenLifeMs?: number;
  readonly inFlightMax?: number;
  readonly waitingMax?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface Holder {
  readonly userId: string;
  readonly user: string;
  readonly domain: string;
  readonly userActive: boolean;
  readonly bandActive: boolean;
}

export interface Credential {
  readonly holder: Holder;
  /** Null: NES keeps none. */
  readonly encryptedPassword: Uint8Array | null;
}

/** `T` where it worked; where not, why not. */
export type Answer<T extends object = object> = ({ readonly ok: true } & Readonly<T>) | Failure;

export class NesClient {
  readonly #origin: string;
  readonly #instance: string;
  readonly #paths: nes.NesPaths;
  readonly #login: Login;
  readonly #timeoutMs: number;
  readonly #auditMs: number;
  readonly #tokenMs: number;
  readonly #connection: Connection;
  readonly #gate: Gate;
  readonly #tokens: TokenKeeper<Failure>;
  readonly #closed = new AbortController();

  /** Connects at the first call. Throws `TypeError` for a URL that is not https: the configuration checks it. */
  constructor(settings: NesSettings, login: Login) {
    const { inFlightMax = IN_FLIGHT_MAX, waitingMax = WAITING_MAX } = settings;
    const url = new URL(settings.url);
    if (url.protocol !== 'https:') throw new TypeError('the URL of NES must begin with https:');
    this.#origin = url.origin;
    this.#instance = settings.instance ?? (url.pathname.replaceAll('/', '') || DEFAULT_INSTANCE);
    this.#paths = nes.nesPaths(settings.paths);
    this.#login = login;
    this.#timeoutMs = settings.timeoutMs ?? TIMEOUT_MS;
    this.#auditMs = settings.auditMs ?? TIMEOUT_MS;
    this.#tokenMs = settings.tokenMs ?? TIMEOUT_MS;
    // One more than may be under way: the token's own request.
    this.#connection = new Connection({ ca: settings.ca, socketsMax: inFlightMax + 1 });
    this.#gate = new Gate({ insideMax: inFlightMax, waitingMax });
    this.#tokens = new TokenKeeper(() => this.#fetchToken(), {
      lifeMs: settings.tokenLifeMs ?? TOKEN_LIFE_MS,
      now: settings.now ?? (() => performance.now()),
    });
  }

  /** `https://HOST/INSTANCE`, as the Nymi Agent wants it. */
  get url(): string {
    return `${this.#origin}/${this.#instance}`;
  }

  /** The token of this machine, owned by the caller. */
  async token(signal?: AbortSignal): Promise<Answer<{ token: Secret }>> {
    const scope = this.#scope(this.#tokenMs, signal);
    const token = await this.#tokenWithin(scope, this.#tokens.get());
    return typeof token === 'string' ? { ok: true, token: new Secret(new TextEncoder().encode(token)) } : token;
  }

  async policy(signal?: AbortSignal): Promise<Answer<{ lockControl: boolean }>> {
    const answer = await this.#ask({ route: 'policy' }, nes.PolicyAnswer, signal);
    return answer.ok ? { ok: true, lockControl: answer.body.LockControl } : answer;
  }

  /** The user of a band; reason `unknown-band` if there is none. */
  async holderOf(bandId: string, signal?: AbortSignal): Promise<Answer<{ holder: Holder }>> {
    const answer = await this.#askBand('holder', bandId, nes.BandAnswer, signal);
    return answer.ok ? { ok: true, holder: holderIn(answer.body) } : answer;
  }

  /** Null: NES keeps none for this user. */
  async encryptedPassword(userId: string, signal?: AbortSignal): Promise<Answer<{ encryptedPassword: Uint8Array | null }>> {
    const answer = await this.#ask({ route: 'passwordGet', values: { userId } }, nes.PasswordAnswer, signal);
    return answer.ok ? { ok: true, encryptedPassword: answer.body.EncryptedPassword } : answer;
  }

  /** All that a tap needs of NES, in one round trip where NES has a route for it, else in two. Reasons as `holderOf`. */
  async credentialOf(bandId: string, signal?: AbortSignal): Promise<Answer<Credential>> {
    if (this.#paths.credential === '') return this.#credentialInTwo(bandId, signal);
    const answer = await this.#askBand('credential', bandId, nes.CredentialAnswer, signal);
    return answer.ok ? { ok: true, holder: holderIn(answer.body), encryptedPassword: answer.body.EncryptedPassword } : answer;
  }

  async domain(domain: string, signal?: AbortSignal): Promise<Answer<{ name: string; dnsName: string }>> {
    const answer = await this.#ask({ route: 'domain', values: { domain } }, nes.DomainAnswer, signal);
    return answer.ok ? { ok: true, name: answer.body.Name, dnsName: answer.body.DnsName } : answer;
  }

  /** At most 4096 bytes; more is a bug of the caller and throws. */
  async putEncryptedPassword(userId: string, encryptedPassword: Uint8Array, signal?: AbortSignal): Promise<Answer> {
    const body = z.encode(nes.PasswordBody, { EncryptedPassword: encryptedPassword });
    return this.#tell({ route: 'passwordPut', values: { userId }, body }, signal);
  }

  async deleteEncryptedPassword(userId: string, signal?: AbortSignal): Promise<Answer> {
    return this.#tell({ route: 'passwordDelete', values: { userId } }, signal);
  }

  /** At most 64 events. It worked only if NES accounts for every one of them, as new or as known. */
  async postAudit(events: readonly AuditEvent[], signal?: AbortSignal): Promise<Answer<{ stored: number; known: number }>> {
    const answer = await this.#ask({ route: 'audit', body: { Events: events.map(auditRow) } }, nes.AuditAnswer, signal);
    if (!answer.ok) return answer;
    const { Stored: stored, Known: known } = answer.body;
    return stored + known === events.length ? { ok: true, stored, known } : failure('audit', 'foreign');
  }

  /** Does the service answer at all? Needs no token. */
  async health(signal?: AbortSignal): Promise<Answer> {
    return this.#tell({ route: 'health' }, signal);
  }

  /** Ends what is under way as `cancelled`. */
  close(): void {
    this.#closed.abort();
    this.#connection.close();
  }

  async #credentialInTwo(bandId: string, signal?: AbortSignal): Promise<Answer<Credential>> {
    const found = await this.holderOf(bandId, signal);
    if (!found.ok) return found;
    const stored = await this.encryptedPassword(found.holder.userId, signal);
    return stored.ok ? { ...stored, holder: found.holder } : stored;
  }

  /** A tag that somebody lays on the reader may call itself anything: what has no digit is nobody's and goes into no URL. */
  async #askBand<S extends z.ZodType<{ NymiBandID: string }>>(
    route: 'holder' | 'credential', bandId: string, schema: S, signal?: AbortSignal,
  ): Promise<Answer<{ body: z.output<S> }>> {
    const digits = digitsOf(bandId);
    if (digits === '') return failure(route, 'nobody');
    const answer = await this.#ask({ route, values: { bandId } }, schema, signal);
    return answer.ok && digitsOf(answer.body.NymiBandID) !== digits ? failure(route, 'foreign') : answer;
  }

  async #ask<S extends z.ZodType>(call: Call, schema: S, signal?: AbortSignal): Promise<Answer<{ body: z.output<S> }>> {
    const answer = await this.#call(call, signal);
    return 'ok' in answer ? answer : read(call.route, schema, answer);
  }

  async #tell(call: Call, signal?: AbortSignal): Promise<Answer> {
    const answer = await this.#call(call, signal);
    return 'ok' in answer ? answer : { ok: true };
  }

  async #call(call: Call, signal?: AbortSignal): Promise<Received | Failure> {
    const { route } = call;
    const scope = this.#scope(route === 'audit' ? this.#auditMs : this.#timeoutMs, signal);
    const isOpen = nes.NES_ROUTES[route].auth === 'none';
    const answer = await this.#gate.run(scope, () => (isOpen ? this.#send(call, null, scope) : this.#sendWithToken(call, scope)));
    if (answer === GateAnswer.full) return failure(route, 'overloaded');
    if (answer === GateAnswer.aborted) return failure(route, linkOfAbort(scope));
    if ('ok' in answer) return answer;
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (answer.status === 403 && NEEDS_LOCK_CONTROL.has(route) && (await this.#isDisabled(signal))) return failure(route, 'disabled', 403);
    return failure(route, linkOfStatus(route, answer), answer.status);
  }

  /** A 403 may have other causes: the policy tells. */
  async #isDisabled(signal?: AbortSignal): Promise<boolean> {
    const policy = await this.policy(signal);
    return policy.ok && !policy.lockControl;
  }

  async #sendWithToken(call: Call, scope: AbortSignal): Promise<Received | Failure> {
    const token = await this.#tokenWithin(scope, this.#tokens.get());
    if (typeof token !== 'string') return token;
    const answer = await this.#send(call, `Bearer ${token}`, scope);
    if ('ok' in answer || answer.status !== 401) return answer;
    const renewed = await this.#tokenWithin(scope, this.#tokens.replace(token));
    return typeof renewed === 'string' ? this.#send(call, `Bearer ${renewed}`, scope) : renewed;
  }

  /** The fetch goes on for the others when one who waits for it gives up. */
  async #tokenWithin(scope: AbortSignal, token: Promise<string | Failure>): Promise<string | Failure> {
    if (scope.aborted) return failure('token', linkOfAbort(scope));
    const given = Promise.withResolvers<Failure>();
    const giveUp = () => given.resolve(failure('token', linkOfAbort(scope)));
    scope.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([token, given.promise]);
    } finally {
      scope.removeEventListener('abort', giveUp);
    }
  }

  async #fetchToken(): Promise<string | Failure> {
    const scope = this.#scope(this.#tokenMs);
    const authorization = await this.#login.authorization(new URL(this.#origin).hostname);
    if (authorization === null) return failure('token', 'login');
    const answer = await this.#send({ route: 'token' }, authorization, scope);
    if ('ok' in answer) return answer;
    if (answer.status !== 200) return failure('token', linkOfStatus('token', answer), answer.status);
    const parsed = read('token', nes.TokenAnswer, answer);
    return parsed.ok ? parsed.body.Token : parsed;
  }

  #send({ route, values, body }: Call, authorization: string | null, scope: AbortSignal): Promise<Received | Failure> {
    const path = nes.fillPath(this.#paths[route], { ...values, instance: this.#instance });
    return this.#connection.send({ route, url: this.#origin + path, body, authorization }, scope);
  }

  #scope(timeoutMs: number, signal?: AbortSignal): AbortSignal {
    const signals = [this.#closed.signal, AbortSignal.timeout(timeoutMs)];
    return AbortSignal.any(signal === undefined ? signals : [...signals, signal]);
  }
}

interface Call {
  readonly route: nes.NesRouteName;
  /** For the braces of the path. */
  readonly values?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const NEEDS_LOCK_CONTROL: ReadonlySet<nes.NesRouteName> = new Set(['credential', 'passwordGet', 'passwordPut', 'passwordDelete']);
const DEFAULT_INSTANCE = 'nes';
const TIMEOUT_MS = 5000;
/** The least that the guide asks of the server (4.1.5). */
const TOKEN_LIFE_MS = 30 * 60_000;
const IN_FLIGHT_MAX = 8;
const WAITING_MAX = 64;

function read<S extends z.ZodType>(route: nes.NesRouteName, schema: S, answer: Received): Answer<{ body: z.output<S> }> {
  try {
    const parsed = schema.safeParse(JSON.parse(answer.body.toString()));
    return parsed.success ? { ok: true, body: parsed.data } : failure(route, 'unreadable');
  } catch {
    return failure(route, 'unreadable');
  }
}

/** 404: a missing entity is told in JSON, a missing application by the web server in HTML. */
function linkOfStatus(route: nes.NesRouteName, { isJson, status }: Received): Link {
  if (status === 401) return 'rejected';
  return status === 404 && isJson && (route === 'holder' || route === 'credential') ? 'nobody' : 'status';
}

/** Servers differ in case and separators of a band id, never in its digits. */
const digitsOf = (bandId: string): string => bandId.replaceAll(/[^0-9a-z]/gi, '').toUpperCase();

function holderIn({ IsActive, UserCore }: z.output<typeof nes.BandAnswer>): Holder {
  return { userId: UserCore.ID, user: UserCore.Username, domain: UserCore.Domain, userActive: UserCore.IsActive, bandActive: IsActive };
}

function auditRow({ id, event, at, tap, band, user, session, application, reason }: AuditEvent): z.input<typeof nes.AuditBody>['Events'][number] {
  return { EventID: id, Event: event, Time: at, TapID: tap, NymiBandID: band, User: user, Session: session, Application: application, Reason: reason };
}
