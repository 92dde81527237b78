// The shell that every actor shares: folders, keys, log, mailbox, enrolment, sign of life, and an orderly end.
import { join } from 'node:path';
import { ACTORS, Zone, type ActorName } from '../contracts/actors.ts';
import type { Config } from '../config/load.ts';
import { levelOf, type LoggingInForce } from '../config/logging.ts';
import { problemLine, type ConfigProblem } from '../config/problem.ts';
import { addressTowards } from './address.ts';
import { Bus, type Handler } from './bus/bus.ts';
import type { Neighbours } from './bus/neighbours.ts';
import { zoneKeys, type CurvePair, type KeyHolder } from './bus/curve.ts';
import { systemClock, type Clock } from './clock.ts';
import { callEnrolment, EnrolmentRefused, sessionIdOf, type EnrolAnswer, type EnrolRequest } from './enrol.ts';
import { sealingKeys, signingKey, signingPublic } from './identity.ts';
import { openLog, type Log, type LogKind } from './log.ts';
import { placesOf, SESSION_RUN_BYTES_MAX, type Places } from './places.ts';
import { publicBytes } from './seal.ts';

const REPORT_EVERY_MS = 1000;
const ENROL_AGAIN_MS = 10_000;
const ENROL_RETRY_MS = 250;

export interface ActorContext {
  readonly name: ActorName;
  readonly config: Config;
  /** Own session; null in the machine zone. */
  readonly session: string | null;
  readonly places: Places;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly openLog: (kind: LogKind) => Log;
  /** Why the default levels hold; null where those of the file do. */
  readonly loggingProblem: ConfigProblem | null;
}

export interface Actor {
  /** Gets every message; what it returns or resolves to is the answer, and a rejection is a refusal. */
  readonly handle: Handler;
  /** Called once, when mailbox and lines stand. */
  readonly opened?: () => void;
  /** In a session zone: called whenever the machine zone became known, or another one. */
  readonly enrolled?: (machine: EnrolAnswer) => Promise<void> | void;
  /** A line came or went. */
  readonly lineChanged?: (to: ActorName, session: string | null, up: boolean) => void;
  readonly stop: () => Promise<void>;
}
export type StartActor = (context: ActorContext) => Promise<Actor>;

export interface RunningActor {
  readonly bus: Bus;
  stop(): Promise<void>;
}

/** Starts one actor; resolves when its doors are open. `neighbours`: shared by all actors of a process that hosts several. */
export async function runActor(name: ActorName, start: StartActor, config: Config, inForce: LoggingInForce, neighbours?: Neighbours): Promise<RunningActor> {
  const { places, keys, session } = zoneOf(ACTORS[name].zone, config);
  const { logging, problem: loggingProblem } = inForce;
  const logOf = (kind: LogKind): Log => openLog({ actor: name, dir: places.logs, kind, level: levelOf(logging, name), keepDays: logging.keepDays });
  const log = logOf('App');
  if (loggingProblem !== null) log.warn({ code: loggingProblem.problem, at: problemLine(loggingProblem) }, 'logging.unusable');
  let actor: Actor | undefined;
  const bus = new Bus({
    name, places, keys, session, clock: systemClock, neighbours,
    refused: (refusal, sender) => {
      const times = bus.refusals.get(refusal.refused) ?? 1;
      if (isPowerOfTwo(times)) log.warn({ code: refusal.refused, path: refusal.path, sender, times }, 'message.refused');
      if (times === 1) report(bus, 'ready');
    },
    lineChanged: (to, of, up) => {
      log.debug({ to, session: of, up }, 'line.changed');
      actor?.lineChanged?.(to, of, up);
    },
  });
  actor = await start({ name, config, session, places, clock: systemClock, bus, log, openLog: logOf, loggingProblem });
  await bus.open(actor.handle);
  actor.opened?.();
  const stopEnrolling = session === null ? () => {} : keepEnrolled({ config, places, keys, session, bus, log, actor });
  const reporting = setInterval(() => report(bus, 'ready'), REPORT_EVERY_MS);
  log.info({ session }, 'actor.ready');
  return {
    bus,
    stop: async () => {
      stopEnrolling();
      clearInterval(reporting);
      report(bus, 'stopping');
      await actor.stop();
      await bus.close();
      log.info('actor.stopped');
    },
  };
}

