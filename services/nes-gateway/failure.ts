// Why NES gave no answer that counts: the first broken link on the way, told without any value that was under way.
import axios from 'axios';
import type { NesRouteName } from '../../contracts/external/nes.ts';
import type { Reason } from '../../contracts/reasons.ts';

/** Each link of the way, in the order in which it is passed: reason code, and the sentence for the log. */
export const LINKS = {
  'overloaded': ['nes-unreachable', 'too many requests are under way already'],
  'login': ['nes-unreachable', 'the login of this machine is missing or unreadable'],
  'dns': ['nes-unreachable', 'the host name does not resolve'],
  'unroutable': ['nes-unreachable', 'there is no route to the host'],
  'refused': ['nes-unreachable', 'the connection was refused'],
  'tls-expired': ['nes-unreachable', 'the certificate is expired or not yet valid'],
  'tls-untrusted': ['nes-unreachable', 'the certificate is not from a trusted authority'],
  'tls-name': ['nes-unreachable', 'the certificate is for another host name'],
  'tls': ['nes-unreachable', 'no TLS connection came about'],
  'reset': ['nes-unreachable', 'the connection was closed before an answer'],
  'timeout': ['nes-unreachable', 'there was no answer in time'],
  'cancelled': ['nes-unreachable', 'nobody waits for the answer any more'],
  'network': ['nes-unreachable', 'the network failed'],
  'rejected': ['nes-error', 'the login or token was rejected'],
  'status': ['nes-error', 'the answer was an error'],
  'too-large': ['nes-error', 'the answer is too large'],
  'truncated': ['nes-error', 'the answer ends too early'],
  'unreadable': ['nes-error', 'the answer cannot be read'],
  'foreign': ['nes-error', 'the answer is about something else'],
  'disabled': ['feature-disabled', 'the policy has Lock Control switched off'],
  'nobody': ['unknown-band', 'there is no such entity'],
} as const satisfies Record<string, readonly [Reason, string]>;
export type Link = keyof typeof LINKS;

export interface Failure {
  readonly ok: false;
  readonly reason: Reason;
  readonly link: Link;
  /** Operation, sentence and, where there is one, HTTP status. For the log. */
  readonly detail: string;
}

export function failure(route: NesRouteName, link: Link, status?: number): Failure {
  const [reason, text] = LINKS[link];
  return { ok: false, reason, link, detail: `${route}: ${text}${status === undefined ? '' : ` (${status})`}` };
}

/** The link that an error of axios stands for. The error itself holds headers and bodies: it must go no further. */
export function linkOf(error: unknown, signal: AbortSignal): Link {
  if (signal.aborted) return linkOfAbort(signal);
  if (!axios.isAxiosError(error)) throw error;
  const { code = '', response } = error;
  if (response !== undefined) return 'truncated';
  if (code === 'ERR_BAD_RESPONSE') return 'too-large';
  return BY_CODE[code] ?? (isTls(code) ? 'tls' : 'network');
}

export const linkOfAbort = (signal: AbortSignal): Link =>
  (signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError' ? 'timeout' : 'cancelled');

/** Was an idle connection closed by the other side just as we used it again? Then a second try is a first one. */
export function isStaleSocket(error: unknown): boolean {
  if (!axios.isAxiosError(error) || error.response !== undefined) return false;
  const request = error.request as { readonly reusedSocket?: boolean } | undefined;
  return request?.reusedSocket === true && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

const BY_CODE: Readonly<Record<string, Link>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EHOSTUNREACH: 'unroutable',
  ENETUNREACH: 'unroutable',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  ECONNABORTED: 'timeout',
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  CERT_SIGNATURE_FAILURE: 'tls-untrusted',
  CERT_UNTRUSTED: 'tls-untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-name',
};
const isTls = (code: string): boolean => /^(EPROTO|ERR_SSL|ERR_TLS|CERT_)/.test(code);
