// What the commands about recordings share: a file is opened or refused in one sentence, and written whole or not at all.
import { rm } from 'node:fs/promises';
import type { Entry, Header } from '../contracts/recording.ts';
import { isUnreadable, openRecording, RecordingWriter, type Recording } from '../runtime/recording.ts';

/** An expected failure of a command about recordings; its message is one sentence for people. */
export class RecordingFailed extends Error {
  readonly code: string;

  constructor(code: string, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

/** Throws `RecordingFailed` where nothing of the file can be used. */
export async function recordingIn(file: string): Promise<Recording> {
  const recording = await openRecording(file);
  if (isUnreadable(recording)) throw new RecordingFailed(recording.unreadable, recording.sentence);
  return recording;
}

/** Writes a whole recording and returns how many entries it has. What was begun is removed where that fails. */
export async function writeRecording(out: string, header: Header, entries: AsyncIterable<Entry> | Iterable<Entry>): Promise<number> {
  const writer = await RecordingWriter.create(out, header).catch((error: unknown) => Promise.reject(unwritable(out, error)));
  let count = 0;
  try {
    for await (const entry of entries) {
      await writer.append(entry);
      count += 1;
    }
    await writer.close();
    return count;
  } catch (error) {
    await writer.close().catch(() => {});
    await rm(out, { force: true });
    throw error instanceof RecordingFailed ? error : unwritable(out, error);
  }
}

/** Why a file cannot be written, as a sentence. */
export function unwritable(out: string, error: unknown): RecordingFailed {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  return new RecordingFailed(code, code === 'EEXIST' ? `${out} exists already; choose another name, or remove it first.` : `${out} cannot be written (${code}).`);
}

export const counted = (entries: number): string => (entries === 1 ? '1 entry' : `${entries} entries`);
