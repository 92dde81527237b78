// Reads `logging.json`: how much each actor writes and how long it is kept.
import { z } from 'zod';
import { ACTOR_NAMES, type ActorName } from '../contracts/actors.ts';
import { isFault, readJsonc } from './jsonc.ts';
import { isProblem, type ConfigProblem } from './problem.ts';
import { shaped } from './shape.ts';

/** After the guide's 7.7 and 7.8; our file has another name. */
export const LOGGING_MISSING = 'logging.json file is missing. Contact your administrator.';
export const LOGGING_BROKEN = 'Configuration error in logging.json file. Contact your administrator.';

export const LogLevel = { fatal: 'fatal', error: 'error', warn: 'warn', info: 'info', debug: 'debug', trace: 'trace', silent: 'silent' } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

const level = z.enum(LogLevel);
const OfActors = z.strictObject(Object.fromEntries(ACTOR_NAMES.map((name) => [name, level.optional()])) as Record<ActorName, z.ZodOptional<typeof level>>);

const LoggingSchema = z.strictObject({
  level: level.default('info').describe('Least level that is written.'),
  levels: OfActors.prefault({}).describe('Other levels, by name of the actor.'),
  keepDays: z.number().int().min(1).max(3_650).default(30).describe('Days after which an application or profile log is removed; the audit log is never.'),
});

export type Logging = Readonly<z.output<typeof LoggingSchema>>;

/** What holds: what the file says, or the defaults and why. */
export interface LoggingInForce {
  readonly logging: Logging;
  readonly problem: ConfigProblem | null;
}
/** For a person who checks the file. */
export const LOGGING_UNTIL_THEN = 'Every actor logs from info on, for 30 days.';

/** What the file says, or the problem with the message of 7.7 or 7.8. */
export function loadLogging(file: string): Logging | ConfigProblem {
  const read = readJsonc(file);
  const logging = isFault(read) ? read : shaped(read, LoggingSchema);
  if ('value' in logging) return Object.freeze(logging.value);
  return { ...logging, message: logging.problem === 'missing' ? LOGGING_MISSING : LOGGING_BROKEN };
}

/** Nobody is kept from signing in by a file that says how much is logged. */
export function loggingInForce(file: string): LoggingInForce {
  const read = loadLogging(file);
  return isProblem(read) ? { logging: Object.freeze(LoggingSchema.parse({})), problem: read } : { logging: read, problem: null };
}

export const levelOf = ({ level: usual, levels }: Logging, actor: ActorName): LogLevel => levels[actor] ?? usual;
