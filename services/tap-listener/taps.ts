// Performs what decide.ts decides: writes to the journal before it speaks, and tells each end until the record has it. A
// successor ends what it left open and tells what it had not told.
import type { SchedulerLike } from 'rxjs';
import type { Budget } from '../../config/schema.ts';
import type { ActorName } from '../../contracts/actors.ts';
import type { Body, Message } from '../../contracts/catalogue.ts';
import type { Remedy } from '../../contracts/reasons.ts';
import type { Bus } from '../../runtime/bus/bus.ts';
import type { Journal } from '../../runtime/journal.ts';
import type { Log } from '../../runtime/log.ts';
import { Runner, type RunnerOptions } from '../../runtime/run.ts';
import type { TimerClock } from '../../runtime/timer.ts';
import { decideWith, Phase, stateWith, type Command, type End, type Event, type OpenTap, type State } from './decide.ts';
import { endBody, leftBehind, type EndBody, type Entry, type LeftBehind } from './entries.ts';

/** An end is told again until the record has it; each try may take so long. */
const TELL_WITHIN_MS = 5000;
const TELL_AGAIN_MS = 500;
const SHOW_WITHIN_MS = 5000;
/** Ends that wait for the record; beyond it the oldest is given up: the record has closed it by its own rule. */
const UNTOLD_MAX = 256;

export interface TapsOptions {
  readonly budget: Budget;
  readonly bus: Pick<Bus, 'send'>;
  readonly timer: TimerClock;
  readonly scheduler?: SchedulerLike;
  readonly journal: Pick<Journal<Entry>, 'append' | 'cut' | 'wantsCut'>;
  /** What a predecessor wrote. */
  readonly entries: readonly Entry[];
  /** Names the boot of the host. */
  readonly boot: string;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly profile: Pick<Log, 'info'>;
  /** As of `RunnerOptions`. */
  readonly observe?: RunnerOptions<State, Event, Command>['observe'];
}

export class Taps {
  readonly #options: TapsOptions;
  readonly #runner: Runner<State, Event, Command>;
  readonly #left: LeftBehind;
  readonly #untold = new Map<string, EndBody>();
  /** What the last refused target said of the way out: for the person, and of no weight for the end. */
  #remedy: { readonly tap: string; readonly remedy: Remedy } | null = null;
  #stopped = false;

