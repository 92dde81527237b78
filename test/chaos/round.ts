// One round: a tap, a kill in the midst of it, and everything that must hold afterwards, up to the next tap.
import type { Outcome, Reason } from '../../contracts/reasons.ts';
import { messagesFor } from '../../insight/messages.ts';
import type { App } from '../../supervisor/topology.ts';
import { killDuring } from './kill.ts';
import type { Moment } from './moments.ts';
import type { Stand } from './stand.ts';
import { TooLate, until } from './waiting.ts';

export interface Round {
  /** Empty: all held. */
  readonly complaints: readonly string[];
  /** `none`: the gesture was never accepted, because who would have accepted it was dead. */
  readonly end: `${Outcome} ${Reason}` | 'none' | 'unseen';
  /** From the kill until the process was ready again. */
  readonly readyMs: number;
}

const READY_WITHIN_MS = 15_000;
/** Lease, late end, and a sweep of the record. */
const SETTLED_WITHIN_MS = 14_000;
const SHOWN_WITHIN_MS = 6000;
const ENDS_WITHIN_MS = 4000;

export async function round(stand: Stand, app: App, moment: Moment): Promise<Round> {
  const complaints: string[] = [];
  let end: Round['end'] = 'unseen';
  let readyMs = 0;
  try {
    await stand.connected();
    const window = await stand.openLogin();
    const before = counts(stand);
    const pid = stand.pidOf(app)!;
    await killDuring(stand, pid, moment, () => stand.traces.profile().length > before.profile);
    readyMs = await until(`${app.name} is ready again`, READY_WITHIN_MS, () => {
      stand.world.stalled &&= alive(pid);
      const now = stand.pidOf(app);
      return now !== null && now !== pid && stand.fleet.isReady(app);
    });
    end = await judge(stand, app, window, before, complaints);
    await next(stand, window, complaints);
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    complaints.push(error.message);
  }
  return { complaints, end, readyMs };
}

interface Counts {
  readonly profile: number;
  readonly accepted: number;
  readonly audit: number;
  readonly presses: number;
}
const counts = ({ traces, world }: Stand): Counts =>
  ({ profile: traces.profile().length, accepted: traces.accepted().length, audit: traces.audit().length, presses: world.desktop.keyboard.presses });

/** What the tap, its person and its record have come to. */
async function judge(stand: Stand, app: App, window: string, before: Counts, complaints: string[]): Promise<Round['end']> {
  const { traces, world } = stand;
  const profile = () => traces.profile().slice(before.profile);
  const listens = app.actors.includes('tap-listener');
  if (!listens) await until('the tap ends', ENDS_WITHIN_MS, () => profile().length > 0);
  await until('journals and record are settled', SETTLED_WITHIN_MS, () => traces.isSettled());
  const fault = await traces.auditFault();
  if (fault !== null) complaints.push(fault);

  const records = traces.audit().slice(before.audit);
  const outcomes = records.flatMap((record) => (record.kind === 'outcome' ? [record] : []));
  const lates = records.filter((record) => record.kind === 'note' && record.topic === 'late-report');
  const taps = new Set([...traces.accepted().slice(before.accepted), ...profile(), ...outcomes].map(({ tap }) => tap));
  const must = (holds: boolean, complaint: string): void => void (holds || complaints.push(complaint));
  must(taps.size <= 1, `${taps.size} taps of one gesture`);
  must(lates.length <= 1, `${lates.length} late reports`);
  await untouched(stand, window, complaints);
  if (taps.size === 0) {
    must(listens, 'nobody accepted the gesture');
    must(world.desktop.keyboard.presses === before.presses, 'keys were pressed for a tap that nobody accepted');
    must(endsShown(stand).length === 0, 'the person was told of a tap that nobody accepted');
    return 'none';
  }
  must(profile().length === 1, `${profile().length} ends in the profile log`);
  must(outcomes.length === 1, `${outcomes.length} outcomes in the record`);
  const [told] = profile();
  const [kept] = outcomes;
  if (told === undefined || kept === undefined) return 'unseen';
  must(told.tap === kept.tap && told.outcome === kept.outcome && told.reason === kept.reason, `told ${told.outcome} ${told.reason}, recorded ${kept.outcome} ${kept.reason}`);
  await shown(stand, app, kept.reason, complaints);
  await left(stand, window, kept.outcome, complaints);
  return `${kept.outcome} ${kept.reason}`;
}

