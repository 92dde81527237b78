// May a tap fill what is in front: rules and sight in, a target or a reason out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { APPLICATIONS_BROKEN, parseApplications, type ApplicationRules } from '../../config/applications.ts';
import type { ConfigProblem } from '../../config/problem.ts';
import type { Reason } from '../../contracts/reasons.ts';
import { targetHash } from '../../contracts/target.ts';
import type { Context, Field } from '../../platform/port.ts';
import { isSuppressed, resolve, resolveUnseen } from '../../services/window-resolver/decide.ts';
import { RulesFile } from '../../services/window-resolver/rules-file.ts';

const field = (ref: string, role: Field['role'], more: Partial<Field> = {}): Field => ({
  ref, role, label: '', htmlId: '', htmlName: ref, autocomplete: '', form: null, visible: true, editable: true, empty: true, ...more,
});
const CONTEXT: Context = {
  window: { id: 'w', pid: 7, executable: '/opt/browser', processName: 'browser', title: 'Sign in' },
  url: 'https://mes.example:8443/login?next=1',
  pageUrl: 'https://mes.example:8443/login?next=1',
  fields: [field('user', 'text'), field('password', 'password')],
  focused: 0,
};
const ALL: ApplicationRules = { included: [], suppressed: [] };
const BROKEN: ConfigProblem = { problem: 'syntax', file: 'f', line: 1, column: 2, detail: 'd', message: 'm' };
const LOST = { trouble: 'no-desktop', detail: 'gone' } as const;

/** URL of the frame, of the page around it, pattern of the rule if there is one, and what comes of it. */
const FRAMES: readonly (readonly [url: string, pageUrl: string, rule: Partial<Record<'applicationUrl' | 'processName', string>> | null, refused: Reason | null])[] = [
  ['https://mes.example/sign', 'https://mes.example/batch', null, null],
  ['https://mes.example/sign', 'https://mes.example/batch', { processName: 'browser' }, null],
  ['https://login.example/', 'https://mes.example/', null, 'not-configured'],
  ['https://mes.example:8443/', 'https://mes.example/', null, 'not-configured'],
  ['http://mes.example/', 'https://mes.example/', null, 'not-configured'],
  ['about:srcdoc', 'https://mes.example/', null, 'not-configured'],
  ['about:srcdoc', 'about:blank', null, 'not-configured'],
  ['about:srcdoc', 'about:srcdoc', null, null],
  ['https://login.example/', 'https://mes.example/', { processName: 'browser' }, 'not-configured'],
  ['https://login.example/', 'https://mes.example/', { applicationUrl: 'https://mes.example/*' }, 'not-configured'],
  ['https://login.example/', 'https://mes.example/', { applicationUrl: 'https://login.example/*' }, null],
  ['https://login.example/', 'https://mes.example/', { processName: 'browser', applicationUrl: 'login.example' }, null],
];
for (const [url, pageUrl, rule, refused] of FRAMES) {
  test(`a frame of ${url} in ${pageUrl} is ${refused ?? 'filled'} ${rule === null ? 'without a rule' : `by ${JSON.stringify(rule)}`}`, (t) => {
    const rules = parseApplications('f', JSON.stringify({ included: rule === null ? [] : [rule] }));
    const result = resolve(rules, { ...CONTEXT, url, pageUrl });
    t.is('refused' in result ? result.refused : null, refused);
  });
}

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

const PLAIN = { id: 'w', pid: 7, executable: '/opt/weigh', processName: 'weigh', title: 'Weighing 3 - Sign in' };
const FORMS = [{ processName: 'Weigh.exe', windowTitle: 'sign in', tabs: 2 }];
const UNSEEN = { refused: 'no-accessibility', application: null } as const;
const APPLICATION = { process: 'weigh', origin: null };

test('a window that shows no fields is a target only where process and title are told', (t) => {
  t.deepEqual(resolveUnseen(ALL, UNSEEN, PLAIN, FORMS), {
    target: { window: { id: 'w', pid: 7 }, url: null, user: { ref: 'unseen:user', role: 'text' }, password: { ref: 'unseen:password' }, unseen: { title: PLAIN.title, tabs: 2 } },
    focusOn: 'user', userEmpty: true, userEditable: true, application: APPLICATION,
  });
  const refused = { ...UNSEEN, application: APPLICATION };
  t.deepEqual(resolveUnseen(ALL, UNSEEN, PLAIN, []), refused);
  t.deepEqual(resolveUnseen(ALL, UNSEEN, { ...PLAIN, title: 'Weighing 3 - Comment' }, FORMS), refused);
  t.like(resolveUnseen(ALL, UNSEEN, { ...PLAIN, processName: 'weighing' }, FORMS), { refused: 'no-accessibility' });
  t.like(resolveUnseen(ALL, UNSEEN, { ...PLAIN, title: `sign in ${'x'.repeat(2000)}` }, FORMS), { refused: 'no-accessibility' });
});

