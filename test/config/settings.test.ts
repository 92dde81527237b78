import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { documentDefaults } from '../../config/document.ts';
import { parseJsonc, isFault } from '../../config/jsonc.ts';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/load.ts';
import { levelOf, loadLogging, loggingInForce, LOGGING_BROKEN, LOGGING_MISSING } from '../../config/logging.ts';
import { isProblem } from '../../config/problem.ts';
import type { ConfigProblem } from '../../config/problem.ts';
import { SettingsSchema } from '../../config/schema.ts';

interface Place {
  readonly directory: string;
  write(name: string, text: string | Buffer): string;
}

function inPlace(run: (place: Place) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'tapline-config-'));
  const write = (name: string, text: string | Buffer) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  try {
    run({ directory, write });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const loaded = (result: Config | ConfigProblem): Config => {
  if (isProblem(result)) throw new Error(result.detail);
  return result;
};
const refused = (result: object): ConfigProblem => {
  if (!isProblem(result)) throw new Error('it was not refused');
  return result;
};

test('without a settings file the defaults of the budget table hold', (t) => {
  inPlace(({ directory }) => {
    const config = loaded(loadConfig({ env: { TAPLINE_HOME: directory, USER: 'lab user' } }));
    t.is(config.file, null);
    t.is(config.product, 'Tapline');
    t.deepEqual(config.budget, {
      acceptMs: 5, ambiguityMs: 100, resolveMs: 20, credentialMsNfc: 1500, credentialMsBle: 1300, injectionMs: 800,
      totalMsNfc: 2500, totalMsBle: 2300, leaseGraceMs: 250, bounceMs: 1000, pairMs: 400, stormDrops: 5, stormWindowMs: 10000,
    });
    t.is(config.machine.directory, join(directory, 'machine'));
    t.is(config.session.directory, join(directory, 'session-lab_user'));
    t.like(config.applications, { overruledBy: join(directory, 'appsettings.json') });
    t.is(config.environment.display, null);
  });
});

test('a settings file changes what it names, its paths start at its directory, and the result is frozen all through', (t) => {
  inPlace(({ directory, write }) => {
    const path = write('mine.json', '\ufeff// ours\n{ "profile": "compact", "nes": { "url": "https://nes.example", "login": { "kind": "basic", "user": "svc", "passwordFile": "secret.txt" }, }, "machine": { "directory": "m" }, }');
    write('appsettings.json', '{}');
    const config = loaded(loadConfig({ env: { TAPLINE_CONFIG: path, TAPLINE_HOME: join(directory, 'home'), DISPLAY: ':7' } }));
    t.is(config.profile, 'compact');
    t.is(config.nes.login?.passwordFile, join(directory, 'secret.txt'));
    t.is(config.machine.directory, join(directory, 'm'));
    t.deepEqual(config.applications, { file: join(directory, 'appsettings.json'), overruledBy: null });
    t.is(config.environment.display, ':7');
    t.true(Object.isFrozen(config.nes.timeouts));
    t.throws(() => Object.assign(config.budget, { acceptMs: 1 }), { instanceOf: TypeError });
  });
});

const REFUSED: readonly (readonly [title: string, text: string, line: number, column: number, detail: RegExp])[] = [
  ['an unknown key with the nearest known name', '{\n  "profil": "compact"\n}', 2, 3, /"profil" is not known here; did you mean "profile"\?/],
  ['an unknown key deep inside, with the nearest name of that place', '{ "budget": {\n "acceptMS": 4 } }', 2, 2, /"acceptMS".*did you mean "acceptMs"\?/],
  ['an unknown key of a login', '{ "nes": { "login": { "kind": "basic", "user": "u", "passwordFile": "f",\n "password": "hunter2" } } }', 2, 2, /"password".*"passwordFile"/],
  ['an unknown key that resembles nothing, with all names', '{ "tap": { "zzzzzzzzzz": 1 } }', 1, 12, /known are "rssiWindowTap"/],
  ['a value of the wrong type', '{\n\n "budget": { "acceptMs": "soon" } }', 3, 26, /"budget.acceptMs" must be of type number/],
  ['a number out of its range', '{ "budget": { "acceptMs": 0 } }', 1, 27, /must be at least 1/],
  ['an address without encryption', '{ "nes": { "url": "http://nes.example" } }', 1, 19, /"nes.url" is no URL of the expected kind/],
  ['a NES without a login', '{ "nes": {\n "url": "https://nes.example" } }', 2, 9, /"nes.url" needs a "login" beside it/],
  ['a choice that does not exist', '{ "desktop": { "kind": "wayland" } }', 1, 24, /must be one of "auto", "x11", "virtual"/],
  ['a key that stands twice', '{ "product": "A",\n "product": "B" }', 2, 2, /"product" stands here a second time/],
  ['text that breaks off', '{ "budget": {', 1, 14, /close brace expected/],
  ['a file without content', '', 1, 1, /.+/],
  ['something else than an object', '[]', 1, 1, /the file must be of type object/],
];
for (const [title, text, line, column, detail] of REFUSED) {
  test(`the settings refuse ${title}`, (t) => {
    inPlace(({ write }) => {
      const problem = refused(loadConfig({ path: write('c.json', text) }));
      t.regex(problem.detail, detail);
      t.deepEqual([problem.line, problem.column], [line, column]);
      t.notRegex(problem.detail, /hunter2|soon|wayland/);
    });
  });
}

test('a settings file that is named and missing is a problem, not the defaults', (t) => {
  inPlace(({ directory }) => {
    t.is(refused(loadConfig({ path: join(directory, 'none.json') })).problem, 'missing');
  });
});

test('a file that nests too deep, is too large or not UTF-8 is refused without a crash', (t) => {
  t.true(isFault(parseJsonc('deep', '['.repeat(500_000))));
  inPlace(({ write }) => {
    t.regex(refused(loadConfig({ path: write('a.json', Buffer.alloc(1024 * 1024 + 1, 0x20)) })).detail, /larger/);
    t.regex(refused(loadConfig({ path: write('b.json', Buffer.from([0xff, 0xfe, 0x7b, 0x00])) })).detail, /UTF-8/);
  });
});

test('default.json documents every default of the schema', (t) => {
  const text = readFileSync(new URL('../../config/default.json', import.meta.url), 'utf8');
  t.is(text, documentDefaults());
  const read = parseJsonc('default.json', text);
  t.false(isFault(read));
  t.deepEqual('value' in read ? read.value : null, SettingsSchema.parse({}));
});

test('the logging settings that come with the product are read, missing and broken ones give their message', (t) => {
  inPlace(({ directory, write }) => {
    t.deepEqual(loadLogging(join(import.meta.dirname, '../../config/logging.json')), { level: 'info', levels: {}, keepDays: 30 });
    t.is(refused(loadLogging(join(directory, 'none.json'))).message, LOGGING_MISSING);
    const broken = refused(loadLogging(write('l.json', '{\n "level": "loud" }')));
    t.is(broken.message, LOGGING_BROKEN);
    t.is(broken.line, 2);
    t.regex(refused(loadLogging(write('l.json', '{ "levels": { "injectr": "debug" } }'))).detail, /"injectr" is not known here; did you mean "injector"\?/);
  });
});

test('log levels hold for all actors or for one, and the defaults where the file cannot be used', (t) => {
  inPlace(({ write }) => {
    const own = loggingInForce(write('l.json', '{ "level": "warn", "levels": { "injector": "debug" } }'));
    t.is(own.problem, null);
    t.deepEqual([levelOf(own.logging, 'injector'), levelOf(own.logging, 'tray')], ['debug', 'warn']);
    const broken = loggingInForce(write('l.json', '{'));
    t.is(broken.problem?.message, LOGGING_BROKEN);
    t.deepEqual(broken.logging, { level: 'info', levels: {}, keepDays: 30 });
  });
});

test('a login window that shows no fields is named by process and title, and a browser is none', (t) => {
  inPlace(({ directory, write }) => {
    const load = (forms: object) => loadConfig({ path: write('config.json', JSON.stringify({ unseenForms: forms })), env: { TAPLINE_HOME: directory } });
    t.deepEqual(loaded(load([{ processName: ' weigh ', windowTitle: 'Sign in' }])).unseenForms, [{ processName: 'weigh', windowTitle: 'Sign in', tabs: 1 }]);
    t.regex(refused(load([{ processName: 'weigh' }])).detail, /"unseenForms\[0\]\.windowTitle" must be of type string/);
    t.regex(refused(load([{ processName: 'weigh', windowTitle: ' ' }])).detail, /must not be empty|at least 1/);
    t.regex(refused(load([{ processName: 'weigh', windowTitle: 'Sign in', tabs: 0 }])).detail, /must be at least 1/);
    for (const processName of ['chromium', 'Firefox', 'msedge.exe', 'firefox-esr']) {
      t.regex(refused(load([{ processName, windowTitle: 'Sign in' }])).detail, /is a browser: its pages choose their own titles/);
    }
  });
});
