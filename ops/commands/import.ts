// `tapline import`: lines of JSON as a recording again, each one checked by the contracts, since people edit such files.
import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { Entry, Header, RECORDING_VERSION } from '../../contracts/recording.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { counted, RecordingFailed, writeRecording } from '../recordings.ts';
import type { Terminal } from '../terminal.ts';

export interface ImportOptions {
  readonly file: string;
  readonly out: string;
  readonly json: boolean;
}

/** No entry is longer; a file without line ends is not held whole. */
const LINE_BYTES_MAX = 1024 * 1024;

/** 0: `out` holds every line, 1: a line is wrong and nothing was written. */
export async function importLines({ file, out, json }: ImportOptions, terminal: Terminal): Promise<Exit> {
  try {
    const lines = linesOf(file);
    const first = await lines.next();
    const header = headerFrom(file, first.done === true ? '' : first.value);
    const entries = await writeRecording(out, header, entriesFrom(file, lines));
    terminal.print(json ? JSON.stringify({ imported: true, out, entries }) : `${out} holds ${counted(entries)} of ${file}.`);
    return Exit.ok;
  } catch (error) {
    if (json) terminal.print(JSON.stringify({ imported: false, sentence: error instanceof Error ? error.message : 'it did not work' }));
    return gaveUp(error, terminal, 'The lines are as `tapline export` writes them: the header, then an entry a line.');
  }
}

function headerFrom(file: string, text: string): Header {
  const { topic, ...header } = (parsed(file, 1, text) ?? {}) as { readonly topic?: unknown; readonly version?: unknown };
  if (topic !== 'header') throw wrong(file, 1, 'the first line is no header: its `topic` is not `header`');
  if (typeof header.version === 'number' && header.version > RECORDING_VERSION) {
    throw wrong(file, 1, `it is of version ${header.version}; this Tapline reads up to ${RECORDING_VERSION}`);
  }
  return checked(file, 1, Header.safeParse(header));
}

async function* entriesFrom(file: string, lines: AsyncIterable<string>): AsyncGenerator<Entry> {
  let number = 1;
  for await (const text of lines) {
    number += 1;
    yield checked(file, number, Entry.safeParse(parsed(file, number, text)));
  }
}

function parsed(file: string, number: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(file, number, text.trim() === '' ? 'the line is empty' : 'the line is no JSON');
  }
}

function checked<T>(file: string, number: number, result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw wrong(file, number, `${path.length === 0 ? 'the entry' : `\`${path.join('.')}\``} is not as it must be (${message})`);
}

const wrong = (file: string, number: number, what: string): RecordingFailed => new RecordingFailed('wrong-line', `${file}:${number}: ${what}.`);

/** The lines of a file, without their ends. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let number = 1;
  let rest = '';
  try {
    for await (const text of createReadStream(file, 'utf8') as AsyncIterable<string>) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      yield* lines;
      number += lines.length;
      if (rest.length > LINE_BYTES_MAX) throw wrong(file, number, `the line is longer than ${LINE_BYTES_MAX} bytes`);
    }
  } catch (error) {
    if (error instanceof RecordingFailed) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new RecordingFailed(code, code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code}).`);
  }
  if (rest !== '') yield rest;
}
