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
      'https://mysite.domain.com./a', 'https://someone:word@mysite.domain.com/a', 'https://mysite.domain.com:0443/', 'https://mysite。domain。com/', 'https://my\u00adsite.domain.com/',
    ],
    [
      'http://mysite.domain.com/', 'https://mysite.domain.com:8443/', 'https://mysite.domain.com.evil.example/', 'https://evilmysite.domain.com/', 'https://mysite.domain.com@evil.example/',
      'https://evil.example/https://mysite.domain.com/', 'https://evil.example/?https://mysite.domain.com/', 'https://mysite-domain.com/', 'https://mysite.domain.com%2eevil.example/',
      'https://myѕite.domain.com/', 'https://mysite.domain.com../', 'blob:https://mysite.domain.com/1', 'view-source:https://mysite.domain.com/', 'data:text/html,https://mysite.domain.com/',
      'about:blank', '', 'mysite.domain.com', '//mysite.domain.com/', 'https://rnysite.domain.com/', 'https://mysite.domaın.com/', 'https://mysite.domain.co/', 'https://mysite.domain.com:44/',
      'https://mysite.domain.com:8443@evil.example/', 'https://evil.example\\mysite.domain.com/', 'https://evil.example#mysite.domain.com/', 'https://evil.example;mysite.domain.com/',
      'https://mysite%2edomain.com.evil.example/', 'https://mysite.domain.com%00.evil.example/', 'file://mysite.domain.com/', 'wss://mysite.domain.com/', 'https:mysite.domain.com.evil.example',
    ],
  ],
  [
    'https://*.domain.com/*',
    ['https://mysite.domain.com/login', 'https://emea.mymes.domain.com/process1/sign', 'https://a.b.c.domain.com', 'https://A.DOMAIN.com./x', 'https://xn--bcher-kva.domain.com/'],
    ['https://domain.com', 'https://domain.com./', 'https://.domain.com/', 'https://evildomain.com/', 'https://a.domain.com.evil.example/', 'https://user:a.domain.com@evil.example/', 'http://a.domain.com/', 'https://a.domain.com:8443/', 'https://a.domain.com..evil.example/',
      'https://evil.example/a.domain.com/', 'https://evil.example\\.domain.com/', 'https://evil.example?.domain.com/', 'https://a-domain.com/', 'https://domain.com/a.domain.com/', 'https://domain.com.a.example/'],
  ],
  ['https://myapp.domain.com', ['https://myapp.domain.com/', 'https://myapp.domain.com/?a=b#c'], ['https://myapp.domain.com/login', 'https://a.myapp.domain.com/']],
  ['myapp.domain.com', ['https://myapp.domain.com/login', 'http://myapp.domain.com/'], ['https://myapp.domain.com:8443/', 'http://myapp.domain.com:443/', 'ftp://myapp.domain.com/', 'https://xmyapp.domain.com/']],
  ['myapp:8443', ['https://myapp:8443/a', 'http://myapp:8443/'], ['https://myapp/', 'https://myapp:84430/']],
  ['*.domain.com', ['https://a.domain.com/x', 'http://a.b.domain.com/'], ['https://domain.com/']],
  ['https://*.domain.com', ['https://a.domain.com', 'https://a.b.domain.com/?x'], ['https://a.domain.com/x', 'https://domain.com']],
  ['https://*.domain.com/app/*', ['https://a.domain.com/app', 'https://a.b.domain.com/app/x'], ['https://domain.com/app/x', 'https://a.domain.com/', 'https://a.domain.com/x/app/']],
  ['https://*.domain.com:8443/*', ['https://a.domain.com:8443/'], ['https://a.domain.com/', 'https://domain.com:8443/']],
  ['myapp.domain.com/app/*', ['https://myapp.domain.com/app', 'http://myapp.domain.com/app/x'], ['https://myapp.domain.com/', 'https://myapp.domain.com/application']],
  ['MYAPP.', ['https://myapp/', 'http://MyApp./x'], ['https://myapp.domain.com/']],
  ['https://host:443/*', ['https://host/a', 'https://host:443/'], ['https://host:444/']],
  ['https://host:8443/*', ['https://host:8443/a'], ['https://host/a']],
  ['http://host/*', ['http://host:80/'], ['https://host/', 'https://host:80/']],
  ['https://host/app/*', ['https://host/app/', 'https://host/app', 'https://host/app/x/y', 'https://host/z/../app/x'], ['https://host/application', 'https://host/app/../admin', 'https://host/', 'https://host/app/%2e%2E/admin', 'https://host/app/..\\admin', 'https://host/%61pp/', 'https://host/APP/']],
  ['https://host/app*', ['https://host/app', 'https://host/application'], ['https://host/ap']],
  ['https://host/*/sign', ['https://host/a/sign', 'https://host/a/b/sign'], ['https://host/sign', 'https://host/a/sign/x']],
  ['https://host/*/sign/*', ['https://host/a/sign', 'https://host/a/sign/x', 'https://host/a/b/sign'], ['https://host/sign', 'https://host/a/signature', 'https://host/a/sign-x']],
  ['https://host/a*a', ['https://host/aa', 'https://host/axa'], ['https://host/a']],
  ['https://host/login', ['https://host/login', 'https://host/login?x'], ['https://host/login/', 'https://host/Login']],
  ['https://xn--bcher-kva.example/*', ['https://bücher.example/', 'https://BÜCHER.example/x'], ['https://xn--bcher-kva.example.evil/', 'https://bu\u0308cherx.example/']],
  ['HTTPS://Bücher.Example./*', ['https://xn--bcher-kva.example/x', 'https://bücher.example'], ['https://bucher.example/']],
  ['https://10.1.2.3/*', ['https://10.1.2.3/', 'https://0x0a.1.2.3/'], ['https://10.1.2.30/']],
  ['https://[::1]:8443/*', ['https://[0:0:0:0:0:0:0:1]:8443/x'], ['https://[::2]:8443/']],
];
for (const [text, yes, no] of TABLE) {
  for (const url of yes) test(`${text} means ${url}`, (t) => t.true(urlMatches(pattern(text), url)));
  for (const url of no) test(`${text} does not mean ${url === '' ? 'an empty address' : url}`, (t) => t.false(urlMatches(pattern(text), url)));
}

