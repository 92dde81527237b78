// Every generated file of the repository, as text. The command writes them, a test compares them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentDefaults } from '../../config/document.ts';
import { ACTOR_NAMES } from '../../contracts/actors.ts';
import { CATALOGUE } from '../../contracts/catalogue.ts';
import { follow, type Lock } from '../../contracts/lock.ts';
import { REASON_CODES } from '../../contracts/reasons.ts';
import { documentContracts } from './contracts.ts';

export interface Generated {
  /** Text by path from the root of the repository. */
  readonly files: ReadonlyMap<string, string>;
  /** Why the lock may not follow the present one; empty: it may. */
  readonly objections: readonly string[];
}

export const LOCK_FILE = 'contracts/lock.json';
export const LOCKED_SETS = { actor: ACTOR_NAMES, reason: REASON_CODES } as const;

/** Generates all from the declarations, and from the lock that lies below `root`. */
export function generate(root: string): Generated {
  const { lock, objections } = follow(readLock(root), { catalogue: CATALOGUE, sets: LOCKED_SETS });
  const files = new Map([
    ['contracts/README.md', documentContracts(lock)],
    [LOCK_FILE, `${JSON.stringify(lock, null, 1)}\n`],
    ['config/default.json', documentDefaults()],
  ]);
  return { files, objections };
}

/** The lock as it lies there; null where there is none. Throws on one that is no JSON. */
export function readLock(root: string): Lock | null {
  try {
    return JSON.parse(readFileSync(join(root, LOCK_FILE), 'utf8')) as Lock;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
