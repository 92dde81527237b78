// Taps on programs that show no fields: refused, and the person reads why in one sentence; of a Chromium, the flag it needs.
// Where the settings name the window, both values are typed unseen, and the person is told to check them.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Zone } from '../../contracts/actors.ts';
import { startLab } from '../../ops/lab/lab.ts';
import { SCENES } from '../../platform/virtual/scenes.ts';
import { PATIENT, until, ZoneStage, type Ended } from './zone-stage.ts';

let stage: ZoneStage;

test.before(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'unexposed-'));
  mkdirSync(join(dir, 'nes', 'people'), { recursive: true });
  writeFileSync(join(dir, 'nes', 'people', 'NB-02.password'), 'Sesame-7 {x}', { mode: 0o600 });
  const unseenForms = [{ processName: 'weigh', windowTitle: 'Unlock', tabs: 1 }];
  stage = new ZoneStage(dir, await startLab({ dir, desktop: 'virtual', settings: { budget: PATIENT, unseenForms } }));
  await stage.start(Zone.machine);
  await stage.start(Zone.session);
  await stage.enrolled();
});
test.after.always(() => stage?.close());

const errors = async (): Promise<string[]> => (await stage.hands.report()).alerts.filter(({ level }) => level === 'error').map(({ message }) => message);

/** Taps, and waits for the error that the person reads. */
async function tap(): Promise<Ended & { readonly read: string }> {
  const before = (await errors()).length;
  const ended = await stage.tapHere('NB-01');
  return { ...ended, read: await until('an error', async () => (await errors())[before]) };
}

const CASES = [
  ['/usr/lib/chromium/chromium', 'This application shows its fields to Tapline only if it is started with --force-renderer-accessibility=basic. Contact your administrator.'],
  ['/opt/scales/weigh', 'This application does not show its fields to Tapline. Contact your administrator.'],
] as const;
for (const [executable, sentence] of CASES) {
  test.serial(`a tap on ${executable} that shows no fields is refused, with the sentence that says what to do`, async (t) => {
    const window = await stage.hands.openScene('login', { executable, exposed: false });
    await stage.hands.click(window!, 'user');
    const { outcome, reason, read } = await tap();
    t.deepEqual({ outcome, reason, read }, { outcome: 'refused', reason: 'no-accessibility', read: sentence });
    t.deepEqual((await stage.hands.arrived()).windows[window!], { user: '', password: '' });
    await stage.hands.closeWindow(window!);
  });
}

test.serial('a window that the settings name is filled unseen, and the person is told to check it', async (t) => {
  const login = await stage.hands.openPage({ ...SCENES.login, title: 'Unlock' }, { executable: '/opt/scales/weigh', exposed: false, origin: null });
  await stage.hands.click(login!, 'user');
  t.like(await tap(), { outcome: 'refused', reason: 'untypable' }, 'a password with a character on no key is not tried');
  t.like(await stage.tapHere('NB-02'), { outcome: 'filled-unverified', reason: 'ok-unverified' });
  const { user, domainPassword } = stage.lab.nes.people.find('NB-02')!;
  t.true(await stage.hands.holds(login!, 'user', [...Buffer.from(user)]));
  t.true(await stage.hands.holds(login!, 'password', [...domainPassword]));
  const warned = await until('a warning', async () => (await stage.hands.report()).alerts.find(({ level }) => level === 'warning'));
  t.regex(warned.message, /could not be confirmed\. Check both fields/);
  await stage.hands.closeWindow(login!);
});

test.serial('the way out of one tap is not told of the next', async (t) => {
  await stage.hands.openScene('nopassword');
  t.like(await tap(), { reason: 'no-user-field', read: 'Tapline cannot detect the username or password field. Click the username field and tap again.' });
});
