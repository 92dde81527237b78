// Performs what decide.ts decides: asks for the end of a tap, opens the box meanwhile, fills, and says how it went. Its
// journal knows what a successor must put right: an end that was not told, a fill that broke off.
import type { SchedulerLike } from 'rxjs';
import type { Body, Message } from '../../contracts/catalogue.ts';
import { Outcome, outcomeUnwritten, type Reason } from '../../contracts/reasons.ts';
import type { Act, Target } from '../../platform/port.ts';
import type { Bus } from '../../runtime/bus/bus.ts';
import type { Credential } from '../../runtime/credential.ts';
import type { Journal } from '../../runtime/journal.ts';
import type { Log } from '../../runtime/log.ts';
import { Runner } from '../../runtime/run.ts';
import type { TimerClock } from '../../runtime/timer.ts';
import { decideWith, INITIAL, type Command, type Event, type State } from './decide.ts';
import type { EndEntry, Entry, LeftBehind } from './entries.ts';
import { fill } from './fill.ts';

/** An outcome is told for so long; after that the lease has decided. */
const TELL_WITHIN_MS = 5000;

export type Issued = Body<'credential.issued'>;

export interface TapsOptions {
  readonly injectionMs: number;
  readonly bus: Pick<Bus, 'send'>;
  readonly timer: TimerClock;
  readonly scheduler?: SchedulerLike;
  readonly journal: Pick<Journal<Entry>, 'append' | 'cut' | 'wantsCut'>;
  readonly act: Act;
  /** Opens a box for the target that it is bound to; null if it does not open. */
  readonly unseal: (tap: string, box: Issued, target: Target) => Promise<Credential | null>;
  /** A fill is over: a key was used. */
  readonly used: () => void;
  readonly log: Pick<Log, 'info' | 'error'>;
}

type Filled = { readonly outcome: Outcome; readonly reason: Reason };

export class Taps {
  readonly #options: TapsOptions;
  readonly #runner: Runner<State, Event, Command>;
  readonly #boxes = new Map<string, Issued>();
  readonly #opening = new Map<string, Promise<Credential | null>>();
  readonly #aborts = new Map<string, AbortController>();

