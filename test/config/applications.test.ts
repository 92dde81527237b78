import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { APPLICATIONS_BROKEN, APPLICATIONS_MISSING, loadApplications, parseApplications } from '../../config/applications.ts';
import type { ApplicationRules } from '../../config/applications.ts';
import { isProblem } from '../../config/problem.ts';
import { judge, suppressedBy } from '../../services/window-resolver/applications.ts';

const rules = (text: string): ApplicationRules => {
  const parsed = parseApplications('appsettings.json', text);
  if (isProblem(parsed)) throw new Error(parsed.detail);
  return parsed;
};

// The guide's examples as printed (4.4.1 to 4.4.3); 4.4.1 is printed in two parts, the second one goes on inside the list.
const EXAMPLE_ONE = `{
  "included": [
    {
      // Matches web pages on Edge Browser with URL
      // https://myapp.domain.com with any window title
      "applicationUrl": "https://myapp.domain.com",
      "processName": "msedge",
      "windowTitle": ""
    },
  ],
}
`;
const EXAMPLE_LIST = `{
  "included": [
    {
      // Matches web pages on Edge Browser with URL
      // https://myapp.domain.com with any window title
      "applicationUrl": "https://myapp.domain.com",
      "processName": "msedge",
      "windowTitle": ""
    },
{
  // Matches web pages on Chrome Browser with any URL
  // and any window title
  "processName": "chrome",
},
{
  // Matches web pages on any browser, with any window
  // title, with URL under https://mysite.domain.com
  // with any path, for example
  // https://mysite.domain.com/login,
  // https://mysite.domain.com/process1/sign, and
  // https://mysite.domain.com.
  "applicationUrl": "https://mysite.domain.com/*",
},
{
  // Matches web pages on any browser, with any window
  // title, with URL under any subdomains of domain.com,
  // for example https://mysite.domain.com/login,
  // https://emea.mymes.domain.com/process1/sign,
  // but does NOT match https://domain.com.
  "applicationUrl": "https://*.domain.com/*",
}
]
}
`;
const EXAMPLE_SUPPRESSED = `{
  "suppressed": [
    {
      "name": "Evidian SSO Engine",

    "processName": "ssoengine"
  }
]
}
`;
const EXAMPLE_SELECT = `{
  "included": [
    {
      // Matches web pages on Edge Browser with URL
      // https://myapp.domain.com with any window title,
      // and select the username from a drop-down list
      "applicationUrl": "https://myapp.domain.com",
      "processName": "msedge",
      "windowTitle": "",
      "usernameFieldType": "select"
    }
  ]
}
`;

test("the guide's first example is read with its comments and trailing commas", (t) => {
  const read = rules(EXAMPLE_ONE);
  t.like(judge(read, { processName: 'msedge', title: 'Anything' }, 'https://myapp.domain.com/'), { verdict: 'allowed', entry: 0, usernameFieldType: 'text' });
  t.like(judge(read, { processName: 'chrome', title: 'Anything' }, 'https://myapp.domain.com/'), { verdict: 'not-configured' });
});

const LIST: readonly (readonly [process: string, url: string | null, entry: number | null])[] = [
  ['msedge', 'https://myapp.domain.com', 0],
  ['chrome', 'http://elsewhere.example/x', 1],
  ['chrome', null, 1],
  ['firefox', 'https://mysite.domain.com/login', 2],
  ['firefox', 'https://mysite.domain.com/process1/sign', 2],
  ['firefox', 'https://mysite.domain.com', 2],
  ['firefox', 'https://emea.mymes.domain.com/process1/sign', 3],
  ['firefox', 'https://domain.com', null],
  ['firefox', 'https://domain.com/login', null],
  ['firefox', null, null],
];
for (const [processName, url, entry] of LIST) {
  test(`the guide's list of applications: ${processName} at ${url ?? 'no document'} is ${entry === null ? 'not configured' : `entry ${entry}`}`, (t) => {
    const verdict = judge(rules(EXAMPLE_LIST), { processName, title: '' }, url);
    t.deepEqual(verdict, entry === null ? { verdict: 'not-configured' } : { verdict: 'allowed', entry, usernameFieldType: 'text' });
  });
}

test("the guide's suppressed process is suppressed, also where it is included", (t) => {
  t.is(suppressedBy(rules(EXAMPLE_SUPPRESSED), 'SSOEngine'), 0);
  t.is(suppressedBy(rules(EXAMPLE_SUPPRESSED), 'ssoengine2'), null);
  const both = rules('{ "included": [{ "processName": "ssoengine" }], "suppressed": [{ "processName": "ssoengine.exe" }] }');
  t.deepEqual(judge(both, { processName: 'ssoengine', title: '' }, null), { verdict: 'suppressed', entry: 0 });
});

test("the guide's drop-down example says select", (t) => {
  t.deepEqual(judge(rules(EXAMPLE_SELECT), { processName: 'msedge', title: '' }, 'https://myapp.domain.com/'), { verdict: 'allowed', entry: 0, usernameFieldType: 'select' });
});

