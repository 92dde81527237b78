// What the lab's NES keeps: encrypted passwords and audit rows, in SQLite, and what a model needs of them.
import { DatabaseSync } from 'node:sqlite';
import type { z } from 'zod';
import type { AuditBody } from '../../../contracts/external/nes.ts';

export type AuditRow = z.output<typeof AuditBody>['Events'][number];

export interface NesRows {
  passwordOf(userId: string): Uint8Array | null;
  putPassword(userId: string, encrypted: Uint8Array): void;
  deletePassword(userId: string): void;
  /** False if there is a row with this event id already; that one stays as it is. */
  addAudit(row: AuditRow): boolean;
  /** Oldest first. */
  audit(): readonly AuditRow[];
}

/** Rows in memory, for a system in one process and virtual time. */
export function memoryRows(): NesRows {
  const passwords = new Map<string, Uint8Array>();
  const audit = new Map<string, AuditRow>();
  return {
    passwordOf: (userId) => passwords.get(userId) ?? null,
    putPassword: (userId, encrypted) => void passwords.set(userId, encrypted),
    deletePassword: (userId) => void passwords.delete(userId),
    addAudit: (row) => {
      const isNew = !audit.has(row.EventID);
      if (isNew) audit.set(row.EventID, row);
      return isNew;
    },
    audit: () => [...audit.values()],
  };
}

/** Rows in a file, which is made if need be. `close()` before the file is removed. */
export function sqliteRows(file: string): NesRows & { close(): void } {
  const database = new DatabaseSync(file);
  database.exec(SCHEMA);
  const passwordOf = database.prepare('SELECT encrypted FROM password WHERE user_id = ?');
  const putPassword = database.prepare('INSERT INTO password VALUES (?, ?) ON CONFLICT DO UPDATE SET encrypted = excluded.encrypted');
  const deletePassword = database.prepare('DELETE FROM password WHERE user_id = ?');
  const addAudit = database.prepare('INSERT INTO audit (event_id, row) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const audit = database.prepare('SELECT row FROM audit ORDER BY seq');
  return {
    passwordOf: (userId) => (passwordOf.get(userId)?.['encrypted'] as Uint8Array | undefined) ?? null,
    putPassword: (userId, encrypted) => void putPassword.run(userId, encrypted),
    deletePassword: (userId) => void deletePassword.run(userId),
    addAudit: (row) => addAudit.run(row.EventID, JSON.stringify(row)).changes === 1,
    audit: () => audit.all().map((stored) => JSON.parse(String(stored['row'])) as AuditRow),
    close: () => database.close(),
  };
}

/** A lab loses nothing that matters: no waiting for the disk. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS password (user_id TEXT PRIMARY KEY, encrypted BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY, event_id TEXT UNIQUE NOT NULL, row TEXT NOT NULL) STRICT;
`;
