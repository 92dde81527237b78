// The audit folder on the disk: `audit_YYYYMMDD.jsonl` for each day (UTC) with records, and `head.json`, which names the
// last record that was synced. The chain goes on from file to file.
import { createReadStream, writeSync } from 'node:fs';
import { open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { beginWalk, endWalk, walkOn } from './chain.ts';
import type { Broken, Head, Intact } from './chain.ts';

const FILE_NAME = /^audit_\d{8}\.jsonl$/;
const HEAD_NAME = 'head.json';
/** One write of this size within one disk sector is never seen half. */
const HEAD_BYTES = 128;
const LINE_CHARACTERS_MAX = 64 * 1024;
/** Every user of the host may read the record, as the guide has it (6.1); the audit alone writes it. */
export const FILE_MODE = 0o644;

export type FolderBroken = Broken & { readonly file: string };
export type FolderIntact = Intact & { readonly files: number };

/** Verifies a whole folder, also while it is written to. `line` counts within `file`. */
export async function verifyFolder(directory: string): Promise<FolderIntact | FolderBroken> {
  // The head first: a log that grows meanwhile is only ever longer than the head says.
  const head = await readHead(directory);
  const files = await auditFiles(directory);
  if (head === 'unreadable') return { ok: false, line: 1, seq: 0, fault: 'altered', sentence: 'The head file is not readable or was altered.', file: HEAD_NAME };
  if (files.length === 0) return { ok: false, line: 1, seq: 0, fault: 'missing', sentence: 'There is no audit log.', file: fileNameOf(0) };
  let walk = beginWalk(head);
  let at = { file: files[0] ?? '', linesBefore: 0 };
  for (const file of files) {
    const linesBefore = walk.line;
    for await (const { text, ended } of linesOf(join(directory, file))) walk = walkOn(walk, text, ended);
    if (walk.fault === null || walk.fault.line > linesBefore) at = { file, linesBefore };
    if (walk.fault?.fault === 'altered') break;
  }
  const result = endWalk(walk);
  return result.ok ? { ...result, files: files.length } : { ...result, line: result.line - at.linesBefore, file: at.file };
}

/** Names of the files of a folder, oldest first; none if there is no folder. */
export async function auditFiles(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => FILE_NAME.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export function fileNameOf(wallMs: number): string {
  return `audit_${new Date(wallMs).toISOString().slice(0, 10).replaceAll('-', '')}.jsonl`;
}

/** Null where there is none. */
export async function readHead(directory: string): Promise<Head | null | 'unreadable'> {
  try {
    const { seq, hash } = JSON.parse(await readFile(join(directory, HEAD_NAME), 'latin1')) as Partial<Head>;
    const whole = Number.isSafeInteger(seq) && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
    return whole ? ({ seq, hash } as Head) : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
}

/** Opens the head file for `writeHead`, and makes it if there is none. */
export async function openHead(directory: string, head: Head): Promise<FileHandle> {
  const file = join(directory, HEAD_NAME);
  if ((await readHead(directory)) === null) {
    await writeFile(`${file}.new`, headText(head), { mode: FILE_MODE });
    await rename(`${file}.new`, file);
  }
  const handle = await open(file, 'r+');
  await handle.chmod(FILE_MODE);
  return handle;
}

/** After the records are synced. Not synced itself: after a power cut the log may be longer than the head, never shorter. */
export function writeHead({ fd }: FileHandle, head: Head): void {
  writeSync(fd, headText(head), 0, 'latin1');
}

/** Makes the name of a new file durable; systems that cannot sync a directory do it on their own. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function headText({ seq, hash }: Head): string {
  return `${JSON.stringify({ seq, hash }).padEnd(HEAD_BYTES - 1)}\n`;
}

interface Line {
  readonly text: string;
  /** With its line end. */
  readonly ended: boolean;
}

/** Lines of one file, byte for byte. */
async function* linesOf(file: string): AsyncGenerator<Line> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'latin1', highWaterMark: 1024 * 1024 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) yield { text, ended: true };
    if (rest.length > LINE_CHARACTERS_MAX) break;
  }
  if (rest !== '') yield { text: rest.slice(0, LINE_CHARACTERS_MAX), ended: false };
}
