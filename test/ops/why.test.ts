// `tapline why` as one types it, on a virtual desktop that the test serves: the same decision as a tap's, with its grounds.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { handsOn } from '../../platform/virtual/hands.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import { serveDesktop } from '../../platform/virtual/server.ts';
import type { Why } from '../../services/window-resolver/why.ts';
import { typed, type Ended } from './typed.ts';


/** A desktop with a page in front and the cursor in a field, and a home folder whose settings name it. */
async function stage(t: ExecutionContext, scene: SceneName, field: string, rules: object = {}) {
  const home = mkdtempSync(join(tmpdir(), 'tl-why-'));
  const server = await serveDesktop();
  t.teardown(async () => {
    await server.close();
    rmSync(home, { recursive: true });
  });
  const hands = handsOn(server.world);
  await hands.click((await hands.openScene(scene)) ?? '', field);
  writeFileSync(join(home, 'config.json'), JSON.stringify({ desktop: { kind: 'virtual', endpoint: server.endpoint } }));
  writeFileSync(join(home, 'appsettings.json'), JSON.stringify(rules));
  return (...words: string[]): Promise<Ended> => typed({ TAPLINE_HOME: home, TAPLINE_CONFIG: '' }, 'why', ...words);
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
