// Where a journal goes on after a stop or a crash: the last days of the log are verified, a torn last line is cut off.
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beginWalk, EMPTY_CHAIN, endWalk, walkOn } from './chain.ts';
import type { ChainState, Fault, Walk } from './chain.ts';
import { auditFiles, readHead } from './folder.ts';

/** Files that are read at a start: the ones that can hold an intent without an outcome. */
const FILES_READ = 2;

export interface Tail {
  readonly state: ChainState;
  /** File that goes on; null where there is no log yet. */
  readonly file: string | null;
  /** Bytes of a torn last line that were cut off. */
  readonly tornBytes: number;
}

/** A log that must not be continued. */
export interface TailBroken {
  readonly fault: Fault;
  /** For the operator: what is wrong, in which file. */
  readonly sentence: string;
}

export async function openTail(directory: string): Promise<Tail | TailBroken> {
  const head = await readHead(directory);
  if (head === 'unreadable') return { fault: 'altered', sentence: 'The head file of the audit log is not readable. The log is not continued.' };
  const files = await auditFiles(directory);
  const last = files.at(-1);
  if (last === undefined) return head === null ? { state: EMPTY_CHAIN, file: null, tornBytes: 0 } : refused('missing', HEAD_ALONE);
  const texts = await Promise.all(files.slice(-FILES_READ).map((file) => readFile(join(directory, file), 'latin1')));
  const whole = (texts.at(-1) ?? '').lastIndexOf('\n') + 1;
  const tornBytes = (texts.at(-1) ?? '').length - whole;
  let walk: Walk = beginWalk(head, files.length > FILES_READ);
  for (const text of [...texts.slice(0, -1), (texts.at(-1) ?? '').slice(0, whole)]) {
    const lines = text.split('\n');
    if (lines.pop() !== '') return refused('truncated', `${last} was begun while the file before it breaks off.`);
    for (const line of lines) walk = walkOn(walk, line);
  }
  const end = walk.fault ?? endWalk(walk);
  if (!end.ok) return refused(end.fault, `${last} or the file before it is broken. ${end.sentence}`);
  if (tornBytes > 0) await cut(join(directory, last), whole);
  return { state: walk.state, file: last, tornBytes };
}

const HEAD_ALONE = 'All files of the log are gone, only its head file is left.';

function refused(fault: Fault, sentence: string): TailBroken {
  return { fault, sentence: `${sentence} The audit log is not continued: keep the folder as evidence and start with an empty one.` };
}

async function cut(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.truncate(bytes);
  await handle.sync();
  await handle.close();
}
