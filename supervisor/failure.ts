// Why a fleet did not start, in words that name the process, what it last did and where to read on.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pm2Process } from './pm2.ts';
import { ExitCode, type App } from './topology.ts';

export const FleetCode = {
  /** Another fleet, or a process started by hand, has the names. */
  alreadyRunning: 'already-running',
  badConfiguration: 'bad-configuration',
  notReady: 'not-ready',
  /** `stop` came before the end of the start. */
  stopped: 'stopped',
} as const;
export type FleetCode = (typeof FleetCode)[keyof typeof FleetCode];

export interface FleetFailure {
  readonly code: FleetCode;
  /** For the operator. */
  readonly sentence: string;
  /** Which process. */
  readonly app?: string | undefined;
  /** The last events that it logged, oldest first. */
  readonly events?: readonly string[] | undefined;
  /** Where to read on. */
  readonly logFile?: string | undefined;
}

export class FleetFailed extends Error {
  override readonly name = 'FleetFailed';
  readonly failure: FleetFailure;

  constructor(failure: FleetFailure) {
    super(failure.sentence);
    this.failure = failure;
  }
}

const EVENTS_MAX = 5;
const TAIL_BYTES = 64_000;
const SENTENCE_CHARS_MAX = 400;

interface Evidence {
  readonly app: App;
  readonly listed: Pm2Process | undefined;
  /** Folder of the zone. */
  readonly root: string;
  /** Where pm2 keeps what the process wrote to stderr. */
  readonly errorLog: string;
}

export function whyNotReady({ app, listed, root, errorLog }: Evidence): FleetFailed {
  const { name, actors } = app;
  const said = lastLine(errorLog);
  if (listed?.exitCode === ExitCode.alreadyRunning) return new FleetFailed({ code: 'already-running', sentence: said ?? `${name} is already running.`, app: name, logFile: errorLog });
  if (listed?.exitCode === ExitCode.badConfiguration) return new FleetFailed({ code: 'bad-configuration', sentence: said ?? 'The configuration cannot be used.', app: name, logFile: errorLog });
  const appLog = join(root, 'logs', 'App', `tapline_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}.log`);
  const events = lastEvents(appLog, actors);
  const logFile = events.length > 0 ? appLog : errorLog;
  const logged = events.length > 0 ? `last logged ${events.join(', ')}` : 'it logged nothing';
  return new FleetFailed({ code: 'not-ready', sentence: `${name} did not become ready: ${stateOf(listed)}; ${logged}. See ${logFile}`, app: name, events, logFile });
}

function stateOf(listed: Pm2Process | undefined): string {
  if (listed === undefined) return 'pm2 does not know it';
  const again = listed.restarts === 0 ? '' : `, after ${listed.restarts} restarts`;
  const ended = listed.exitCode === null || listed.pid !== null ? '' : `, exit code ${listed.exitCode}`;
  return `pm2 says ${listed.state}${ended}${again}`;
}

/** Names of events only: what else a line holds is for those who may read the log. */
function lastEvents(file: string, actors: readonly string[]): string[] {
  const events = tail(file).flatMap((line) => {
    const { actor, msg } = parsed(line);
    return typeof msg === 'string' && (actors.includes(String(actor)) || actor === actors.join(',')) ? [msg] : [];
  });
  return events.slice(-EVENTS_MAX);
}

const lastLine = (file: string): string | null => tail(file).at(-1)?.slice(0, SENTENCE_CHARS_MAX) ?? null;

function tail(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file).subarray(-TAIL_BYTES).toString('utf8').split('\n').filter((line) => line !== '');
}

function parsed(line: string): { readonly actor?: unknown; readonly msg?: unknown } {
  try {
    return JSON.parse(line) as object;
  } catch {
    return {};
  }
}
