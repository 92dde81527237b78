// `npm run demo`: four taps on a lab of its own, from reader to audit record, checked and explained. Leaves no process behind.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { loadConfig } from '../../config/load.ts';
import { isProblem } from '../../config/problem.ts';
import { verifyFolder } from '../../services/audit/folder.ts';
import { Ending } from '../ending.ts';
import { Exit } from '../exit.ts';
import { desktopMissing } from '../lab/desktop/packages.ts';
import { UNKNOWN_BAND, type LabPerson } from '../lab/people.ts';
import { keepLogs, shortFolder, startPractice, type Practice } from '../lab/practice.ts';
import { PAIRS, type SeatPage } from '../lab/seat.ts';
import { actLines, headline, howToGetX11, summaryLines } from '../demo-report.ts';
import type { ReportedTap } from '../tap-report.ts';
import type { Terminal } from '../terminal.ts';
import { auditDirectory } from './audit-verify.ts';
import { gaveUp } from '../failure.ts';

export interface DemoOptions {
  readonly json: boolean;
  readonly desktop?: 'auto' | 'x11' | 'virtual';
}

export interface Act {
  readonly title: string;
  readonly band: string;
  readonly page: SeatPage;
  /** Which pair of fields of the page. */
  readonly pair: number;
  readonly outcome: 'filled' | 'refused';
  readonly reason: string;
}

const ACTS: readonly Act[] = [
  { title: 'Ada signs in', band: 'NB-01', page: 'login', pair: 0, outcome: 'filled', reason: 'ok' },
  { title: 'Ada signs for the work', band: 'NB-01', page: 'dual', pair: 0, outcome: 'filled', reason: 'ok' },
  { title: 'Grace signs for the check', band: 'NB-02', page: 'dual', pair: 1, outcome: 'filled', reason: 'ok' },
  { title: 'A band that nobody owns', band: UNKNOWN_BAND.alias, page: 'login', pair: 0, outcome: 'refused', reason: 'unknown-band' },
];

export interface Played extends ReportedTap {
  readonly act: Act;
  /** The fields of the page hold exactly what they should, and nothing else. */
  readonly arrived: boolean;
  /** What the person sees in the form, by field; passwords as dots. */
  readonly shown: Readonly<Record<string, string>>;
}

export interface Audited {
  readonly verified: boolean;
  readonly events: number;
}

const AUDITED_WITHIN_MS = 5000;
const LOOK_AGAIN_MS = 50;
/** The same band again within this time would be a bounce. */
const BETWEEN_TAPS_MS = 1100;

/** 0: every tap did what it should and the audit log is whole, 1: not, 130: interrupted; nothing runs afterwards in any case. */
export async function demo({ json, desktop: wished = 'auto' }: DemoOptions, terminal: Terminal): Promise<Exit> {
  const missing = desktopMissing();
  const desktop = wished === 'auto' ? (missing.length === 0 ? 'x11' : 'virtual') : wished;
  const say = json ? (): void => undefined : terminal.print;
  if (desktop === 'x11' && missing.length > 0) {
    terminal.note(howToGetX11(missing));
    return Exit.failed;
  }
  const dir = shortFolder();
  const kept = keptFolder();
  const ending = Ending.onSignals(() => terminal.progress('stopping everything'));
  ending.add(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  ending.add(() => keepLogs(dir, kept));
  try {
    headline(desktop, missing, terminal).forEach(say);
    const practice = await startPractice({ dir, desktop, page: 'login', cache: join(kept, '../cache'), onProgress: terminal.progress }, ending);
    const taps = await play(practice, ending, terminal, say);
    const audit = await audited(dir, ending);
    terminal.progress('stopping everything');
    await ending.close();
    terminal.progress(null);
    const screenshot = desktop === 'x11' ? join(kept, 'signature.png') : null;
    const isRight = audit.verified && taps.every((tap) => tap.isRight);
    summaryLines({ taps, audit, kept, screenshot, isRight }, terminal).forEach(say);
    if (json) terminal.print(JSON.stringify({ desktop, taps: taps.map(asJson), audit, screenshot }));
    return isRight ? Exit.ok : Exit.failed;
  } catch (error) {
    await ending.close();
    return gaveUp(error, terminal, `The logs lie in ${kept}`);
  }
}

async function play({ lab, seat, tap, fleet }: Practice, ending: Ending, terminal: Terminal, say: (line: string) => void): Promise<Played[]> {
  const played: Played[] = [];
  const filled: Record<string, Uint8Array> = {};
  const { product } = fleet.config;
  for (const [index, act] of ACTS.entries()) {
    const person = lab.nes.people.find(act.band);
    const before = ACTS[index - 1];
    terminal.progress(`tap ${index + 1} of ${ACTS.length}: ${act.title}`);
    if (index > 0) await ending.unlessCalled(turnTo(act, before, { seat, filled }));
    if (before?.band === act.band) await ending.unlessCalled(after(BETWEEN_TAPS_MS));
    const line = await tap(act.band, 'nfc');
    if (act.outcome === 'filled') Object.assign(filled, valuesFor(act, person));
    const arrived = await ending.unlessCalled(seat.holds(filled));
    if (index === 0) await seat.screenshot(join(lab.dir, 'login.png'));
    if (act.pair === 1) await seat.screenshot(join(lab.dir, 'signature.png'));
    const isRight = line.outcome === act.outcome && line.reason === act.reason && arrived;
    const done: Played = { act, band: act.band, who: person?.fullName ?? null, line, isRight, arrived, shown: await seat.shown() };
    played.push(done);
    actLines(done, product, terminal).forEach(say);
  }
  return played;
}

/** The next page, or the next pair of fields of the same one. */
async function turnTo(act: Act, before: Act | undefined, { seat, filled }: Pick<Practice, 'seat'> & { filled: Record<string, Uint8Array> }): Promise<void> {
  if (act.page === before?.page) return seat.focus(PAIRS[act.page][act.pair]!.user);
  for (const name of Object.keys(filled)) delete filled[name];
  await seat.open(act.page);
}

function valuesFor({ page, pair }: Act, person: LabPerson | undefined): Record<string, Uint8Array> {
  const fields = PAIRS[page][pair];
  if (fields === undefined || person === undefined) return {};
  return { [fields.user]: new TextEncoder().encode(person.user), [fields.password]: person.domainPassword };
}

/** Resolves when every tap of the log has its outcome, or with what there is then. */
async function audited(dir: string, ending: Ending): Promise<Audited> {
  const deadline = Date.now() + AUDITED_WITHIN_MS;
  for (;;) {
    const result = await ending.unlessCalled(verifyFolder(auditDirectory(join(dir, 'machine'))));
    if (!result.ok) return { verified: false, events: 0 };
    const isOver = result.open.length === 0 && result.events > ACTS.length;
    if (isOver || Date.now() > deadline) return { verified: result.open.length === 0, events: result.events };
    await ending.unlessCalled(after(LOOK_AGAIN_MS));
  }
}

function asJson({ band, line: { outcome, reason, ms } }: Played): object {
  return { band, outcome, reason, ms };
}

/** `.tapline/demo` of the product. */
function keptFolder(): string {
  const config = loadConfig();
  return join(isProblem(config) ? join(import.meta.dirname, '../../.tapline') : config.home, 'demo');
}
