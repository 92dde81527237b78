// `tapline tune`: what other numbers would have made of recorded taps, over a whole grid of them.
import { writeFile } from 'node:fs/promises';
import { changedSettings, recordedSettings } from '../../insight/replay-settings.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { summed } from '../generate/judgement.ts';
import { recordingIn, unwritable } from '../recordings.ts';
import { Mistyped } from '../replay/numbers.ts';
import type { Terminal } from '../terminal.ts';
import { allTried } from '../tune/crew.ts';
import { pageOf } from '../tune/picture.ts';
import { gridOf, sweptBy, type GridPoint, type Swept } from '../tune/sweep.ts';
import { tableOf, type Tuned } from '../tune/told.ts';
import { sourceFor, type LabelSource, type Trial } from '../tune/trial.ts';

export interface TuneOptions {
  readonly files: readonly string[];
  readonly json: boolean;
  /** `key=from..to/step` or `key=value,value`. */
  readonly sweep: readonly string[];
  readonly labels: LabelSource | 'auto';
  readonly html?: string;
}

/** Combinations that are judged in one reading of a file: enough to read seldom, few enough to have work for every core. */
const A_TRIAL = 4;
const BAR_WIDTH = 24;

/** 0: tuned, 1: a recording or its labels cannot be used, 2: a sweep is none. */
export async function tune({ files, json, sweep, labels, html }: TuneOptions, terminal: Terminal): Promise<Exit> {
  try {
    const swept = sweptBy(sweep);
    const grid = gridOf(swept);
    const trials = files.flatMap((file) => trialsOf(file, sourceFor(file, labels), grid));
    const trialsAFile = trials.length / files.length;
    const recorded = await recordedIn(files[0]!, grid);
    const results = await allTried(trials, (done) => terminal.progress(bar(done, trials.length)));
    terminal.progress(null);
    const all = grid.map((point, at): Tuned => ({
      values: point.values,
      isRecorded: point === recorded,
      counts: summed(files.map((_, file) => results[file * trialsAFile + Math.floor(at / A_TRIAL)]!.counts[at % A_TRIAL]!)),
    }));
    for (const damage of new Set(results.flatMap((result) => result.damage ?? []))) terminal.note(`${terminal.paintNote('yellow', 'note:')} ${damage}`);
    const said = saidOf(trials);
    if (html !== undefined) await write(html, pageOf({ swept, all, files, labels: said }));
    if (json) terminal.print(JSON.stringify(asJson(swept, all, said)));
    else [...tableOf(swept, all), `What was meant: ${said}.`, ...(html === undefined ? [] : [`The picture is in ${html}.`])].forEach(terminal.print);
    return Exit.ok;
  } catch (error) {
    if (!(error instanceof Mistyped)) return gaveUp(error, terminal, 'Recordings are files that the recorder, `import` or `generate` wrote.');
    terminal.note(`${terminal.paintNote('red', 'error:')} ${error.message}`);
    return Exit.usage;
  }
}

function trialsOf(file: string, labels: LabelSource, grid: readonly GridPoint[]): readonly Trial[] {
  const chunks = Array.from({ length: Math.ceil(grid.length / A_TRIAL) }, (_, at) => grid.slice(at * A_TRIAL, (at + 1) * A_TRIAL));
  return chunks.map((points) => ({ file, labels, changes: points.map(({ changes }) => changes) }));
}

function write(html: string, page: string): Promise<void> {
  return writeFile(html, page, { flag: 'wx' }).catch((error: unknown) => Promise.reject(unwritable(html, error)));
}

/** The combination that changes nothing, if the grid has it. */
async function recordedIn(file: string, grid: readonly GridPoint[]): Promise<GridPoint | undefined> {
  const recording = await recordingIn(file);
  await recording.close();
  const settings = recordedSettings(recording.header);
  const spelled = JSON.stringify(settings);
  return grid.find(({ changes }) => JSON.stringify(changedSettings(settings, changes)) === spelled);
}

function saidOf(trials: readonly Trial[]): string {
  const sources = new Set(trials.map(({ labels }) => labels));
  const said: Readonly<Record<LabelSource, string>> = { sidecar: 'from the labels beside the recording', behaviour: 'from what people did next' };
  return [...sources].map((source) => said[source]).join(', else ');
}

function bar(done: number, all: number): string {
  const full = Math.round((done / all) * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${done} of ${all}`;
}

const asJson = (swept: readonly Swept[], all: readonly Tuned[], labels: string): object => ({
  labels,
  tuned: all.map(({ values, isRecorded, counts: { meant, meantLost, spurious, spuriousAccepted } }) => ({
    settings: Object.fromEntries(swept.map(({ name }, at) => [name, values[at]])), recorded: isRecorded, meant, meantLost, spurious, spuriousAccepted,
  })),
});
