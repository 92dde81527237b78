// Admits sessions and lets them go: by their own word, for their silence, or for a newer one of the same user.
import type { Server } from 'node:net';
import { join } from 'node:path';
import { serveEnrolment, sessionIdOf, type CallRefused, type EnrolAnswer, type Enroller, type EnrolRequest } from '../../runtime/enrol.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import type { Places } from '../../runtime/places.ts';
import { Sessions, type Session } from './sessions.ts';

const LOOK_EVERY_MS = 10_000;

export interface EnrolmentOptions {
  readonly places: Places;
  readonly callerUid: Enroller['callerUid'];
  /** What a session learns of the machine zone. */
  readonly answer: Omit<EnrolAnswer, 'session'>;
  /** Opens the doors of a session. */
  readonly admit: (session: Session) => Promise<void>;
  /** Closes them, and forgets what the session had. */
  readonly dismiss: (session: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export class Enrolment {
  readonly #options: EnrolmentOptions;
  readonly #sessions: Sessions;
  readonly #refused = new Map<CallRefused, number>();
  #server: Server | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
    this.#sessions = new Sessions(join(options.places.state, 'sessions.json'), this.#nowMs());
  }

  all(): Session[] {
    return this.#sessions.all();
  }

  find(session: string): Session | undefined {
    return this.#sessions.find(session);
  }

  /** Admits the sessions that a predecessor knew, then everybody who calls. */
  async open(): Promise<void> {
    const { places, callerUid } = this.#options;
    await Promise.all(this.all().map((session) => this.#admit(session)));
    this.#server = await serveEnrolment(places.run, {
      callerUid,
      enrol: (uid, request) => this.#enrol(uid, request),
      refused: (why, uid) => this.#count(why, uid),
    });
    this.#looking = setInterval(() => void this.#dismissSilent(), LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#looking);
    this.#server?.close();
  }

  /** The session id comes of the caller's user, so that nobody enrols or leaves in another's name. */
  async #enrol(uid: number, request: EnrolRequest): Promise<EnrolAnswer | null> {
    const { log, answer } = this.#options;
    const session = sessionIdOf(uid, request.keys);
    if (request.want === 'leave') {
      if (this.find(session) !== undefined) await this.#dismiss({ session, uid }, 'session.left');
      return { session, ...answer };
    }
    const enrolled = this.#sessions.enrol({ session, uid, request }, this.#nowMs());
    if (enrolled.is === 'full') return null;
    if (enrolled.is === 'new') {
      for (const older of enrolled.left) await this.#dismiss(older, 'session.replaced');
      if (!(await this.#admit({ session, uid, request }))) return null;
      log.info({ session, uid }, 'session.enrolled');
    }
    return { session, ...answer };
  }

  /** False, and forgotten, where its doors cannot be opened. */
  async #admit(session: Session): Promise<boolean> {
    try {
      await this.#options.admit(session);
      return true;
    } catch (error) {
      this.#options.log.warn({ session: session.session, cause: error instanceof Error ? error.name : 'thrown' }, 'session.not-admitted');
      await this.#dismiss(session, 'session.left');
      return false;
    }
  }

  async #dismiss({ session, uid }: Pick<Session, 'session' | 'uid'>, how: 'session.left' | 'session.replaced' | 'session.silent'): Promise<void> {
    this.#sessions.leave(session);
    await this.#options.dismiss(session);
    this.#options.log.info({ session, uid }, how);
  }

  async #dismissSilent(): Promise<void> {
    for (const session of this.#sessions.silent(this.#nowMs())) await this.#dismiss(session, 'session.silent');
  }

  #nowMs(): number {
    return this.#options.clock.nowUs() / 1000;
  }

  #count(why: CallRefused, uid: number | null): void {
    const times = (this.#refused.get(why) ?? 0) + 1;
    this.#refused.set(why, times);
    if ((times & (times - 1)) === 0) this.#options.log.warn({ code: why, uid, times }, 'enrolment.refused');
  }
}