  constructor(options: TapsOptions) {
    this.#options = options;
    this.#runner = new Runner({
      step: decideWith(options.injectionMs),
      initial: INITIAL,
      nowUs: () => options.timer.nowUs(),
      perform: (command) => this.#perform(command),
      ...(options.scheduler === undefined ? {} : { scheduler: options.scheduler }),
    });
  }

  get state(): State {
    return this.#runner.state;
  }

  /** How many boxes, credentials and fills are held. */
  get holding(): number {
    return this.#boxes.size + this.#opening.size + this.#aborts.size;
  }

  /** Tells the ends that a predecessor did not. */
  open({ ends }: LeftBehind): void {
    for (const end of ends) void this.#tell(end);
  }

  handle(message: Message): void {
    const { tap, deadline: deadlineUs } = message.envelope;
    if (tap === null) return;
    const emit = (event: Event): void => this.#runner.emit(event);
    switch (message.kind) {
      case 'target.resolved': return emit({ event: 'resolved', tap, deadlineUs, resolved: message.body });
      case 'tap.committed': return emit({ event: 'committed', tap, deadlineUs });
      case 'tap.cancelled': return emit({ event: 'cancelled', tap, deadlineUs, reason: message.body.reason });
      case 'credential.issued': {
        if (!this.#boxes.has(tap)) this.#boxes.set(tap, message.body);
        return emit({ event: 'issued', tap, deadlineUs, atUs: this.#options.timer.nowUs() });
      }
      default: return undefined;
    }
  }

  stop(): void {
    this.#runner.stop();
    for (const tap of [...this.#opening.keys()]) this.#drop(tap);
  }

  #perform(command: Command): void {
    switch (command.do) {
      case 'prepare': return this.#options.act.prepare(command.resolved.target);
      case 'ask': return void this.#ask(command);
      case 'fill': return void this.#fill(command).then((filled) => this.#runner.emit({ event: 'done', tap: command.tap, ...filled }));
      case 'abort': return this.#aborts.get(command.tap)?.abort(command.reason);
      case 'report': return this.#report(command);
      case 'drop': return this.#drop(command.tap);
    }
  }

  /** The box is opened while the tap-listener is asked. */
  async #ask({ tap, resolved, credentialUs, deadlineUs }: Extract<Command, { do: 'ask' }>): Promise<void> {
    const box = this.#boxes.get(tap);
    this.#options.journal.append({ e: 'asked', tap });
    this.#opening.set(tap, box === undefined ? Promise.resolve(null) : this.#options.unseal(tap, box, resolved.target));
    const ack = await this.#options.bus.send('injection.begun', { credentialUs }, { to: 'tap-listener', tap, deadlineUs });
    this.#runner.emit({ event: 'granted', tap, granted: ack.ok && ack.reply.granted });
  }

  async #fill({ tap, resolved, deadlineUs }: Extract<Command, { do: 'fill' }>): Promise<Filled> {
    const { act, timer, journal, log, used } = this.#options;
    const abort = new AbortController();
    this.#aborts.set(tap, abort);
    const cancelTimer = timer.after((deadlineUs - timer.nowUs()) / 1000, () => abort.abort('deadline:injection' satisfies Reason));
    const credential = (await this.#opening.get(tap)) ?? null;
    try {
      if (credential === null) return { outcome: Outcome.failed, reason: 'box-refused' };
      if (abort.signal.aborted) return { outcome: outcomeUnwritten(abort.signal.reason as Reason), reason: abort.signal.reason as Reason };
      journal.append({ e: 'begun', tap, target: resolved.target });
      const { outcome, reason, detail } = await fill(act, { ...resolved, credential, signal: abort.signal, naming: () => journal.append({ e: 'naming', tap }) });
      log.info({ tap, outcome, reason, detail }, 'injection.ended');
      return { outcome, reason };
    } catch (error) {
      log.error({ tap, cause: error instanceof Error ? error.name : 'thrown' }, 'injection.broke');
      return { outcome: Outcome.failed, reason: 'desktop-error' };
    } finally {
      cancelTimer();
      this.#aborts.delete(tap);
      credential?.password.wipe();
      used();
    }
  }

  #report({ tap, outcome, reason }: Extract<Command, { do: 'report' }>): void {
    const { journal, timer } = this.#options;
    const end: EndEntry = { e: 'ended', tap, outcome, reason, atUs: timer.nowUs() };
    journal.append(end);
    void this.#tell(end);
  }

  async #tell({ tap, outcome, reason, atUs }: EndEntry): Promise<void> {
    const { bus, journal, timer } = this.#options;
    await bus.send('injection.ended', { outcome, reason }, { to: 'tap-listener', tap, atUs, deadlineUs: timer.nowUs() + TELL_WITHIN_MS * 1000 });
    journal.append({ e: 'told', tap });
    const busy = Object.values(this.state).some(({ phase }) => phase === 'asking' || phase === 'filling');
    if (journal.wantsCut && !busy) journal.cut([]);
  }

  #drop(tap: string): void {
    void this.#opening.get(tap)?.then((credential) => credential?.password.wipe());
    this.#opening.delete(tap);
    this.#boxes.delete(tap);
  }
}

/** Puts right what a predecessor left: keys and mappings, and what it may have half written. */
export async function repair(act: Act, { changes, unfinished, named }: LeftBehind): Promise<void> {
  await act.repair(changes);
  if (unfinished === null) return;
  await act.clear(unfinished, unfinished.password.ref);
  // Half a name is another person's to the next tap.
  if (named) await act.clear(unfinished, unfinished.user.ref);
}
