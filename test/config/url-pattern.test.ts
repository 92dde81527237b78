import test from 'ava';
import fc from 'fast-check';
import { parseUrlPattern, urlMatches } from '../../config/url-pattern.ts';
import type { UrlPattern } from '../../config/url-pattern.ts';

const pattern = (text: string): UrlPattern => {
  const parsed = parseUrlPattern(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};

const TABLE: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  [
    'https://mysite.domain.com/*',
    [
      'https://mysite.domain.com', 'https://mysite.domain.com/', 'https://mysite.domain.com/login?x=1#y', 'https://MYSITE.Domain.com/a/b', 'https://mysite.domain.com:443/a',
      'https://mysite.domain.com./a', 'https://someone:word@mysite.domain.com/a',
    ],
    [
      'http://mysite.domain.com/', 'https://mysite.domain.com:8443/', 'https://mysite.domain.com.evil.example/', 'https://evilmysite.domain.com/', 'https://mysite.domain.com@evil.example/',
      'https://evil.example/https://mysite.domain.com/', 'https://evil.example/?https://mysite.domain.com/', 'https://mysite-domain.com/', 'https://mysite.domain.com%2eevil.example/',
      'https://myѕite.domain.com/', 'https://mysite.domain.com../', 'blob:https://mysite.domain.com/1', 'view-source:https://mysite.domain.com/', 'data:text/html,https://mysite.domain.com/',
      'about:blank', '', 'mysite.domain.com', '//mysite.domain.com/',
    ],
  ],
  [
    'https://*.domain.com/*',
    ['https://mysite.domain.com/login', 'https://emea.mymes.domain.com/process1/sign', 'https://a.b.c.domain.com'],
    ['https://domain.com', 'https://domain.com./', 'https://.domain.com/', 'https://evildomain.com/', 'https://a.domain.com.evil.example/', 'https://user:a.domain.com@evil.example/', 'http://a.domain.com/'],
  ],
  ['https://myapp.domain.com', ['https://myapp.domain.com/', 'https://myapp.domain.com/?a=b#c'], ['https://myapp.domain.com/login', 'https://a.myapp.domain.com/']],
  ['myapp.domain.com', ['https://myapp.domain.com/login', 'http://myapp.domain.com/'], ['https://myapp.domain.com:8443/', 'http://myapp.domain.com:443/', 'ftp://myapp.domain.com/', 'https://xmyapp.domain.com/']],
  ['myapp:8443', ['https://myapp:8443/a', 'http://myapp:8443/'], ['https://myapp/', 'https://myapp:84430/']],
  ['*.domain.com', ['https://a.domain.com/x', 'http://a.b.domain.com/'], ['https://domain.com/']],
  ['https://host:443/*', ['https://host/a', 'https://host:443/'], ['https://host:444/']],
  ['https://host:8443/*', ['https://host:8443/a'], ['https://host/a']],
  ['http://host/*', ['http://host:80/'], ['https://host/', 'https://host:80/']],
  ['https://host/app/*', ['https://host/app/', 'https://host/app', 'https://host/app/x/y', 'https://host/z/../app/x'], ['https://host/application', 'https://host/app/../admin', 'https://host/']],
  ['https://host/app*', ['https://host/app', 'https://host/application'], ['https://host/ap']],
  ['https://host/*/sign', ['https://host/a/sign', 'https://host/a/b/sign'], ['https://host/sign', 'https://host/a/sign/x']],
  ['https://host/a*a', ['https://host/aa', 'https://host/axa'], ['https://host/a']],
  ['https://host/login', ['https://host/login', 'https://host/login?x'], ['https://host/login/', 'https://host/Login']],
  ['HTTPS://Bücher.Example./*', ['https://xn--bcher-kva.example/x', 'https://bücher.example'], ['https://bucher.example/']],
  ['https://10.1.2.3/*', ['https://10.1.2.3/', 'https://0x0a.1.2.3/'], ['https://10.1.2.30/']],
  ['https://[::1]:8443/*', ['https://[0:0:0:0:0:0:0:1]:8443/x'], ['https://[::2]:8443/']],
];
for (const [text, yes, no] of TABLE) {
  for (const url of yes) test(`${text} means ${url}`, (t) => t.true(urlMatches(pattern(text), url)));
  for (const url of no) test(`${text} does not mean ${url === '' ? 'an empty address' : url}`, (t) => t.false(urlMatches(pattern(text), url)));
}

const WRONG = ['', '*', 'https://', 'https://*', 'https://*/*', 'https://a.*.com/', 'https://*domain.com', 'https://*.', 'https://*.0.0.1/', 'https://user@host/', 'file:///x', '*://host/', 'https://host/?a=*', 'https://host/#/x', 'https://host:99999/', 'https://ho st/', 'https://host//x', 'a'.repeat(600), 'https://host/' + '*a'.repeat(9)];
for (const text of WRONG) {
  test(`"${text.slice(0, 40)}" is no pattern`, (t) => t.is(typeof parseUrlPattern(text), 'string'));
}

test('a pattern for a host matches no other host, whatever is put around its name', (t) => {
  const host = 'mes.plant.example';
  const only = pattern(`https://${host}/*`);
  const piece = fc.string({ unit: fc.constantFrom(...'abc.-@:/\\?#%2e*[]'), maxLength: 6 });
  fc.assert(
    fc.property(piece, piece, (before, after) => {
      const address = `https://${before}${host}${after}/`;
      const parsed = URL.parse(address);
      return !urlMatches(only, address) || (parsed !== null && parsed.host.replace(/\.$/, '') === host);
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('a hostile address against many wildcards is judged at once', (t) => {
  const many = pattern(`https://host/${'a*'.repeat(8)}b`);
  const before = process.cpuUsage();
  t.false(urlMatches(many, `https://host/${'a'.repeat(8_000)}`));
  t.false(urlMatches(many, `https://host/${'a'.repeat(1_000_000)}b`));
  t.true(process.cpuUsage(before).user < 100_000);
});