test('a sealed box is bound to how an unseen window is filled, too', (t) => {
  const found = resolveUnseen(ALL, UNSEEN, PLAIN, FORMS);
  if ('refused' in found) return t.fail(found.refused);
  const { target } = found;
  const others = [{ ...target, unseen: undefined }, { ...target, unseen: { title: PLAIN.title, tabs: 1 } }, { ...target, unseen: { title: 'x', tabs: 2 } }];
  t.is(new Set([target, ...others].map(targetHash)).size, 4);
});

test('it never makes a target of what was refused for another reason, could show its fields, or is not allowed', (t) => {
  for (const reason of ['no-user-field', 'no-password-field', 'ambiguous-window', 'no-desktop'] as const) {
    t.deepEqual(resolveUnseen(ALL, { refused: reason, application: null }, PLAIN, FORMS), { refused: reason, application: null });
  }
  const remedied = { ...UNSEEN, remedy: 'accessibility-flag' } as const;
  t.is(resolveUnseen(ALL, remedied, PLAIN, FORMS), remedied);
  t.is(resolveUnseen(ALL, UNSEEN, LOST, FORMS), UNSEEN);
  t.is(resolveUnseen(BROKEN, UNSEEN, PLAIN, FORMS), UNSEEN);
  const entry = { processName: 'weigh', windowTitle: null, url: null, usernameFieldType: 'text' } as const;
  t.like(resolveUnseen({ included: [entry], suppressed: ['weigh'] }, UNSEEN, PLAIN, FORMS), { refused: 'suppressed' });
  const others = { included: [{ ...entry, processName: 'other' }], suppressed: [] };
  t.like(resolveUnseen(others, UNSEEN, PLAIN, FORMS), { refused: 'not-configured' });
  t.like(resolveUnseen(others, UNSEEN, PLAIN, []), { refused: 'no-accessibility' }, 'its page may be the listed one: nobody can see its address');
  t.like(resolveUnseen({ included: [{ ...entry, usernameFieldType: 'select' }], suppressed: [] }, UNSEEN, PLAIN, FORMS), { refused: 'no-accessibility' });
  t.true('target' in resolveUnseen({ included: [entry], suppressed: [] }, UNSEEN, PLAIN, FORMS));
});

/** A folder with a file of rules that changes. */
function rulesIn(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tapline-rules-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'appsettings.json');
  return { file, rules: new RulesFile(file), write: (text: string) => writeFileSync(file, text), remove: () => rmSync(file) };
}

test('before good rules were read, a file that is missing or broken refuses every tap; mending it needs no restart', (t) => {
  const { rules, write } = rulesIn(t);
  t.like(rules.read(), { rules: { problem: 'missing' }, fault: { problem: 'missing' } });
  write('{ "included": [');
  t.like(rules.read(), { rules: { problem: 'syntax' }, fault: { problem: 'syntax' } });
  write('{ "included": [], "suppressed": [] }');
  const read = rules.read();
  t.deepEqual(read, { rules: ALL, fault: null });
  t.is(rules.read(), read, 'read once');
});

test('rules that were read stay in force as a whole while the file is broken or gone, until there are new ones', (t) => {
  const { file, rules, write, remove } = rulesIn(t);
  write('{ "included": [{ "processName": "mes" }], "suppressed": [{ "processName": "sso" }] }');
  const first = rules.read().rules;
  write('{ "included": [],\n "supressed": [] }');
  t.deepEqual(rules.read(), { rules: first, fault: { ...BROKEN, problem: 'shape', file, line: 2, column: 2, detail: 'the key "supressed" is not known here; did you mean "suppressed"?', message: APPLICATIONS_BROKEN } });
  remove();
  t.like(rules.read(), { rules: first, fault: { problem: 'missing' } });
  write('{ "included": [');
  t.like(rules.read(), { rules: first, fault: { problem: 'syntax' } });
  write('{}');
  t.deepEqual(rules.read(), { rules: ALL, fault: null });
});

test('a file that appears beside the settings takes the place of the product\'s from the next tap on, and keeps it', (t) => {
  const { file, write, remove } = rulesIn(t);
  const usual = new URL('../../config/appsettings.json', import.meta.url).pathname;
  const rules = new RulesFile(usual, file);
  t.deepEqual(rules.read(), { rules: ALL, fault: null });
  write('{ "suppressed": [{ "processName": "sso" }] }');
  const own = { included: [], suppressed: ['sso'] };
  t.deepEqual(rules.read(), { rules: own, fault: null });
  remove();
  t.like(rules.read(), { rules: own, fault: { problem: 'missing' } }, 'the product\'s would allow what this one suppressed');
});
