// What is said to NES over HTTPS, in one table. Most of it is not public: `known` says how sure each row is, and the
// configuration may replace any path. The gateway and the lab's NES both speak from here.
import { z } from 'zod';
import { AUDIT_EVENTS, AUDIT_EVENTS_MAX } from '../audit-event.ts';

/** Where a row comes from. */
export const Known = {
  /** Documented by the vendor. */
  fact: 'fact',
  /** Read from code that others run against a NES; no promise by the vendor. */
  code: 'code',
  /** Nothing is known: ours to define. */
  guess: 'guess',
} as const;
export type Known = (typeof Known)[keyof typeof Known];

/** `login`: the scheme of the login (Basic or Negotiate). `bearer`: the token. */
export type NesAuth = 'login' | 'bearer' | 'none';

export interface NesRoute {
  readonly doc: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Parameters in braces; `{instance}` is the name of the service, `nes` by default. */
  readonly path: string;
  readonly auth: NesAuth;
  readonly known: Known;
  /** Null: no body. */
  readonly request: z.ZodType | null;
  /** Tolerant of unknown fields, strict on ours. Null: the body does not matter. */
  readonly response: z.ZodType | null;
}

export const ENCRYPTED_PASSWORD_BYTES_MAX = 4096;
const BASE64_CHARS_MAX = Math.ceil(ENCRYPTED_PASSWORD_BYTES_MAX / 3) * 4;
const TOKEN_CHARS_MAX = 8192;

const id = z.union([z.string().regex(/^[\w-]{1,64}$/), z.int()]).transform(String);
const name = z.string().min(1).max(256);
/** Bytes here, base64 on the wire. */
const base64Bytes = z.codec(z.base64().max(BASE64_CHARS_MAX), z.custom<Uint8Array>((value) => value instanceof Uint8Array), {
  decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
  encode: (bytes) => Buffer.from(bytes).toString('base64'),
});

export const TokenAnswer = z.object({ Token: z.string().min(1).max(TOKEN_CHARS_MAX) });
/** `LockControl`: the Nymi Lock Control option, without which NES keeps no passwords. */
export const PolicyAnswer = z.object({ Name: z.string().max(256), LockControl: z.boolean() });
export const BandAnswer = z.object({
  NymiBandID: z.string().max(64),
  IsActive: z.boolean(),
  UserCore: z.object({ ID: id, Username: name, Domain: name, IsActive: z.boolean() }),
});
export const DomainAnswer = z.object({ Name: name, DnsName: name });
export const PasswordAnswer = z.object({ EncryptedPassword: base64Bytes.nullable() });
export const CredentialAnswer = BandAnswer.extend(PasswordAnswer.shape);
export const PasswordBody = z.object({ EncryptedPassword: base64Bytes });
export const AuditBody = z.object({
  Events: z.array(z.object({
    EventID: z.string().min(1).max(128),
    Event: z.enum(AUDIT_EVENTS),
    Time: z.iso.datetime(),
    TapID: z.string().max(64).nullable(),
    NymiBandID: z.string().max(64).nullable(),
    User: z.string().max(512).nullable(),
    Session: z.string().max(64).nullable(),
    Application: z.string().max(1024).nullable(),
    Reason: z.string().max(64).nullable(),
  })).max(AUDIT_EVENTS_MAX),
});
/** How many were new, and how many NES had already. */
export const AuditAnswer = z.object({ Stored: z.int().min(0), Known: z.int().min(0) });

export const NES_ROUTES = {
  token: {
    doc: 'A token for the services, by the login of this machine. Its life is `WSTokenTTL` of the server, at least 30 minutes.',
    method: 'GET', path: '/{instance}_AS/api/BasicLoginWithToken', auth: 'login', known: Known.code,
    request: null, response: TokenAnswer,
  },
  policy: {
    doc: 'The active policy.',
    method: 'GET', path: '/{instance}/api/Policies/Active', auth: 'bearer', known: Known.guess,
    request: null, response: PolicyAnswer,
  },
  holder: {
    doc: 'The user of a band. The entity names are known, the address by band id is not. 404 with a JSON body: nobody.',
    method: 'GET', path: '/{instance}/api/NymiBands/{bandId}', auth: 'bearer', known: Known.guess,
    request: null, response: BandAnswer,
  },
  credential: {
    doc: 'The user of a band together with the encrypted password: one round trip at a tap. An empty path: NES has no such route.',
    method: 'GET', path: '/{instance}/api/NymiBands/{bandId}/Credential', auth: 'bearer', known: Known.guess,
    request: null, response: CredentialAnswer,
  },
  domain: {
    doc: 'Names of a domain.',
    method: 'GET', path: '/{instance}/api/Domains/{domain}', auth: 'bearer', known: Known.guess,
    request: null, response: DomainAnswer,
  },
  passwordGet: {
    doc: 'The encrypted password of a user, null if there is none.',
    method: 'GET', path: '/{instance}/api/UserCores/{userId}/EncryptedPassword', auth: 'bearer', known: Known.guess,
    request: null, response: PasswordAnswer,
  },
  passwordPut: {
    doc: 'Keeps an encrypted password in place of the one before.',
    method: 'PUT', path: '/{instance}/api/UserCores/{userId}/EncryptedPassword', auth: 'bearer', known: Known.guess,
    request: PasswordBody, response: null,
  },
  passwordDelete: {
    doc: 'Clears the encrypted password; nothing to clear is no error.',
    method: 'DELETE', path: '/{instance}/api/UserCores/{userId}/EncryptedPassword', auth: 'bearer', known: Known.guess,
    request: null, response: null,
  },
  audit: {
    doc: 'Events for the central audit table. An event id that NES has already is kept once.',
    method: 'POST', path: '/{instance}/api/AuditEvents', auth: 'bearer', known: Known.guess,
    request: AuditBody, response: AuditAnswer,
  },
  health: {
    doc: 'Does the service answer at all?',
    method: 'GET', path: '/{instance}/api/Health', auth: 'none', known: Known.guess,
    request: null, response: null,
  },
} as const satisfies Record<string, NesRoute>;

export type NesRouteName = keyof typeof NES_ROUTES;
export const NES_ROUTE_NAMES = Object.keys(NES_ROUTES) as NesRouteName[];
/** Path template of each route. */
export type NesPaths = Readonly<Record<NesRouteName, string>>;

/** The paths of the table, some of them replaced by the configuration. */
export function nesPaths(replaced: Partial<NesPaths> = {}): NesPaths {
  const own = Object.fromEntries(NES_ROUTE_NAMES.map((route) => [route, NES_ROUTES[route].path])) as NesPaths;
  return { ...own, ...replaced };
}

const BRACES = /\{(\w+)\}/g;

/** Puts values into the braces of a template, each encoded as one segment. A missing one is a bug: throws `TypeError`. */
export function fillPath(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(BRACES, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new TypeError(`no value for {${key}}`);
    return encodeURIComponent(value);
  });
}

/** The reverse: the values in the braces, or null if the path is not of this template. */
export function matchPath(template: string, path: string): Readonly<Record<string, string>> | null {
  const pattern = template.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(BRACES, '(?<$1>[^/]+?)');
  try {
    const groups = new RegExp(`^${pattern}$`).exec(path)?.groups;
    return groups === undefined ? null : Object.fromEntries(Object.entries(groups).map(([key, value]) => [key, decodeURIComponent(value)]));
  } catch {
    return null;
  }
}
