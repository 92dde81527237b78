// Which pages an `applicationUrl` means (guide, 4.4.1). Pattern and address both go through the parser that browsers
// use, so that letter case, punycode, dot segments, default ports and user-info cannot tell them apart or confuse them.

const PATTERN_CHARACTERS_MAX = 512;
const URL_CHARACTERS_MAX = 8_192;
const WILDCARDS_MAX = 8;
/** Stands for a wildcard while the URL parser looks at a path. */
const STAND_IN = 'any-0-any';
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

export interface UrlPattern {
  /** As it was written, for `explain`. */
  readonly text: string;
  /** `http:` or `https:`; null for a host name alone: both. */
  readonly scheme: string | null;
  /** In the form the URL parser gives it, without a trailing dot and without `*.`. */
  readonly host: string;
  /** Sub-domains of `host` of any depth, and not `host` itself. */
  readonly subdomains: boolean;
  /** Null: the default port of the address' scheme. */
  readonly port: string | null;
  /** Pieces between wildcards, so that one piece is an exact path; null: any path. */
  readonly path: readonly string[] | null;
}

/** The pattern, or what is wrong with it, as the end of a sentence. */
export function parseUrlPattern(text: string): UrlPattern | string {
  if (text.length > PATTERN_CHARACTERS_MAX) return `must have at most ${PATTERN_CHARACTERS_MAX} characters`;
  const [, scheme, authority = '', path] = /^(?:([^:/?#]*):\/\/)?([^/?#]*)(.*)$/s.exec(text.trim()) ?? [];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) return 'must begin with "https://", "http://" or a host name';
  if (authority.includes('@')) return 'must not hold a user name';
  if (/[?#]/.test(path ?? '')) return 'must end with the path: query and fragment are not compared';
  const subdomains = authority.startsWith('*.');
  const host = parseHost(subdomains ? authority.slice(2) : authority, scheme ?? 'https');
  if (host === null) return 'must name a host; a wildcard there stands only in front, as "*.domain"';
  if (subdomains && /^\[|^[\d.]+$/.test(host.name)) return 'cannot have a wildcard in front of a network address';
  const pieces = parsePath(path ?? '', scheme === undefined);
  if (typeof pieces === 'string') return pieces;
  return { text, scheme: scheme === undefined ? null : `${scheme.toLowerCase()}:`, host: host.name, subdomains, port: host.port, path: pieces };
}

/**
 * Whether an address is one of those that the pattern means. Without a path a pattern with a scheme means the root page,
 * a host name alone means every page; `/*` at the end means what is in front of it, too.
 */
export function urlMatches(pattern: UrlPattern, address: string | null): boolean {
  if (address === null || address.length > URL_CHARACTERS_MAX) return false;
  const url = URL.parse(address);
  if (url === null || DEFAULT_PORTS[url.protocol] === undefined) return false;
  if (pattern.scheme !== null && pattern.scheme !== url.protocol) return false;
  return portOf(url) === (pattern.port ?? DEFAULT_PORTS[url.protocol]) && hostMatches(pattern, bareHost(url)) && pathMatches(pattern.path, url.pathname);
}

function parseHost(authority: string, scheme: string): { readonly name: string; readonly port: string | null } | null {
  if (authority === '' || /[*\\%\s]/.test(authority)) return null;
  const url = URL.parse(`${scheme}://${authority}/`);
  if (url === null) return null;
  const name = bareHost(url);
  return name === '' || name.startsWith('.') ? null : { name, port: /:\d+$/.test(authority) ? (portOf(url) ?? null) : null };
}

function parsePath(path: string, hostAlone: boolean): readonly string[] | null | string {
  if (path === '' || path === '/') return path === '' && hostAlone ? null : ['/'];
  const pieces = path.split('*');
  if (pieces.length - 1 > WILDCARDS_MAX) return `must have at most ${WILDCARDS_MAX} wildcards`;
  const parsed = URL.parse(path.replaceAll('*', STAND_IN), 'https://host');
  if (path.startsWith('//') || parsed === null) return 'must have a path that begins with one "/"';
  const normal = parsed.pathname.split(STAND_IN);
  return normal.length === pieces.length ? normal : 'must not have a wildcard that ".." takes away';
}

/** The name of the domain name system: `host.` and `host` are the same one. */
function bareHost(url: URL): string {
  return url.hostname.replace(/\.$/, '');
}

function portOf(url: URL): string | undefined {
  return url.port === '' ? DEFAULT_PORTS[url.protocol] : url.port;
}

function hostMatches({ host, subdomains }: UrlPattern, actual: string): boolean {
  if (!subdomains) return actual === host;
  return actual.endsWith(`.${host}`) && actual.length > host.length + 1;
}

function pathMatches(pieces: readonly string[] | null, actual: string): boolean {
  return pieces === null || piecesMatch(pieces, actual) || piecesMatch(inFrontOf(pieces), actual);
}

/** What a pattern that ends with a slash and a wildcard means beside what is below: the path without that end. */
function inFrontOf(pieces: readonly string[]): readonly string[] {
  const parent = pieces.at(-2);
  return parent?.endsWith('/') === true && pieces.at(-1) === '' ? [...pieces.slice(0, -2), parent.slice(0, -1)] : pieces;
}

function piecesMatch(pieces: readonly string[], actual: string): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return actual === first;
  if (!actual.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = actual.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return actual.length - last.length >= from && actual.endsWith(last);
}
