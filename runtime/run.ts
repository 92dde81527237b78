// Runs a pure step: events in, commands out, time only through a scheduler. The shell performs what is not a timer.
import { asyncScheduler, Subscription, type SchedulerLike } from 'rxjs';

/** A decision with memory: no I/O, no clock, no randomness. `nowUs` is the monotonic time at which the event is judged. */
export type Step<S, E, C> = (state: S, event: E, nowUs: number) => readonly [S, readonly (C | After<E>)[]];

/** Have the step see `event` after `ms`, unless the actor ends before. */
export interface After<E> {
  readonly do: 'after';
  readonly ms: number;
  readonly event: E;
}
export const after = <E>(ms: number, event: E): After<E> => ({ do: 'after', ms: Math.max(0, ms), event });

/** Timers that may be pending at once; a step that needs more is broken. */
const TIMERS_MAX = 10_000;

export interface RunnerOptions<S, E, C> {
  readonly step: Step<S, E, C>;
  readonly initial: S;
  readonly nowUs: () => number;
  /** Performs a command. May emit events, now or later; they are taken in order, after the commands at hand. */
  readonly perform: (command: C) => void;
  readonly scheduler?: SchedulerLike;
  /**
   * Sees every input of the step, timer firings included, with what it leads to: what a recording keeps. `state` is still
   * the one before it, and no command is performed yet.
   */
  readonly observe?: ((event: E, nowUs: number, commands: readonly (C | After<E>)[]) => void) | undefined;
}

export class Runner<S, E, C> {
  readonly #options: RunnerOptions<S, E, C>;
  readonly #timers = new Subscription();
  readonly #inbox: E[] = [];
  #state: S;
  #running = false;
  #pending = 0;

  constructor(options: RunnerOptions<S, E, C>) {
    this.#options = options;
    this.#state = options.initial;
  }

  get state(): S {
    return this.#state;
  }

  emit(event: E): void {
    this.#inbox.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#inbox.length > 0) this.#take(this.#inbox.shift()!);
    } finally {
      this.#running = false;
    }
  }

  stop(): void {
    this.#timers.unsubscribe();
  }

  #take(event: E): void {
    const { step, nowUs, observe, perform } = this.#options;
    const now = nowUs();
    const [state, commands] = step(this.#state, event, now);
    observe?.(event, now, commands);
    this.#state = state;
    for (const command of commands) {
      if (isAfter(command)) this.#schedule(command);
      else perform(command as C);
    }
  }

  #schedule(command: After<E>): void {
    if (++this.#pending > TIMERS_MAX) throw new RangeError('too many timers');
    const scheduler = this.#options.scheduler ?? asyncScheduler;
    const timer = scheduler.schedule(() => {
      this.#pending--;
      this.#timers.remove(timer);
      this.emit(command.event);
    }, command.ms);
    this.#timers.add(timer);
  }
}

const isAfter = <E>(command: unknown): command is After<E> =>
  typeof command === 'object' && command !== null && 'do' in command && command.do === 'after';
