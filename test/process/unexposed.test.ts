// Taps on programs that show no fields: refused, and the person reads why in one sentence; of a Chromium, the flag it needs.
import test from 'ava';
import { until, ZoneStage, type Ended } from './zone-stage.ts';

let stage: ZoneStage;

test.before(async () => {
  stage = await ZoneStage.open();
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
  ['/usr/lib/chromium/chromium', 'This application shows its fields to Tapline only if it is started with --force-renderer-accessibility. Contact your administrator.'],
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

test.serial('the way out of one tap is not told of the next', async (t) => {
  await stage.hands.openScene('nopassword');
  t.like(await tap(), { reason: 'no-user-field', read: 'Tapline cannot detect the username or password field. Click the username field and tap again.' });
});
