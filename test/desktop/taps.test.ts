// The whole line on a real desktop: taps of a lab band end in the fields of real windows, and nowhere else.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Ending } from '../../ops/ending.ts';
import type { LabPerson } from '../../ops/lab/people.ts';
import { shortFolder, startPractice, type Practice } from '../../ops/lab/practice.ts';
import { platform } from '../../platform/linux/platform.ts';
import { isTrouble, type Look } from '../../platform/port.ts';
import { verifyFolder } from '../../services/audit/folder.ts';
import { eventually } from '../platform/stage.ts';

const TAPS = 10;
const ARRIVES_WITHIN_MS = 3000;
const SHOWS_WITHIN_MS = 10_000;

/** Taps follow each other faster than people's; and the test shares its machine with others. */
const PATIENT = { bounceMs: 0, acceptMs: 1000, resolveMs: 2000, injectionMs: 3000, totalMsNfc: 10_000, credentialMsNfc: 5000 };

const dir = shortFolder();
const ending = new Ending();
let practice: Practice;
let look: Look;

test.before(async () => {
  ending.add(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  mkdirSync(join(dir, 'cache'));
  practice = await startPractice({ dir, desktop: 'x11', page: 'login', cache: join(dir, 'cache'), onProgress: () => undefined, budget: PATIENT }, ending);
  look = await platform.look(practice.lab.x11!.address);
  ending.add(() => look.close());
});
test.after.always(() => ending.close());

/** A person taps after the click into the user field, so not before assistive software has heard of it. */
async function cursorIn(t: ExecutionContext, windowOf: { readonly pid?: number; readonly process?: string }): Promise<void> {
  const isThere = (context: Awaited<ReturnType<Look['context']>>): boolean => {
    if (isTrouble(context) || context.focused === null || context.fields[context.focused]?.role !== 'text') return false;
    return windowOf.pid === undefined ? context.window.processName === windowOf.process : context.window.pid === windowOf.pid;
  };
  t.true(isThere(await eventually(() => look.context(), isThere, SHOWS_WITHIN_MS)));
}

/** Two people in turn. */
const bandOf = (tap: number): string => (tap % 2 === 0 ? 'NB-01' : 'NB-02');
const personOf = (tap: number): LabPerson => practice.lab.nes.people.find(bandOf(tap))!;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

test.serial('ten taps in a row on a page in Chromium are ten right fills, no submit, and nothing in a window beside it', async (t) => {
  const bystander = await practice.lab.x11!.openDialog('gtk3', 'plain');
  for (let tap = 0; tap < TAPS; tap++) {
    await practice.seat.open('login');
    await cursorIn(t, { process: 'chromium' });
    const { outcome, reason } = await practice.tap(bandOf(tap), 'nfc');
    t.deepEqual({ tap, outcome, reason }, { tap, outcome: 'filled', reason: 'ok' });
    const { user, domainPassword } = personOf(tap);
    t.true(await practice.seat.holds({ user: Buffer.from(user), password: domainPassword }), `tap ${tap}`);
  }
  const { values, stray, clicks } = bystander.dialog.account;
  t.deepEqual({ values: Object.values(values).join(''), stray, clicks }, { values: '', stray: '', clicks: 0 });
  await bystander.close();
});

test.serial('ten taps in a row on GTK dialogs are ten right fills, and nobody presses their button', async (t) => {
  for (let tap = 0; tap < TAPS; tap++) {
    const { dialog, pid, close } = await practice.lab.x11!.openDialog('gtk3', 'plain');
    await cursorIn(t, { pid });
    const { outcome, reason } = await practice.tap(bandOf(tap), 'nfc');
    t.deepEqual({ tap, outcome, reason }, { tap, outcome: 'filled', reason: 'ok' });
    const { user, domainPassword } = personOf(tap);
    const right = { user, password: text(domainPassword) };
    t.true(await dialog.until(({ values }) => values['user'] === right.user && values['password'] === right.password, ARRIVES_WITHIN_MS), `tap ${tap}`);
    const { stray, clicks } = dialog.account;
    t.deepEqual({ stray, clicks }, { stray: '', clicks: 0 });
    await close();
  }
});

test.serial('each of these taps is in the audit log with its one end', async (t) => {
  const verified = await verifyFolder(join(dir, 'machine/logs/Audit'));
  t.true(verified.ok);
  t.deepEqual(verified.ok ? verified.open : null, []);
});