  /** Takes messages from now on; speaks from `open` on. */
  constructor(options: TapsOptions) {
    this.#options = options;
    this.#left = leftBehind(options.entries);
    this.#runner = new Runner({
      step: decideWith(options.budget),
      initial: stateWith(this.#left.open?.open ?? null),
      nowUs: () => options.timer.nowUs(),
      perform: (command) => this.#perform(command),
      observe: options.observe,
      ...(options.scheduler === undefined ? {} : { scheduler: options.scheduler }),
    });
  }

  get state(): State {
    return this.#runner.state;
  }

  /** Ends that the record does not have yet. */
  get untold(): number {
    return this.#untold.size;
  }

  open(): void {
    for (const { tap, body } of this.#left.untold) void this.#tell(tap, body);
    this.emit({ event: 'recovered', sameBoot: this.#left.open === null || this.#left.open.boot === this.#options.boot });
  }

  emit(event: Event): void {
    this.#runner.emit(event);
  }

  handle({ kind, body, envelope }: Message): unknown {
    const { tap, at: atUs } = envelope;
    if (tap === null) return undefined;
    switch (kind) {
      case 'target.resolved': return this.emit({ event: 'resolved', tap, atUs });
      case 'target.refused':
        this.#remedy = body.remedy === undefined ? null : { tap, remedy: body.remedy };
        return this.emit({ event: 'refused', tap, reason: body.reason, atUs });
      case 'credential.refused': return this.emit({ event: 'refused', tap, reason: body.reason, atUs });
      case 'injection.begun': {
        this.emit({ event: 'begun', tap, atUs, credentialUs: body.credentialUs });
        const { open } = this.state;
        return { granted: open?.tap === tap && open.phase === Phase.injecting };
      }
      case 'injection.ended': return this.emit({ event: 'ended', tap, atUs, outcome: body.outcome, reason: body.reason });
      default: return undefined;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#runner.stop();
  }

  #perform(command: Command): void {
    switch (command.do) {
      case 'journal': return this.#options.journal.append({ e: 'open', boot: this.#options.boot, open: command.open });
      case 'accept': return this.#accept(command.open);
      case 'commit': return this.#say('tap.committed', {}, ['injector'], command.open);
      case 'cancel': return this.#say('tap.cancelled', { reason: command.reason }, ['injector', 'credential-broker'], command.open);
      case 'end': return this.#end(command.end);
      case 'drop': return this.#drop(command);
      case 'warn-storm': return void this.#options.bus.send('tap.dropped', { why: 'storm' }, { to: 'tray' });
    }
  }

  #accept(open: OpenTap): void {
    const { tap, band, via, tappedUs, resolveByUs, credentialByUs, leaseUs } = open;
    this.#options.log.info({ tap, via, tookMs: (open.acceptedUs - tappedUs) / 1000 }, 'tap.accepted');
    const body = { band, via, tappedUs, resolveByUs, credentialByUs, leaseUs };
    this.#say('tap.accepted', body, ['window-resolver', 'credential-broker'], open);
  }

  #say<K extends 'tap.accepted' | 'tap.committed' | 'tap.cancelled'>(kind: K, body: Body<K>, to: readonly ActorName[], { tap, deadlineUs }: OpenTap): void {
    for (const actor of to) void this.#options.bus.send(kind, body, { to: actor, tap, deadlineUs });
  }

  #drop({ why, via, tell }: Extract<Command, { do: 'drop' }>): void {
    this.#options.log.info({ why, via }, 'tap.dropped');
    if (tell) void this.#options.bus.send('tap.dropped', { why: 'busy' }, { to: 'tray' });
  }

  #end(end: End): void {
    const { tap } = end.tap;
    const body = this.#withRemedy(tap, endBody(end));
    const { outcome, reason, via, stages, silent } = body;
    this.#options.journal.append({ e: 'ended', tap, body });
    this.#options.log.info({ tap, outcome, reason }, 'tap.ended');
    this.#options.profile.info({ tap, outcome, reason, via, stages }, 'tap.profile');
    if (!silent) void this.#tell(tap, body);
  }

  #withRemedy(tap: string, body: EndBody): EndBody {
    return this.#remedy?.tap === tap && body.reason === 'no-accessibility' ? { ...body, remedy: this.#remedy.remedy } : body;
  }

  /** The person is told at once; the record until it has it. */
  async #tell(tap: string, body: EndBody): Promise<void> {
    const { bus, journal, timer } = this.#options;
    const inMs = (ms: number): number => timer.nowUs() + ms * 1000;
    this.#untold.set(tap, body);
    if (this.#untold.size > UNTOLD_MAX) this.#giveUp(this.#untold.keys().next().value!);
    void bus.send('tap.ended', body, { to: 'tray', tap, deadlineUs: inMs(SHOW_WITHIN_MS) });
    while (!this.#stopped && this.#untold.has(tap)) {
      const ack = await bus.send('tap.ended', body, { to: 'credential-broker', tap, deadlineUs: inMs(TELL_WITHIN_MS) });
      if (ack.ok) break;
      await new Promise<void>((resolve) => timer.after(TELL_AGAIN_MS, resolve));
    }
    if (this.#stopped || !this.#untold.delete(tap)) return;
    journal.append({ e: 'told', tap });
    if (journal.wantsCut && this.#untold.size === 0 && this.state.open === null) journal.cut([]);
  }

  #giveUp(tap: string): void {
    this.#options.log.warn({ tap }, 'end.untold');
    this.#untold.delete(tap);
    this.#options.journal.append({ e: 'told', tap });
  }
}
