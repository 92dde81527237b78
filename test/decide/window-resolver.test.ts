// May a tap fill what is in front: rules and sight in, a target or a reason out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ApplicationRules } from '../../config/applications.ts';
import { isProblem, type ConfigProblem } from '../../config/problem.ts';
import type { Context, Field } from '../../platform/port.ts';
import { isSuppressed, resolve } from '../../services/window-resolver/decide.ts';
import { RulesFile } from '../../services/window-resolver/rules-file.ts';

const field = (ref: string, role: Field['role'], more: Partial<Field> = {}): Field => ({
  ref, role, label: '', htmlId: '', htmlName: ref, autocomplete: '', form: null, visible: true, editable: true, empty: true, ...more,
});
const CONTEXT: Context = {
  window: { id: 'w', pid: 7, executable: '/opt/browser', processName: 'browser', title: 'Sign in' },
  url: 'https://mes.example:8443/login?next=1',
  fields: [field('user', 'text'), field('password', 'password')],
  focused: 0,
};
const ALL: ApplicationRules = { included: [], suppressed: [] };
const BROKEN: ConfigProblem = { problem: 'syntax', file: 'f', line: 1, column: 2, detail: 'd', message: 'm' };
const LOST = { trouble: 'no-desktop', detail: 'gone' } as const;

test('a login form is a target, and its application is named without path or query', (t) => {
  t.deepEqual(resolve(ALL, CONTEXT), {
    target: { window: { id: 'w', pid: 7 }, url: CONTEXT.url, user: { ref: 'user', role: 'text' }, password: { ref: 'password' } },
    focusOn: 'user', userEmpty: true, userEditable: true, application: { process: 'browser', origin: 'https://mes.example:8443' },
  });
});

test('the focus may be in the password, and the name need not be editable', (t) => {
  const fields = [field('user', 'text', { editable: false, empty: false }), field('password', 'password')];
  t.like(resolve(ALL, { ...CONTEXT, fields, focused: 1 }), { focusOn: 'password', userEmpty: false, userEditable: false });
});

const ORIGINS: readonly (readonly [string | null, string | null])[] = [[null, null], ['', null], ['no url', null], ['file:///etc/form.html', 'file:'], ['https://a.example/', 'https://a.example'], ['about:blank', 'about:']];
for (const [url, origin] of ORIGINS) test(`the origin of ${url} is ${origin}`, (t) => t.like(resolve(ALL, { ...CONTEXT, url }), { application: { origin } }));

test('a suppressed application is left alone, by its window alone', (t) => {
  const rules = { ...ALL, suppressed: ['Browser.exe'] };
  t.true(isSuppressed(rules, CONTEXT.window));
  t.like(resolve(rules, CONTEXT), { refused: 'suppressed' });
  t.false(isSuppressed(ALL, CONTEXT.window));
  t.false(isSuppressed(rules, LOST), 'a window that cannot be seen is not known to be suppressed');
  t.false(isSuppressed(BROKEN, CONTEXT.window), 'broken rules suppress nothing: they refuse every tap');
});

test('a tap is refused for broken rules, a desktop that is not there, an application that is not listed, a form without a pair', (t) => {
  const listed = { ...ALL, included: [{ processName: 'other', windowTitle: null, url: null, usernameFieldType: 'text' }] } as const;
  t.deepEqual(resolve(BROKEN, CONTEXT), { refused: 'settings-broken', application: null });
  t.deepEqual(resolve(ALL, LOST), { refused: 'no-desktop', application: null });
  t.like(resolve(listed, CONTEXT), { refused: 'not-configured', application: { process: 'browser' } });
  t.like(resolve(ALL, { ...CONTEXT, focused: null }), { refused: 'no-user-field' });
  t.like(resolve(ALL, { ...CONTEXT, fields: [field('user', 'text')] }), { refused: 'no-password-field' });
});

test('mending the rules on the disk needs no restart, and breaking them refuses at once', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tapline-rules-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'appsettings.json');
  const rules = new RulesFile(file);
  t.like(rules.read(), { problem: 'missing' });
  writeFileSync(file, '{ "included": [], "suppressed": [] }');
  const read = rules.read();
  t.false(isProblem(read));
  t.is(rules.read(), read, 'read once');
  writeFileSync(file, '{ "included": [');
  t.true(isProblem(rules.read()));
});
