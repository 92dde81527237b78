// So many at once and no more: the rest waits in line, and the line is short.

export const GateAnswer = { full: 'full', aborted: 'aborted' } as const;
export type GateAnswer = (typeof GateAnswer)[keyof typeof GateAnswer];

export class Gate {
  readonly #insideMax: number;
  readonly #waitingMax: number;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor({ insideMax, waitingMax }: { readonly insideMax: number; readonly waitingMax: number }) {
    this.#insideMax = insideMax;
    this.#waitingMax = waitingMax;
  }

  /** Runs `work` when its turn comes. `full`: the line was too long. `aborted`: `signal` fired while it waited. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | GateAnswer> {
    if (signal.aborted) return GateAnswer.aborted;
    if (this.#inside < this.#insideMax) this.#inside += 1;
    else if (this.#waiting.size >= this.#waitingMax) return GateAnswer.full;
    else if (!(await this.#turn(signal))) return GateAnswer.aborted;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = (): void => {
        this.#waiting.delete(enter);
        resolve(false);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(enter);
    });
  }

  /** The place goes to the next in line, so that nobody slips in between. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#inside -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
