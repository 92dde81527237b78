// Reads `logging.json`: how much each actor writes and how long it is kept.
import { z } from 'zod';
import { isFault, readJsonc } from './jsonc.ts';
import type { ConfigProblem } from './problem.ts';
import { shaped } from './shape.ts';

/** After the guide's 7.7 and 7.8; our file has another name. */
export const LOGGING_MISSING = 'logging.json file is missing. Contact your administrator.';
export const LOGGING_BROKEN = 'Configuration error in logging.json file. Contact your administrator.';

export const LogLevel = { fatal: 'fatal', error: 'error', warn: 'warn', info: 'info', debug: 'debug', trace: 'trace', silent: 'silent' } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

const level = z.enum(LogLevel);

const LoggingSchema = z.strictObject({
  level: level.default('info').describe('Least level that is written.'),
  levels: z.record(z.string().regex(/^[a-z-]{1,40}$/, 'must be the name of an actor'), level).default({}).describe('Other levels, by name of the actor.'),
  keepDays: z.number().int().min(1).max(3_650).default(30).describe('Days after which an application or profile log is removed; the audit log is never.'),
});

export type Logging = Readonly<z.output<typeof LoggingSchema>>;

/** What the file says, or the problem with the message of 7.7 or 7.8. */
export function loadLogging(file: string): Logging | ConfigProblem {
  const read = readJsonc(file);
  const logging = isFault(read) ? read : shaped(read, LoggingSchema);
  if ('value' in logging) return Object.freeze(logging.value);
  return { ...logging, message: logging.problem === 'missing' ? LOGGING_MISSING : LOGGING_BROKEN };
}
