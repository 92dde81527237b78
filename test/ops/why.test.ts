// `tapline why` as one types it, on a virtual desktop that the test serves: the same decision as a tap's, with its grounds.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseApplications } from '../../config/applications.ts';
import { isProblem } from '../../config/problem.ts';
import { whyLines } from '../../ops/why-report.ts';
import type { Field, WindowFacts } from '../../platform/port.ts';
import type { OpenOptions } from '../../platform/virtual/control.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import { serveDesktop } from '../../platform/virtual/server.ts';
import { why as explain, type Why } from '../../services/window-resolver/why.ts';
import { typed, type Ended } from './typed.ts';

/** A desktop with a page in front and the cursor in a field, and a home folder whose settings name it. */
async function stage(t: ExecutionContext, scene: SceneName, field: string, rules: object = {}) {
  return (await desktop(t, [[scene, field]], rules)).why;
}

/** The same with several pages, each in front of the one before; `windows` are their ids. */
async function desktop(t: ExecutionContext, pages: readonly (readonly [SceneName, string, OpenOptions?])[], rules: object = {}, settings: object = {}) {
  const home = mkdtempSync(join(tmpdir(), 'tl-why-'));
  const server = await serveDesktop();
  t.teardown(async () => {
    await server.close();
    rmSync(home, { recursive: true });
  });
  const hands = handsOn(server.world);
  const windows: string[] = [];
  for (const [scene, field, options] of pages) {
    const window = await hands.openScene(scene, options);
    await hands.click(window!, field);
    windows.push(window!);
  }
  writeFileSync(join(home, 'config.json'), JSON.stringify({ ...settings, desktop: { kind: 'virtual', endpoint: server.endpoint } }));
  writeFileSync(join(home, 'appsettings.json'), JSON.stringify(rules));
  const why = (...words: string[]): Promise<Ended> => typed({ TAPLINE_HOME: home, TAPLINE_CONFIG: '' }, 'why', ...words);
  return { why, windows };
}

test('a form that a tap would fill is shown with the two fields that it would fill', async (t) => {
  const why = await stage(t, 'login', 'user');
  const { code, stdout } = await why();
  t.is(code, 0);
  t.regex(stdout, /^A tap here fills/);
  t.regex(stdout, /● text "User name".* has the focus {2}← user name/);
  t.regex(stdout, /● password "Password": current {2}← password/);
  const json = JSON.parse((await why('--json')).stdout) as Why;
  t.deepEqual(json.fields.map(({ part }) => part).filter(Boolean), ['user', 'password']);
  t.is(json.refused, null);
});

