// `tapline export`: a recording as lines of JSON, the same lines for the same recording: to read, to compare, to keep in git.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Recording } from '../../runtime/recording.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { counted, recordingIn, unwritable } from '../recordings.ts';
import type { Terminal } from '../terminal.ts';

export interface ExportOptions {
  readonly file: string;
  /** Else stdout. */
  readonly out?: string;
  readonly json: boolean;
}

/** 0: all of it is in the lines, 1: it is damaged and what precedes the damage is, or nothing can be used. */
export async function exportLines({ file, out, json }: ExportOptions, terminal: Terminal): Promise<Exit> {
  if (json && out === undefined) {
    terminal.note('error: --json tells about the file that --out names; without --out stdout holds the lines themselves.');
    return Exit.usage;
  }
  try {
    const recording = await recordingIn(file);
    const lines = await (out === undefined ? printed(recording, terminal) : written(recording, out)).finally(() => recording.close());
    const { damage } = recording;
    if (json) terminal.print(JSON.stringify({ exported: damage === null, out, entries: lines - 1, sentence: damage?.sentence ?? null }));
    else if (out !== undefined) terminal.print(`${out} holds ${counted(lines - 1)} of ${file}.`);
    if (damage !== null) terminal.note(`${terminal.paintNote('red', 'error:')} ${damage.sentence}`);
    return damage === null ? Exit.ok : Exit.failed;
  } catch (error) {
    if (json) terminal.print(JSON.stringify({ exported: false, sentence: error instanceof Error ? error.message : 'it did not work' }));
    return gaveUp(error, terminal, 'Recordings are files that the recorder, `import` or `generate` wrote.');
  }
}

async function* linesOf(recording: Recording): AsyncGenerator<string> {
  yield line({ topic: 'header', ...recording.header });
  for await (const entry of recording.entries()) yield line(entry);
}

async function printed(recording: Recording, { print }: Terminal): Promise<number> {
  let count = 0;
  for await (const text of linesOf(recording)) {
    print(text);
    count += 1;
  }
  return count;
}

async function written(recording: Recording, out: string): Promise<number> {
  let count = 0;
  const texts = async function* (): AsyncGenerator<string> {
    for await (const text of linesOf(recording)) {
      count += 1;
      yield `${text}\n`;
    }
  };
  await pipeline(Readable.from(texts()), createWriteStream(out, { flags: 'wx', mode: 0o600 })).catch((error: unknown) => Promise.reject(unwritable(out, error)));
  return count;
}

/** JSON with its keys in order, at every depth. */
const line = (value: object): string => JSON.stringify(value, (_, inner: unknown) => (isPlain(inner) ? inOrder(inner) : inner));

const inOrder = (value: object): object => Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));

const isPlain = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
