// Time and chance of a simulated world: both come from the seed alone.
import { VirtualAction, VirtualTimeScheduler } from 'rxjs';
import type { TimerClock } from '../../runtime/timer.ts';

export { Chance } from '../../ops/generate/chance.ts';

/** RxJS' virtual time, stepped one action at a time, so that promises settle in between. */
export class VirtualTime extends VirtualTimeScheduler implements TimerClock {
  constructor() {
    super(VirtualAction, Number.POSITIVE_INFINITY);
  }

  /** Frames are milliseconds. */
  readonly nowUs = (): number => Math.round(this.frame * 1000);

  after(ms: number, fire: () => void): () => void {
    const action = this.schedule(() => fire(), Math.max(0, ms));
    return () => action.unsubscribe();
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Runs the next action, and what follows from it at once; false if there is none. */
  async step(): Promise<boolean> {
    const action = this.actions.shift();
    if (action === undefined) return false;
    this.frame = action.delay;
    const error: unknown = action.execute(action.state, action.delay);
    if (error !== undefined) throw error;
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
}
