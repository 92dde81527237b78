// From the commit of a tap to its verified fill on a real desktop: actors, X server and programs as people have them, with a
// NES that answers at once. Measured are the tap-listener's own stamps: when it committed the tap, and when it ended it.
import { setTimeout as sleep } from 'node:timers/promises';
import { desktopMissing, toolkitsMissing } from '../lab/desktop/packages.ts';
import type { Dialog, DialogAccount } from '../lab/desktop/dialog.ts';
import { bareKeys } from './bare-keys.ts';
import { counted } from './counted.ts';
import { openChromiumInUse, openDesk, type Desk, type Login, type Tapped, type TapTimes } from './desk.ts';
import { FormPage } from './form-page.ts';
import { quantile } from './quantile.ts';

/** Two people in turn: user names of 12 characters, passwords of 20. */
export const LOGINS: readonly Login[] = [
  { user: 'anna.example', password: 'Rook7!lamp_Tide(42)x' },
  { user: 'bert.example', password: 'Fern9?mist-Oak[58]yz' },
];
const TAPS = { chromium: 60, gtk3: 30, qt5: 30 };
const WARM = 5;
/** A person looks where the cursor is before tapping; meanwhile assistive software hears of it. */
const BEFORE_TAP_MS = 150;
const OBEYS_WITHIN_MS = 10_000;
/** What the dialogs need beside the desktop. */
const DIALOG_PACKAGES = { gtk3: ['python3-gi', 'gir1.2-gtk-3.0'], qt5: ['python3-pyqt5'] } as const;
type DialogPlace = keyof typeof DIALOG_PACKAGES;

export interface FillOf {
  readonly msP50: number;
  readonly msP95: number;
  /** Until the injector begins: what comes before the desktop. */
  readonly msToBeginP50: number;
  readonly taps: number;
  /** Taps that ended as a verified fill, the right texts in the right fields. */
  readonly filled: number;
  /** How often the taps ended otherwise, by reason; `wrong` where a fill was told and the form held something else. */
  readonly notFilled: Readonly<Record<string, number>>;
}
/** Null where a Debian package of `missing` is wanted. */
export interface FillFigures {
  /** With the yardstick: as many keys one by one, and nothing else. */
  readonly chromium: (FillOf & { readonly msBareP50: number }) | null;
  readonly gtk3: FillOf | null;
  readonly qt5: FillOf | null;
  readonly missing: readonly string[];
}

export async function benchFill(progress: (text: string) => void, taps = TAPS): Promise<FillFigures> {
  const absent = new Set(toolkitsMissing());
  const lacks = (place: DialogPlace): string[] => DIALOG_PACKAGES[place].filter((name) => absent.has(name));
  const missing = [...desktopMissing(), ...lacks('gtk3'), ...lacks('qt5')];
  if (desktopMissing().length > 0) return { chromium: null, gtk3: null, qt5: null, missing };
  const desk = await openDesk(LOGINS);
  try {
    const made = {
      chromium: await onChromium(desk, taps.chromium, progress),
      gtk3: lacks('gtk3').length > 0 ? null : await onDialog('gtk3', desk, taps.gtk3, progress),
      qt5: lacks('qt5').length > 0 ? null : await onDialog('qt5', desk, taps.qt5, progress),
    };
    const times = await desk.times();
    const figures = (tapped: readonly FillTap[] | null): FillOf | null => tapped && fillOf(tapped, times);
    const { chromium } = made;
    return { chromium: { ...fillOf(chromium.made, times), msBareP50: chromium.msBareP50 }, gtk3: figures(made.gtk3), qt5: figures(made.qt5), missing };
  } finally {
    await desk.close();
  }
}

/** A tap, and whether the form then held what it should. */
export interface FillTap extends Tapped {
  readonly holds: boolean;
}

async function onChromium(desk: Desk, taps: number, progress: (text: string) => void): Promise<{ readonly made: FillTap[]; readonly msBareP50: number }> {
  const page = new FormPage();
  const browser = await openChromiumInUse(desk, await page.open());
  try {
    const prepare = (): Promise<unknown> => page.fresh('Sign in');
    const made = await tapAll(desk, taps, { prepare, seen: () => page.seen(), said: (tap) => progress(`fill: chromium, tap ${tap} of ${taps}`) });
    const { user, password } = LOGINS[0]!;
    return { made, msBareP50: await bareKeys(desk.lab.x11!.address.display ?? '', page, user.length + password.length) };
  } finally {
    await browser.close();
    await page.close();
  }
}

async function onDialog(toolkit: DialogPlace, desk: Desk, taps: number, progress: (text: string) => void): Promise<FillTap[]> {
  const { dialog, close } = await desk.lab.x11!.openDialog(toolkit, 'plain');
  try {
    const seen = async (): Promise<Held> => dialog.account.values;
    return await tapAll(desk, taps, { prepare: () => emptied(dialog), seen, said: (tap) => progress(`fill: ${toolkit}, tap ${tap} of ${taps}`) });
  } finally {
    await close();
  }
}

/** New fields in the place of the old ones, and the cursor in the first. */
async function emptied(dialog: Dialog): Promise<void> {
  const obeyed = async (holds: (account: DialogAccount) => boolean): Promise<void> => {
    if (!(await dialog.until(holds, OBEYS_WITHIN_MS))) throw new Error('the dialog did not obey');
  };
  for (const name of ['user', 'password']) {
    dialog.tell({ replace: name });
    await obeyed(({ replaced }) => replaced === name);
  }
  dialog.tell({ focus: 'user' });
  await obeyed(({ focused }) => focused === 'user');
}

type Held = { readonly user?: string; readonly password?: string };
interface Form {
  /** Empty, the cursor in the user field. */
  readonly prepare: () => Promise<unknown>;
  readonly seen: () => Promise<Held>;
  readonly said: (tap: number) => void;
}

async function tapAll(desk: Desk, taps: number, { prepare, seen, said }: Form): Promise<FillTap[]> {
  const made: FillTap[] = [];
  for (let tap = 0; tap < taps + WARM; tap++) {
    if (tap % 25 === 0) said(tap);
    const login = tap % LOGINS.length;
    await prepare();
    await sleep(BEFORE_TAP_MS);
    const tapped = await desk.tap(login);
    const { user, password } = await seen();
    made.push({ ...tapped, holds: user === LOGINS[login]!.user && password === LOGINS[login]!.password });
  }
  return made.slice(WARM);
}

/** What came of the taps; a time counts where the tap was told as filled and the form holds what it should. */
export function fillOf(made: readonly FillTap[], times: (tapped: Tapped) => TapTimes | null): FillOf {
  const took: number[] = [];
  const toBegin: number[] = [];
  const troubles: string[] = [];
  for (const tap of made) {
    const time = times(tap);
    const trouble = time === null ? 'not-committed' : time.outcome !== 'filled' ? time.reason : tap.holds ? null : 'wrong';
    if (trouble !== null || time === null) troubles.push(trouble ?? '');
    else {
      took.push((time.endedUs - time.committedUs) / 1000);
      toBegin.push(((time.begunUs ?? Number.NaN) - time.committedUs) / 1000);
    }
  }
  const notFilled = counted(troubles);
  return { msP50: quantile(took, 0.5), msP95: quantile(took, 0.95), msToBeginP50: quantile(toBegin, 0.5), taps: made.length, filled: took.length, notFilled };
}