test("the guide's line for drop-downs goes into any entry, and says nothing about applications outside of the list", (t) => {
  const read = rules('{ "included": [{ "processName": "chrome", "usernameFieldType": "select" }, { "windowTitle": "PAS-X" }] }');
  const typeIn = (processName: string, title: string) => judge(read, { processName, title }, null);
  t.like(typeIn('chrome', 'PAS-X'), { entry: 0, usernameFieldType: 'select' });
  t.like(typeIn('msedge', 'PAS-X'), { entry: 1, usernameFieldType: 'text' });
  t.deepEqual(typeIn('msedge', 'Mail'), { verdict: 'not-configured' });
});

test('the file that comes with the product allows every application', (t) => {
  const file = new URL('../../config/appsettings.json', import.meta.url).pathname;
  t.deepEqual(loadApplications(file), { included: [], suppressed: [] });
  t.deepEqual(judge(rules(readFileSync(file, 'utf8')), { processName: 'x', title: '' }, null), { verdict: 'allowed', entry: null, usernameFieldType: 'text' });
});

test('a missing file gives the message of 7.4', (t) => {
  const problem = loadApplications('/nowhere/appsettings.json');
  t.like(problem, { problem: 'missing', message: 'appsettings.json file is missing. Contact your administrator.' });
  t.is(APPLICATIONS_MISSING, 'appsettings.json file is missing. Contact your administrator.');
});

const BROKEN: readonly (readonly [title: string, text: string, line: number, column: number])[] = [
  ['a list that breaks off', '{\n  "included": [\n    { "processName": "chrome" },\n', 4, 1],
  ['a missing comma', '{ "included": []\n  "suppressed": [] }', 2, 3],
  ['a misspelt list, which would otherwise allow everything', '{\n  "inculded": [{ "processName": "chrome" }] }', 2, 3],
  ['a list that is no list', '{ "included": { "processName": "chrome" } }', 1, 15],
  ['a list that is null', '{ "included": null }', 1, 15],
  ['an entry without any attribute, which would match everything', '{ "included": [\n { "windowTitle": "", "applicationUrl": " " }] }', 2, 2],
  ['a misspelt attribute', '{ "included": [{ "processName": "a" },\n { "proccessName": "chrome" }] }', 2, 4],
  ['a process name that is a number', '{ "included": [{ "processName": 5 }] }', 1, 33],
  ['another type of user-name field', '{ "included": [{ "processName": "a", "usernameFieldType": "list" }] }', 1, 59],
  ['a suppressed entry without a process', '{ "suppressed": [{ "name": "Evidian" }] }', 1, 18],
  ['a suppressed entry with an empty process', '{ "suppressed": [{ "processName": " " }] }', 1, 35],
  ['a list that stands twice', '{ "included": [{ "processName": "a" }],\n  "included": [] }', 2, 3],
  ['an address of another kind', '{ "included": [{ "applicationUrl": "ftp://host/*" }] }', 1, 36],
  ['an address that is no text', '{ "included": [{ "applicationUrl": ["https://host"] }] }', 1, 36],
];
for (const [title, text, line, column] of BROKEN) {
  test(`appsettings.json with ${title} is refused as a whole with the message of 7.5`, (t) => {
    const problem = parseApplications('appsettings.json', text);
    t.true(isProblem(problem));
    t.like(problem, { message: APPLICATIONS_BROKEN, line, column });
  });
}
test('the message of 7.5 is the one of the guide', (t) => {
  t.is(APPLICATIONS_BROKEN, 'Configuration Error (Data Structure) in appsettings.json. Contact your administrator.');
});

test('cutting the file at any character never gives fewer rules than were written', (t) => {
  const whole = rules(EXAMPLE_LIST).included.length;
  fc.assert(
    fc.property(fc.nat(EXAMPLE_LIST.length), (end) => {
      const read = parseApplications('a', EXAMPLE_LIST.slice(0, end));
      return isProblem(read) || read.included.length === whole;
    }),
  );
  t.pass();
});

const TITLES: readonly (readonly [rule: string, title: string, matches: boolean])[] = [
  ['PAS-X', 'PAS-X MES - Login', true],
  ['pas-x', 'PAS-X MES - Login', true],
  ['Login - Microsoft Edge', 'Login - Microsoft\u200b\u00a0Edge', true],
  ['PAS-X', 'PAS X', false],
  ['.*', 'anything', false],
];
for (const [rule, title, matches] of TITLES) {
  test(`the window title "${rule}" ${matches ? 'matches' : 'does not match'} "${title}"`, (t) => {
    const { verdict } = judge(rules(JSON.stringify({ included: [{ windowTitle: rule }] })), { processName: 'x', title }, null);
    t.is(verdict, matches ? 'allowed' : 'not-configured');
  });
}

test('all attributes of an entry must match', (t) => {
  const read = rules('{ "included": [{ "processName": "chrome", "windowTitle": "Login", "applicationUrl": "mes.example" }] }');
  const verdict = (processName: string, title: string, url: string | null) => judge(read, { processName, title }, url).verdict;
  t.is(verdict('chrome', 'Login', 'https://mes.example/a'), 'allowed');
  t.is(verdict('msedge', 'Login', 'https://mes.example/a'), 'not-configured');
  t.is(verdict('chrome', 'Home', 'https://mes.example/a'), 'not-configured');
  t.is(verdict('chrome', 'Login', 'https://mes.example.org/a'), 'not-configured');
  t.is(verdict('chrome', 'Login', null), 'not-configured');
});
