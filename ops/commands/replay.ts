// `tapline replay`: judges a recording again in virtual time, as it was or by other numbers. It can inject nothing: there is
// no injector in it, and nobody is asked.
import type { Decision } from '../../contracts/recording.ts';
import { decisionLine } from '../../insight/decisions.ts';
import type { Doubt } from '../../insight/fold.ts';
import { Painter } from '../../insight/picture.ts';
import { replayer } from '../../insight/replay.ts';
import { changedSettings, recordedSettings, type Changes } from '../../insight/replay-settings.ts';
import type { Recording } from '../../runtime/recording.ts';
import { Interrupted } from '../ending.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { recordingIn } from '../recordings.ts';
import { Golden, type Difference } from '../replay/golden.ts';
import { changesFrom, Mistyped, momentFrom } from '../replay/numbers.ts';
import { hasKeys, paceOf, type Speed } from '../replay/pace.ts';
import { writePicture } from '../replay/picture.ts';
import { decisionText, momentText, Summary } from '../replay/told.ts';
import type { Terminal } from '../terminal.ts';

export interface ReplayOptions {
  readonly file: string;
  readonly json: boolean;
  readonly speed: Speed;
  /** Milliseconds or hh:mm:ss from the beginning. */
  readonly from?: string;
  readonly to?: string;
  readonly step: boolean;
  /** Lines that `--json` is to give. */
  readonly against?: string;
  /** `key=value`. */
  readonly set: readonly string[];
  /** Where a page with the picture goes; one that is there is replaced. */
  readonly html?: string;
}

interface Wanted {
  readonly changes: Changes | null;
  readonly fromUs: number;
  readonly toUs: number;
}

/** 0: replayed, 1: nothing of the file can be used, or it differs from the golden file. What precedes damage is replayed. */
export async function replayFile(options: ReplayOptions, terminal: Terminal): Promise<Exit> {
  try {
    const wanted = wantedBy(options);
    const recording = await recordingIn(options.file);
    try {
      return await (options.against === undefined ? shown : compared)(recording, wanted, options, terminal);
    } finally {
      await recording.close();
    }
  } catch (error) {
    // Whoever pressed `q` knows.
    if (error instanceof Interrupted) return Exit.interrupted;
    if (!(error instanceof Mistyped)) return gaveUp(error, terminal, 'Recordings are files that the recorder, `import` or `generate` wrote.');
    terminal.note(`${terminal.paintNote('red', 'error:')} ${error.message}`);
    return Exit.usage;
  }
}

function wantedBy({ from, to, step, set, against, html }: ReplayOptions): Wanted {
  if (against !== undefined && (step || html !== undefined)) throw new Mistyped('--against only compares: it goes with neither --step nor --html.');
  if (step && !hasKeys()) throw new Mistyped('--step waits for a key after each decision, and here is no terminal to press one.');
  const [fromUs, toUs] = [from === undefined ? 0 : momentFrom('--from', from), to === undefined ? Number.POSITIVE_INFINITY : momentFrom('--to', to)];
  if (toUs < fromUs) throw new Mistyped('--to lies before --from.');
  return { changes: changesFrom(set), fromUs, toUs };
}

/** The decisions of the part that is wanted; `painter` sees them with what led to them. */
async function* decisionsIn(
  recording: Recording,
  { changes, fromUs, toUs }: Wanted,
  { doubts, painter }: { readonly doubts: Doubts; readonly painter?: Painter },
): AsyncGenerator<Decision> {
  const { startedUs } = recording.header;
  const isWanted = ({ us }: Decision): boolean => us - startedUs >= fromUs && us - startedUs <= toUs;
  const { take, end } = replayer(recording.header, changes, (doubt) => doubts.add(doubt));
  // By other numbers, what a moment was like depends on all that precedes it, not on a recorded snapshot.
  for await (const entries of recording.batches(changes === null && fromUs > 0 ? { us: startedUs + fromUs } : undefined)) {
    for (const entry of entries) {
      const decisions = take(entry).filter(isWanted);
      painter?.take(entry, decisions);
      if (decisions.length > 0) yield* decisions;
      if (entry.us - startedUs > toUs) return;
    }
  }
  const last = end().filter(isWanted);
  painter?.take(null, last);
  yield* last;
}

async function shown(recording: Recording, wanted: Wanted, { json, speed, step, html, set }: ReplayOptions, terminal: Terminal): Promise<Exit> {
  const { startedUs } = recording.header;
  const doubts = new Doubts();
  const painter = new Painter(recording.header, changedSettings(recordedSettings(recording.header), wanted.changes ?? {}));
  const summary = new Summary();
  const pace = paceOf({ speed, step, fromUs: startedUs + wanted.fromUs });
  try {
    for await (const decision of decisionsIn(recording, wanted, html === undefined ? { doubts } : { doubts, painter })) {
      summary.count(decision);
      await pace.until(decision.us);
      terminal.print(json ? decisionLine(decision) : decisionText(decision, startedUs, terminal));
    }
  } finally {
    pace.close();
  }
  if (html !== undefined) await writePicture(html, painter.picture(set));
  if (!json) ['', ...summary.lines(), ...(html === undefined ? [] : [`picture   ${html}`])].forEach(terminal.print);
  doubts.tell(recording, terminal);
  return Exit.ok;
}

async function compared(recording: Recording, wanted: Wanted, { against: file = '', json }: ReplayOptions, terminal: Terminal): Promise<Exit> {
  const doubts = new Doubts();
  const golden = new Golden(file);
  try {
    let difference: Difference | null = null;
    for await (const decision of decisionsIn(recording, wanted, { doubts })) {
      difference = await golden.differs(decisionLine(decision));
      if (difference !== null) break;
    }
    difference ??= await golden.differs(null);
    const same = difference === null;
    if (json) terminal.print(JSON.stringify(same ? { same, decisions: golden.compared } : { same, ...difference }));
    else differenceLines(difference, golden.compared, file).forEach(terminal.print);
    doubts.tell(recording, terminal);
    return same ? Exit.ok : Exit.failed;
  } finally {
    await golden.close();
  }
}

function differenceLines(difference: Difference | null, compared: number, file: string): string[] {
  if (difference === null) return [`the same ${compared === 1 ? 'decision' : `${compared} decisions`} as ${file}`];
  const { index, expected, decided } = difference;
  return [`decision ${index} differs`, `expected  ${expected ?? 'nothing more'}`, `decided   ${decided ?? 'nothing more'}`];
}

/** What else a person should know of the file, told once at the end. */
class Doubts {
  #first: Doubt | null = null;
  #count = 0;

  add(doubt: Doubt): void {
    this.#first ??= doubt;
    this.#count += 1;
  }

  tell({ damage, header }: Recording, { note, paintNote }: Terminal): void {
    const [mark, more] = [paintNote('yellow', 'note:'), this.#count === 1 ? '' : ` And ${this.#count - 1} more of its kind.`];
    if (damage !== null) note(`${mark} ${damage.sentence}`);
    if (this.#first !== null) note(`${mark} At ${momentText(this.#first.us - header.startedUs)}: ${this.#first.sentence}${more}`);
  }
}