const WRONG = ['', '*', 'https://', 'https://*', 'https://*/*', 'https://a.*.com/', 'https://*domain.com', 'https://*.', 'https://*.0.0.1/', 'https://user@host/', 'file:///x', '*://host/', 'https://host/?a=*', 'https://host/#/x', 'https://host:99999/', 'https://ho st/', 'https://host//x', 'https://host*', 'https://*.*.com/', 'https://a*b.com/', 'https://.host/', 'https://host\\x/', 'https://h%6fst/', '*.', 'javascript:alert(1)', 'a'.repeat(600), 'https://host/' + '*a'.repeat(9)];
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

test('a pattern may be as long as a path is, and one that is longer is refused', (t) => {
  const path = 'a/'.repeat(248);
  const long = `https://host.example/${path.slice(0, 512 - 'https://host.example/'.length - 1)}*`;
  t.is(long.length, 512);
  t.true(urlMatches(pattern(long), `${long.slice(0, -1)}x?y`));
  t.false(urlMatches(pattern(long), 'https://host.example/a/'));
  t.is(parseUrlPattern(`${long}x`), 'must have at most 512 characters');
});

test('a sub-domain pattern matches sub-domains alone, whatever is put around the name', (t) => {
  const below = pattern('https://*.plant.example/*');
  const piece = fc.string({ unit: fc.constantFrom(...'ab.-@:/\\?#%2e*[]'), maxLength: 6 });
  fc.assert(
    fc.property(piece, piece, (before, after) => {
      const address = `https://${before}.plant.example${after}/`;
      const host = URL.parse(address)?.hostname.replace(/\.$/, '') ?? '';
      return !urlMatches(below, address) || /^.+\.plant\.example$/.test(host);
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
