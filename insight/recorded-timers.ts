// Which timers of the recorded run were pending, so that one of another run that is due at the very same time can wait for
// the firing that the recording tells of.
import type { Event } from '../services/tap-listener/decide.ts';
import type { Commands } from './fold.ts';

type Due = Extract<Event, { event: 'due' }>;

/** Timers of so many taps as can be under way within the longest of budgets. */
const TIMERS_MAX = 1_024;

export class RecordedTimers {
  /** When they were due, by tap and stage. */
  readonly #due = new Map<string, number>();
  /** Those that this run had to set for itself. */
  readonly #own = new Set<string>();

  /** Timers that the recorded run set at `us`. */
  learn(commands: Commands, us: number): void {
    for (const command of commands) {
      if (command.do !== 'after' || command.event.event !== 'due') continue;
      this.#due.set(keyOf(command.event), dueOf(command.ms, us));
      if (this.#due.size > TIMERS_MAX) this.#due.delete(this.#due.keys().next().value!);
    }
  }

  /** Was it due then in the recorded run, too? Otherwise it is this run's own. */
  isRecorded(event: Due, dueUs: number): boolean {
    const key = keyOf(event);
    if (this.#due.get(key) === dueUs) return true;
    this.#own.add(key);
    if (this.#own.size > TIMERS_MAX) this.#own.delete(this.#own.values().next().value!);
    return false;
  }

  /** The recorded run's timer fired. False: this run has set one of its own instead. */
  fired(event: Due): boolean {
    this.#due.delete(keyOf(event));
    return !this.#own.has(keyOf(event));
  }

  clear(): void {
    this.#due.clear();
    this.#own.clear();
  }
}

/** When a timer that is set at `us` is due. */
export const dueOf = (ms: number, us: number): number => Math.round(us + ms * 1000);
const keyOf = ({ tap, due }: Due): string => `${tap}:${due}`;