/**
 * Tells the machine zone that the session of this user and configuration is over: its doors close. For whoever ends the
 * whole session zone, after its last actor; an actor that merely restarts must not say it. Must run as the session's
 * user. False where the machine zone does not answer, or the caller is somebody else: it lets go by itself then.
 */
export async function leaveMachineZone(config: Config): Promise<boolean> {
  try {
    const { places, keys } = zoneOf(Zone.session, config);
    await callEnrolment(machineRunDir(config), await requestOf('leave', config, places, keys));
    return true;
  } catch {
    return false;
  }
}

/** Public keys of a zone, as enrolment tells them. */
export function publicKeys(keys: Keys): EnrolRequest['keys'] {
  const actors = [...keys].filter(([holder]) => holder !== 'observer');
  return Object.fromEntries(actors.map(([holder, pair]) => [holder, pair.publicKey]));
}

type Keys = ReadonlyMap<KeyHolder, CurvePair>;

/** Throws where folder or keys of the zone cannot be used. */
function zoneOf(zone: Zone, config: Config): { places: Places; keys: Keys; session: string | null } {
  const places = placesOf(zone === Zone.machine ? config.machine.directory : config.session.directory);
  const keys = zoneKeys(zone, places.keys);
  if (zone === Zone.machine) return { places, keys, session: null };
  const bytes = Buffer.byteLength(places.run);
  if (bytes > SESSION_RUN_BYTES_MAX) throw new RangeError(`the session's folder of sockets has a path of ${bytes} bytes, ${SESSION_RUN_BYTES_MAX} are allowed`);
  return { places, keys, session: sessionIdOf(process.getuid?.() ?? 0, publicKeys(keys)) };
}

const machineRunDir = (config: Config): string => join(config.machine.directory, 'run');

async function requestOf(want: EnrolRequest['want'], config: Config, places: Places, keys: Keys): Promise<EnrolRequest> {
  const endpointId = config.agent.endpointId ?? (await addressTowards(new URL(config.agent.url).hostname));
  const form = await publicBytes((await sealingKeys(places.keys, 'tray')).publicKey);
  return {
    want, endpointId, runDir: places.run, keys: publicKeys(keys),
    signingKey: Buffer.from(signingPublic(signingKey(places.keys))).toString('base64'),
    formKey: Buffer.from(form).toString('base64'),
  };
}

interface Enrolling {
  readonly config: Config;
  readonly places: Places;
  readonly keys: Keys;
  readonly session: string;
  readonly bus: Bus;
  readonly log: Log;
  readonly actor: Actor;
}

/** Enrols until it works, and again from time to time, since the machine zone may have been set up anew meanwhile. */
function keepEnrolled({ config, places, keys, session, bus, log, actor }: Enrolling): () => void {
  let known = '';
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    const answer = await callEnrolment(machineRunDir(config), await requestOf('enrol', config, places, keys));
    if (answer.session !== session) throw new EnrolmentRefused();
    if (JSON.stringify(answer) === known || stopped) return;
    await bus.join({ session, runDir: answer.runDir, keys: new Map(Object.entries(answer.keys)) as Map<ActorName, string> });
    await actor.enrolled?.(answer);
    known = JSON.stringify(answer);
    log.info({ session }, 'session.enrolled');
  };
  const turn = (): void => {
    attempt().then(() => ENROL_AGAIN_MS, (error: unknown) => {
      log.debug({ cause: error instanceof Error ? error.message : 'unknown' }, 'enrolment.failed');
      return known === '' ? ENROL_RETRY_MS : ENROL_AGAIN_MS;
    }).then((ms) => {
      if (!stopped) timer = setTimeout(turn, ms);
    });
  };
  turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

const report = (bus: Bus, state: 'ready' | 'stopping'): void =>
  bus.publish('actor.reported', { state, refusals: [...bus.refusals].map(([code, times]) => ({ code, times })), waiting: bus.waiting });

const isPowerOfTwo = (value: number): boolean => (value & (value - 1)) === 0;
