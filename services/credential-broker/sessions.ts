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
const File = z.array(Session);

/** One user may have several sessions on a host, but not without end. */
const SESSIONS_MAX = 256;

export class Sessions {
  readonly #file: string;
  readonly #sessions: Map<string, Session>;

  constructor(file: string) {
    this.#file = file;
    this.#sessions = new Map(read(file).map((session) => [session.session, session]));
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  find(session: string): Session | undefined {
    return this.#sessions.get(session);
  }

  /** `full` where no more can be taken; `known` where nothing changed. */
  enrol(session: Session): 'new' | 'known' | 'full' {
    const known = this.#sessions.get(session.session);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(session)) return 'known';
    if (known === undefined && this.#sessions.size >= SESSIONS_MAX) return 'full';
    this.#sessions.set(session.session, session);
    this.#keep();
    return 'new';
  }

  leave(session: string): void {
    if (this.#sessions.delete(session)) this.#keep();
  }

  #keep(): void {
    const draft = `${this.#file}.new`;
    writeFileSync(draft, JSON.stringify(this.all()), { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

function read(file: string): Session[] {
  if (!existsSync(file)) return [];
  const parsed = File.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return parsed.success ? parsed.data : [];
}
