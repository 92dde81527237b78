// `tapline generate`: people who tap, as a recording, and beside it what each of them meant.
import { rm, writeFile } from 'node:fs/promises';
import type { Entry } from '../../contracts/recording.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import type { Kind } from '../generate/habits.ts';
import { labelsFileOf, type Label } from '../generate/labels.ts';
import { generated, headerOf, type Stream } from '../generate/recording.ts';
import { counted, unwritable, writeRecording } from '../recordings.ts';
import type { Terminal } from '../terminal.ts';

export interface GenerateOptions {
  readonly json: boolean;
  readonly seed: string;
  readonly kind: Kind;
  readonly minutes: string;
  readonly out: string;
}

/** Weeks of one terminal; a recording of them has some ten million entries. */
const MINUTES_MAX = 50_000;
const SEED_MAX = 0xffff_ffff;

/** 0: recording and labels are written, 1: they are not, 2: a number is none. */
export async function generate({ json, seed, kind, minutes, out }: GenerateOptions, terminal: Terminal): Promise<Exit> {
  const stream: Stream = { seed: wholeIn(seed, SEED_MAX), kind, minutes: wholeIn(minutes, MINUTES_MAX) };
  const wrong = Number.isNaN(stream.seed) ? `--seed takes a whole number up to ${SEED_MAX}` : Number.isNaN(stream.minutes) || stream.minutes === 0 ? `--minutes takes a whole number from 1 to ${MINUTES_MAX}` : null;
  if (wrong !== null) {
    terminal.note(`${terminal.paintNote('red', 'error:')} ${wrong}.`);
    return Exit.usage;
  }
  const labelsOut = labelsFileOf(out);
  const labels: Label[] = [];
  try {
    await writeFile(labelsOut, '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => Promise.reject(unwritable(labelsOut, error)));
    const entries = await writeRecording(out, headerOf(stream), entriesOf(stream, labels, terminal)).catch(async (error: unknown) => {
      await rm(labelsOut, { force: true });
      throw error;
    });
    await writeFile(labelsOut, labels.map((label) => `${JSON.stringify(label)}\n`).join(''));
    terminal.progress(null);
    const meant = labels.filter((label) => label.meant).length;
    const said = { generated: true, out, labels: labelsOut, entries, meant, spurious: labels.length - meant };
    terminal.print(json ? JSON.stringify(said) : `${out} holds ${counted(entries)}; ${labelsOut} tells of ${meant} gestures that were meant and ${said.spurious} that were not.`);
    return Exit.ok;
  } catch (error) {
    if (json) terminal.print(JSON.stringify({ generated: false, sentence: error instanceof Error ? error.message : 'it did not work' }));
    return gaveUp(error, terminal, 'Nothing was written.');
  }
}

/** NaN for what is no whole number from 0 to `max`. */
const wholeIn = (text: string, max: number): number => (/^\d{1,10}$/.test(text) && Number(text) <= max ? Number(text) : Number.NaN);

const SHOWN_EVERY = 0.05;

function* entriesOf(stream: Stream, labels: Label[], { progress }: Terminal): Generator<Entry> {
  let shown = 0;
  for (const part of generated(stream)) {
    labels.push(...part.labels);
    yield* part.entries;
    const share = part.minutes / stream.minutes;
    if (share < shown + SHOWN_EVERY) continue;
    shown = share;
    progress(`${Math.floor(part.minutes)} of ${stream.minutes} minutes`);
  }
}