const PRODUCT = messagesFor({ product: 'Tapline' });
const HEALTH_TEXTS = new Set(Object.values(PRODUCT.statuses).map(({ message }) => message));
const END_TEXTS = new Set(Object.values(PRODUCT.reasons).map(({ message }) => message).filter((text) => text !== '' && !HEALTH_TEXTS.has(text)));

const alertsShown = ({ world }: Stand): string[] => world.desktop.tray.alerts.map(({ message }) => message);
const endsShown = (stand: Stand): string[] => alertsShown(stand).filter((text) => END_TEXTS.has(text));

/** The person was told what the record says; by a tray that died meanwhile perhaps twice. */
async function shown(stand: Stand, app: App, reason: Reason, complaints: string[]): Promise<void> {
  const expected = PRODUCT.reasons[reason].message;
  const told = (): string[] => (HEALTH_TEXTS.has(expected) ? alertsShown(stand).filter((text) => text === expected) : endsShown(stand));
  await until('the person is told', SHOWN_WITHIN_MS, () => told().length > 0);
  const times = told().length;
  if (told().some((text) => text !== expected)) complaints.push(`the person saw another end than ${reason}`);
  if (times > (app.actors.includes('tray') ? 2 : 1)) complaints.push(`the person was told ${times} times`);
}

/** Nothing is anywhere else, no key is down, no mapping is changed, nothing was submitted. */
async function untouched({ hands }: Stand, window: string, complaints: string[]): Promise<void> {
  const { windows, stray, submits } = await hands.arrived();
  const { pressed, mapped } = await hands.keyboard();
  if (pressed.length > 0) complaints.push(`keys are down: ${pressed.length}`);
  if (mapped.length > 0) complaints.push(`keys are mapped: ${mapped.length}`);
  if (stray !== '') complaints.push('characters arrived outside of fields');
  if (submits > 0) complaints.push('the form was submitted');
  const elsewhere = Object.entries(windows[window] ?? {}).filter(([field, text]) => field !== 'user' && field !== 'password' && text !== '');
  if (elsewhere.length > 0 || Object.keys(windows).length !== 1) complaints.push('another field or window was touched');
}

/** A filled form holds both values; of a failed one neither is half there, and no password at all unless nobody knows. */
async function left({ hands, person }: Stand, window: string, outcome: Outcome, complaints: string[]): Promise<void> {
  const { user = '', password = '' } = (await hands.arrived()).windows[window] ?? {};
  const isWhole = await hands.holds(window, 'password', [...person.domainPassword]);
  const isFilled = outcome === 'filled' || outcome === 'filled-unverified';
  if (isFilled && !(isWhole && user === person.user)) complaints.push(`said ${outcome}, and the form is not filled`);
  if (!isFilled && password !== '' && !(outcome === 'unknown' && isWhole)) complaints.push(`said ${outcome}, and the form has a ${isWhole ? 'whole' : 'half'} password`);
  if (!isFilled && user !== '' && user !== person.user) complaints.push(`said ${outcome}, and the form has half a name`);
}

/** The person clicks into the field for the name and taps again. */
async function next(stand: Stand, window: string, complaints: string[]): Promise<void> {
  const { traces, hands, person, world } = stand;
  await stand.connected();
  const before = counts(stand);
  const alerts = world.desktop.tray.alerts.length;
  await hands.click(window, 'user');
  await stand.tap();
  const profile = () => traces.profile().slice(before.profile);
  await until('the next tap ends', ENDS_WITHIN_MS, () => profile().length > 0);
  const [{ outcome, reason } = {}] = profile();
  const isThere = await hands.holds(window, 'password', [...person.domainPassword]);
  await until('the next tap is settled', SETTLED_WITHIN_MS, () => traces.isSettled());
  if (outcome !== 'filled' || !isThere) return void complaints.push(`the next tap: ${outcome} ${reason}`);
  await until('the person is told of the next tap', SHOWN_WITHIN_MS, () => world.desktop.tray.alerts.slice(alerts).some(({ message }) => message === PRODUCT.reasons.ok.message));
  const others = world.desktop.tray.alerts.slice(alerts).filter(({ message }) => END_TEXTS.has(message) && message !== PRODUCT.reasons.ok.message);
  if (others.length > 0) complaints.push('the person was told of another end after the next tap');
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