test('an application that no rule allows is shown with each attribute that does not match', async (t) => {
  const why = await stage(t, 'login', 'user', { included: [{ processName: 'chromium', applicationUrl: 'https://other.example/*' }, { windowTitle: 'Batch' }] });
  const { code, stdout } = await why();
  t.is(code, 1);
  t.regex(stdout, /^A tap here fills nothing \(not-configured: /);
  t.regex(stdout, /✘ included 1: processName "chromium" matches, applicationUrl "https:\/\/other\.example\/\*" does not match "https:\/\/pages\.lab\/login"/);
  t.regex(stdout, /✘ included 2: windowTitle "Batch" does not match "Sign in"/);
});

test('of several rules that match, the one that decides is marked; a suppressed application says nothing', async (t) => {
  const included = [{ windowTitle: 'Sign' }, { processName: 'Chromium.exe' }];
  const allowed = JSON.parse((await (await stage(t, 'login', 'user', { included }))('--json')).stdout) as Why;
  t.deepEqual(allowed.rules.map(({ matches, decides }) => [matches, decides]), [[true, true], [true, false]]);
  const why = await stage(t, 'login', 'user', { included, suppressed: [{ processName: 'chromium' }] });
  const { code, stdout } = await why();
  t.is(code, 1);
  t.regex(stdout, /^A tap here does nothing, and says nothing/);
  t.regex(stdout, /✔ suppressed 1: .*← decides/);
});

test('a cursor beside the fields is told, in the person\'s words too', async (t) => {
  const { code, stdout } = await (await stage(t, 'login', 'search'))();
  t.is(code, 1);
  t.regex(stdout, /^A tap here fills nothing \(no-user-field: /);
  t.regex(stdout, /The person reads: Tapline cannot detect/);
  t.notRegex(stdout, /has the focus |←/);
});

test('rules that cannot be used, and a time that is none, are one sentence and an exit code', async (t) => {
  const broken = await (await stage(t, 'login', 'user', { included: 'all' }))();
  t.is(broken.code, 4);
  t.regex(broken.stderr, /^Configuration Error .*\nA session that read a good version goes on with that; one that starts now refuses every tap\. Check with: /);
  const wrong = await (await stage(t, 'login', 'user'))('--in', 'soon');
  t.deepEqual([wrong.code, wrong.stderr], [2, '--in takes whole seconds from 0 to 600.\n']);
});

const THREE = [['login', 'user', { executable: '/opt/mes/client' }], ['prefilled', 'password'], ['nopassword', 'comment']] as const;

test('the list names every window, the one in front first', async (t) => {
  const { why, windows } = await desktop(t, THREE);
  const { code, stdout } = await why('--list');
  t.is(code, 0);
  const [login, prefilled, comment] = windows;
  t.deepEqual(stdout.trimEnd().split('\n'), [`● ${comment}  chromium (4000)  "Comment"`, `  ${prefilled}  chromium (4000)  "Unlock"`, `  ${login}  client (4000)    "Sign in"`]);
  const json = JSON.parse((await why('--list', '--json')).stdout) as (WindowFacts & { inFront: boolean })[];
  t.deepEqual(json.map(({ id, processName, inFront }) => [id, processName, inFront]), [[comment, 'chromium', true], [prefilled, 'chromium', false], [login, 'client', false]]);
});

test('a window behind others is told by its id, its program or its title, and says that it is behind', async (t) => {
  const { why, windows } = await desktop(t, THREE, { included: [{ processName: 'client' }] });
  for (const name of [windows[0]!, 'Client', 'sign']) {
    const { code, stdout } = await why('--window', name);
    t.is(code, 0, name);
    t.regex(stdout, /^A tap with this window in front fills.*\n {2}It is behind other windows: /);
    t.regex(stdout, /✔ included 1: processName "client" matches {2}← decides/);
  }
  const refused = await why('--window', 'unlock', '--json');
  t.is(refused.code, 1);
  t.like(JSON.parse(refused.stdout), { refused: 'not-configured', inFront: false, focusAssumed: false, window: { title: 'Unlock' } });
  t.regex((await why('--window', 'comment')).stdout, /^A tap here fills nothing/);
});

test('a name that none or several go by is not guessed at', async (t) => {
  const { why, windows } = await desktop(t, THREE);
  const several = await why('--window', 'chromium');
  t.is(several.code, 2);
  t.regex(several.stderr, new RegExp(`^Several windows go by that; give the id of one:\\n.*${windows[2]}.*\\n.*${windows[1]}.*\\n$`));
  for (const none of ['firefox', ' ']) t.deepEqual(await why('--window', none), { code: 2, stdout: '', stderr: 'No window has that id, process or title. `why --list` tells which there are.\n' });
  t.is((await why('--list', '--window', 'chromium')).code, 2);
});

test('a window that shows no fields is refused with the way out, or told to be filled unseen where the settings name it', async (t) => {
  const pages = [['login', 'user', { executable: '/opt/scales/weigh', exposed: false }], ['login', 'user', { exposed: false }]] as const;
  const unseenForms = [{ processName: 'weigh', windowTitle: 'Sign in' }];
  const plain = await desktop(t, pages);
  t.regex((await plain.why()).stdout, /^A tap here fills nothing \(no-accessibility: .*\n {2}The person reads: .*--force-renderer-accessibility/);
  t.regex((await plain.why('--window', 'weigh')).stdout, /^A tap with this window in front fills nothing \(no-accessibility: .*\n {2}The person reads: This application does not show its fields/);
  const named = await desktop(t, pages, {}, { unseenForms });
  const { code, stdout } = await named.why('--window', 'weigh');
  t.is(code, 0);
  t.regex(stdout, /^A tap with this window in front types user name, Tab and password, and tells the person to check both\./);
  t.like(JSON.parse((await named.why('--window', 'weigh', '--json')).stdout), { unseen: { tabs: 1 }, refused: null, window: { processName: 'weigh' } });
  t.is((await named.why()).code, 1, 'the other window is not named');
  const listed = await desktop(t, pages, { included: [{ processName: 'chrome' }] }, { unseenForms });
  t.regex((await listed.why('--window', 'weigh')).stdout, /fills nothing \(not-configured: /);
});

test('of a frame of another origin only an entry that names its own address decides, and that is said', (t) => {
  const window = { id: '1', pid: 7, executable: '/opt/chrome', processName: 'chrome', title: 'Batch' };
  const frame = { window, url: 'https://login.example/', pageUrl: 'https://mes.example/', fields: [], focused: null, inFront: true, focusKnown: true };
  const rules = parseApplications('f', JSON.stringify({ included: [{ processName: 'chrome' }, { applicationUrl: 'login.example' }] }));
  if (isProblem(rules)) return t.fail(rules.message);
  const why = explain(rules, frame);
  t.deepEqual(why.rules.map(({ matches, decides }) => [matches, decides]), [[true, false], [true, true]]);
  t.regex(whyLines(why, { product: 'Tapline', file: 'f', paint: (_, text) => text }).join('\n'), /a frame in https:\/\/mes\.example\/, of another origin/);
});

test('what other programs put into titles does not reach the terminal as it is', async (t) => {
  const { why } = await desktop(t, [['login', 'user']], { included: [{ windowTitle: 'Sign\u001b[2J' }] });
  t.false((await why()).stdout.includes('\u001b[2J'));
});

test('of a window whose program does not tell the focus, one is assumed with which a tap would fill; if there is none, that is said', (t) => {
  const shown = { htmlId: '', autocomplete: '', form: null, visible: true, editable: true, empty: true };
  const field = (ref: string, role: Field['role']): Field => ({ ...shown, ref, role, label: ref, htmlName: ref });
  const seen = { window: { id: '1', pid: 7, executable: '/opt/mes', processName: 'mes', title: 'Sign in' }, url: null, pageUrl: null, focused: null, inFront: false, focusKnown: false };
  const telling = { product: 'Tapline', file: 'appsettings.json', paint: (_: unknown, text: string) => text };
  const fills = explain({ included: [], suppressed: [] }, { ...seen, fields: [field('search', 'text'), field('user', 'text'), field('password', 'password')] });
  t.like(fills, { refused: null, focusAssumed: true });
  t.deepEqual(fills.fields.map(({ focused }) => focused), [false, true, false]);
  t.regex(whyLines(fills, telling).join('\n'), /does not tell which field has the focus: assumed is "user"\./);
  const none = explain({ included: [], suppressed: [] }, { ...seen, fields: [field('comment', 'text')] });
  t.like(none, { refused: 'no-user-field', focusAssumed: true });
  t.regex(whyLines(none, telling).join('\n'), /: with none of them a tap would fill\./);
});
