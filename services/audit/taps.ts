// Performs what decide.ts decides: each message becomes a record, and is acknowledged when the record is on the disk.
import type { Message } from '../../contracts/catalogue.ts';
import type { Log } from '../../runtime/log.ts';
import type { TimerClock } from '../../runtime/timer.ts';
import { ended, found, intended, nextSweepUs, notIntended, swept, type State } from './decide.ts';
import type { Journal, NotKept } from './journal.ts';
import type { AuditBody } from './record.ts';

export interface TapsOptions {
  readonly journal: Pick<Journal, 'append' | 'open'>;
  readonly timer: TimerClock;
  /** A record was kept. */
  readonly kept: () => void;
  readonly log: Pick<Log, 'warn'>;
}

export class Taps {
  readonly #options: TapsOptions;
  #state: State;
  #cancelSweep = (): void => {};

  constructor(options: TapsOptions) {
    this.#options = options;
    this.#state = found(options.journal.open.map(({ tap }) => tap), options.timer.nowUs());
    this.#planSweep();
  }

  get state(): State {
    return this.#state;
  }

  /** Resolves when the record is on the disk. Rejects with `NotKeptError` where it cannot be kept. */
  async handle({ kind, body, envelope: { tap } }: Message): Promise<void> {
    if (kind === 'audit.record-event') return this.#keep({ kind: 'event', tap, ...body });
    if (tap === null) return;
    switch (kind) {
      case 'audit.record-intent': {
        const { session, band, via, application, leaseUs } = body;
        this.#become(intended(this.#state, tap, body, leaseUs));
        return this.#keep({ kind: 'intent', tap, session, band, via, application }, ['intent-twice']).catch((error: unknown) => {
          this.#become(notIntended(this.#state, tap));
          throw error;
        });
      }
      case 'audit.record-person': return this.#keep({ kind: 'person', tap, session: this.#state.open[tap]?.session ?? '', user: body.user, domain: body.domain });
      case 'audit.record-outcome': {
        const [next, record] = ended(this.#state, tap, body);
        this.#become(next);
        return record === null ? undefined : this.#keep(record, ['ended-before']);
      }
    }
  }

  stop(): void {
    this.#cancelSweep();
  }

  /** `asGood`: the record is there already, from the first time that the message came. */
  async #keep(body: AuditBody, asGood: readonly NotKept['notKept'][] = []): Promise<void> {
    const result = await this.#options.journal.append(body);
    if ('notKept' in result && !asGood.includes(result.notKept)) throw new NotKeptError(result.notKept);
    this.#options.kept();
  }

  #become(state: State): void {
    this.#state = state;
    this.#planSweep();
  }

  #planSweep(): void {
    const { timer } = this.#options;
    const nextUs = nextSweepUs(this.#state);
    this.#cancelSweep();
    this.#cancelSweep = nextUs === null ? () => {} : timer.after(Math.max(1, (nextUs - timer.nowUs()) / 1000), () => this.#sweep());
  }

  #sweep(): void {
    const [next, bodies] = swept(this.#state, this.#options.timer.nowUs());
    this.#become(next);
    for (const body of bodies) {
      this.#options.log.warn({ tap: 'tap' in body ? body.tap : null }, 'intent.closed');
      // A disk that fails here fails for whoever waits for an answer, too: they hear of it.
      void this.#keep(body, ['ended-before']).catch(() => this.#options.log.warn({}, 'record.lost'));
    }
  }
}

export class NotKeptError extends Error {
  override readonly name = 'NotKept';
  readonly code: string;

  constructor(code: string) {
    super('the record was not kept');
    this.code = code;
  }
}
