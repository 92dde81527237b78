// The sessions that have enrolled. Kept on the disk (public keys only), so that a restarted broker opens its doors to the
// same sessions again without waiting for them to call.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { EnrolRequest } from '../../runtime/enrol.ts';

const Session = z.strictObject({
  session: z.string().max(64),
  uid: z.int().min(0),
  request: EnrolRequest,
});
export type Session = z.infer<typeof Session>;
const File = z.array(z.unknown());

const SESSIONS_MAX = 256;
/** A user with more than these loses the one that was silent longest: a new key folder at each logon uses up nobody's places. */
const SESSIONS_PER_USER_MAX = 8;
/** The actors of a session call every ten seconds. One that has not said good-bye has ended all the same. */
const SILENT_MS_MAX = 120_000;

/** `known`: nothing changed. `left`: sessions of the same user that had to go for it. */
export type Enrolled = { readonly is: 'new'; readonly left: readonly Session[] } | { readonly is: 'known' } | { readonly is: 'full' };

export class Sessions {
  readonly #file: string;
  /** In the order in which they were last heard of. */
  readonly #sessions: Map<string, Session>;
  readonly #heardMs = new Map<string, number>();

  /** `nowMs`: monotonic. After a restart every session has the time of silence anew. */
  constructor(file: string, nowMs: number) {
    this.#file = file;
    this.#sessions = new Map(read(file).map((session) => [session.session, session]));
    for (const session of this.#sessions.keys()) this.#heardMs.set(session, nowMs);
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  find(session: string): Session | undefined {
    return this.#sessions.get(session);
  }

  enrol(session: Session, nowMs: number): Enrolled {
    const { session: name, uid } = session;
    const known = this.#sessions.get(name);
    const others = this.all().filter((other) => other.uid === uid && other.session !== name);
    const left = others.slice(0, Math.max(0, others.length - SESSIONS_PER_USER_MAX + 1));
    if (known === undefined && this.#sessions.size - left.length >= SESSIONS_MAX) return { is: 'full' };
    this.#sessions.delete(name);
    this.#sessions.set(name, session);
    this.#heardMs.set(name, nowMs);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(session)) return { is: 'known' };
    for (const { session: other } of left) this.#forget(other);
    this.#keep();
    return { is: 'new', left };
  }

  leave(session: string): void {
    if (this.#forget(session)) this.#keep();
  }

  /** Those that nobody has heard of for too long. */
  silent(nowMs: number): Session[] {
    return this.all().filter(({ session }) => nowMs - (this.#heardMs.get(session) ?? nowMs) > SILENT_MS_MAX);
  }

  #forget(session: string): boolean {
    this.#heardMs.delete(session);
    return this.#sessions.delete(session);
  }

  #keep(): void {
    const draft = `${this.#file}.new`;
    writeFileSync(draft, JSON.stringify(this.all()), { mode: 0o600, flush: true });
    renameSync(draft, this.#file);
  }
}

/** What is not a session (any more) is passed over: its actors enrol again by themselves. */
function read(file: string): Session[] {
  if (!existsSync(file)) return [];
  try {
    const kept = File.parse(JSON.parse(readFileSync(file, 'utf8'))).map((entry) => Session.safeParse(entry));
    return kept.flatMap((entry) => (entry.success ? [entry.data] : []));
  } catch {
    return [];
  }
}
