// Reads the whole audit log and says whether a record was altered, deleted, moved or lost.
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { isProblem, problemLine } from '../../config/problem.ts';
import { verifyFolder } from '../../services/audit/folder.ts';
import type { FolderBroken, FolderIntact } from '../../services/audit/folder.ts';

export interface AuditVerifyOptions {
  /** Folder of the log; else the one of the configured machine zone. */
  readonly directory?: string;
  readonly json: boolean;
}

/** Where the machine zone at `machineDirectory` keeps its log. */
export const auditDirectory = (machineDirectory: string): string => join(machineDirectory, 'logs', 'Audit');

/** 0: the log is whole, 1: it is not, or it cannot be read. */
export async function auditVerify({ directory, json }: AuditVerifyOptions, print: (line: string) => void): Promise<number> {
  const config = directory === undefined ? loadConfig() : null;
  if (config !== null && isProblem(config)) return unread(problemLine(config), json, print);
  const folder = directory ?? (config === null ? '' : auditDirectory(config.machine.directory));
  try {
    const result = await verifyFolder(folder);
    if (json) print(JSON.stringify({ verified: result.ok, directory: folder, ...asJson(result) }));
    else sentences(result, folder).forEach(print);
    return result.ok ? 0 : 1;
  } catch (error) {
    return unread(`${folder} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, json, print);
  }
}

function asJson(result: FolderIntact | FolderBroken): object {
  if (!result.ok) return { fault: result.fault, file: result.file, line: result.line, seq: result.seq, sentence: result.sentence };
  const { events, files, head, open, torn } = result;
  return { events, files, head, open, torn };
}

function sentences(result: FolderIntact | FolderBroken, folder: string): readonly string[] {
  if (!result.ok) return [`NOT VERIFIED (${result.fault})`, result.sentence, `at ${join(folder, result.file)}:${result.line}`];
  const { events, files, head, open, torn } = result;
  return [
    `verified: ${events} records in ${files === 1 ? '1 file' : `${files} files`} of ${folder}`,
    `last record ${head.seq}, hash ${head.hash}`,
    ...open.map(({ tap, seq }) => `open: tap ${tap} has an intent (record ${seq}) and no outcome yet`),
    ...(torn ? ['the last line breaks off: a record that was being written and never confirmed'] : []),
  ];
}

function unread(sentence: string, json: boolean, print: (line: string) => void): number {
  print(json ? JSON.stringify({ verified: false, fault: 'unreadable', sentence }) : `NOT VERIFIED\n${sentence}`);
  return 1;
}
