// `npm run lab`: everything that Tapline works with, on this machine, to play with until Ctrl-C.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { isProblem, problemLine } from '../../config/problem.ts';
import { howToGetX11 } from '../demo-report.ts';
import { Ending } from '../ending.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { findLab, serveControl, type Answered, type Asked } from '../lab/control.ts';
import { desktopMissing } from '../lab/desktop/packages.ts';
import { UNKNOWN_BAND } from '../lab/people.ts';
import { keepLogs, shortFolder, startPractice, type Practice } from '../lab/practice.ts';
import { PAIRS, type SeatPage } from '../lab/seat.ts';
import { formLine } from '../tap-report.ts';
import type { Terminal } from '../terminal.ts';
import { tapLines } from './tap.ts';

export interface LabCommandOptions {
  readonly json: boolean;
  readonly desktop: 'auto' | 'x11' | 'virtual';
  readonly page: SeatPage;
}

/** 0: stopped by Ctrl-C, and nothing is left. 3: a lab runs already from this home folder. */
export async function lab({ json, desktop: wished, page }: LabCommandOptions, terminal: Terminal): Promise<Exit> {
  const config = loadConfig();
  if (isProblem(config)) return gaveUp(new Error(`${config.message} (${problemLine(config)})`), terminal, 'Check the files with `npm run tapline -- config check`.');
  const { home, product } = config;
  if (findLab(home) !== null) {
    terminal.note('A lab runs already. Tap in it: npm run tapline -- tap --band NB-01');
    return Exit.alreadyRunning;
  }
  const missing = desktopMissing();
  const desktop = wished === 'auto' ? (missing.length === 0 ? 'x11' : 'virtual') : wished;
  if (desktop === 'x11' && missing.length > 0) {
    terminal.note(howToGetX11(missing));
    return Exit.failed;
  }
  const dir = shortFolder();
  const ending = Ending.onSignals(() => terminal.progress('stopping everything'));
  ending.add(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  ending.add(() => keepLogs(dir, join(home, 'lab')));
  try {
    const practice = await startPractice({ dir, desktop, page, cache: join(home, 'cache'), onProgress: terminal.progress }, ending);
    const player = new Player(practice, page, (answered, shown) => {
      if (json) return terminal.print(JSON.stringify({ band: answered.band, outcome: answered.outcome, reason: answered.reason, ms: answered.ms }));
      for (const line of [...tapLines(answered, product, terminal), `    ${terminal.paint('dim', 'in the form:')}      ${shown}`, '']) terminal.print(line);
    }, (who) => terminal.note(`    The lab typed the current password of ${who} into the form. Tap again.\n`));
    const note = { pid: process.pid, control: join(dir, 'control'), dir, desktop, page, environment: { ...practice.lab.environment } };
    await ending.opening(serveControl(home, note, (asked) => player.tap(asked)), (close) => close());
    terminal.progress(null);
    if (json) terminal.print(JSON.stringify({ ready: true, ...note }));
    else welcome(practice, note, missing, terminal).forEach(terminal.print);
    await ending.called();
    await ending.close();
    terminal.progress(null);
    terminal.note(`Everything is stopped. The logs lie in ${join(home, 'lab')}`);
    return Exit.ok;
  } catch (error) {
    await ending.close();
    return gaveUp(error, terminal, `The logs lie in ${join(home, 'lab')}`);
  }
}

/** Takes one tap after the other, and turns to the next form when one is full. */
class Player {
  readonly #practice: Practice;
  readonly #page: SeatPage;
  readonly #ended: (answered: Answered, shown: string) => void;
  readonly #typed: (who: string) => void;
  #pair = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(practice: Practice, page: SeatPage, ended: (answered: Answered, shown: string) => void, typed: (who: string) => void) {
    this.#practice = practice;
    this.#page = page;
    this.#ended = ended;
    this.#typed = typed;
  }

  tap(asked: Asked): Promise<Answered> {
    const next = this.#last.then(() => this.#tapNow(asked));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #tapNow({ band, via }: Asked): Promise<Answered> {
    const { lab: { nes }, seat, tap } = this.#practice;
    const line = await tap(band, via);
    const answered = { ...line, band, who: nes.people.find(band)?.fullName ?? null };
    this.#ended(answered, formLine(await seat.shown()));
    const form = line.reason === 'no-password' ? nes.people.find(band)?.domainPassword : undefined;
    if (form !== undefined) await this.#form(form, answered.who ?? band);
    if (line.outcome === 'filled' || line.outcome === 'filled-unverified') await this.#turn();
    return answered;
  }

  async #form(password: Uint8Array, who: string): Promise<void> {
    if (await this.#practice.seat.answerForm(password)) return this.#typed(who);
    // It took the keyboard away from the page.
    this.#pair = 0;
    await this.#practice.seat.open(this.#page);
  }

  async #turn(): Promise<void> {
    const pairs = PAIRS[this.#page];
    this.#pair = (this.#pair + 1) % pairs.length;
    if (this.#pair === 0) await this.#practice.seat.open(this.#page);
    else await this.#practice.seat.focus(pairs[this.#pair]!.user);
  }
}

interface Opened {
  readonly dir: string;
  readonly desktop: string;
  readonly page: SeatPage;
}

function welcome({ lab: { nes, pages } }: Practice, { dir, desktop, page }: Opened, missing: readonly string[], { paint }: Terminal): string[] {
  const bands = nes.people.all.map(({ alias, fullName }) => `${alias} ${fullName}`);
  const where = desktop === 'x11' ? `Chromium on an X server of its own, ${pages.url(page)}` : 'the virtual desktop, in memory';
  return [
    '',
    `${paint('bold', 'The lab is ready.')} In front: the page \`${page}\`, the cursor in the user field (${where}).`,
    ...(desktop === 'virtual' && missing.length > 0 ? [paint('dim', howToGetX11(missing))] : []),
    '',
    `Tap from another terminal:  ${paint('cyan', 'npm run tapline -- tap --band NB-01')}`,
    `What would a tap do, and what did the last one:  ${paint('cyan', 'npm run tapline -- why')}, ${paint('cyan', 'npm run tapline -- explain last')}`,
    `Look at the actors:         ${paint('cyan', `TAPLINE_HOME=${dir} npm run status`)}`,
    `Bands: ${[...bands, `${UNKNOWN_BAND.alias} nobody`].join(', ')}`,
    paint('dim', 'NES of the lab logs in by Basic authentication: insecure, for the lab only. Ctrl-C stops everything.'),
    '',
  ];
}
