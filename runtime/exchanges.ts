// Which answer belongs to which question: requests in flight on one connection, bounded in number and time.
import type { TimerClock } from './timer.ts';

/** Why a request has no answer. */
export type Lost = 'down' | 'timeout' | 'aborted' | 'full' | 'malformed';

export type Answer<Reply> =
  | { readonly kind: 'answered'; readonly payload: Reply }
  /** The other side said no. `status` is its code. */
  | { readonly kind: 'rejected'; readonly status: number }
  | { readonly kind: 'lost'; readonly lost: Lost };

/** Bounds of one request. */
export interface Within {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly operation: string;
  readonly settle: (answer: Answer<unknown>) => void;
}

export class Exchanges {
  readonly #clock: TimerClock;
  readonly #inFlightMax: number;
  readonly #waiting = new Map<string, Waiting>();
  #next = 1;

  constructor(clock: TimerClock, inFlightMax: number) {
    this.#clock = clock;
    this.#inFlightMax = inFlightMax;
  }

  /** Calls `send` with a fresh exchange and resolves when that one is settled, or its time is over. Never rejects. */
  ask(operation: string, send: (exchange: string) => void, { timeoutMs, signal }: Within): Promise<Answer<unknown>> {
    if (signal?.aborted) return lost('aborted');
    if (timeoutMs <= 0) return lost('timeout');
    if (this.#waiting.size >= this.#inFlightMax) return lost('full');
    const exchange = String(this.#next++);
    return new Promise((resolve) => {
      const settle = (answer: Answer<unknown>): void => {
        cancel();
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(exchange);
        resolve(answer);
      };
      const abort = (): void => settle({ kind: 'lost', lost: 'aborted' });
      const cancel = this.#clock.after(timeoutMs, () => settle({ kind: 'lost', lost: 'timeout' }));
      signal?.addEventListener('abort', abort);
      this.#waiting.set(exchange, { operation, settle });
      send(exchange);
    });
  }

  /** The operation that waits under `exchange`. */
  operationOf(exchange: string): string | undefined {
    return this.#waiting.get(exchange)?.operation;
  }

  settle(exchange: string, answer: Answer<unknown>): void {
    this.#waiting.get(exchange)?.settle(answer);
  }

  settleAll(why: Lost): void {
    for (const { settle } of [...this.#waiting.values()]) settle({ kind: 'lost', lost: why });
  }
}

const lost = (why: Lost): Promise<Answer<unknown>> => Promise.resolve({ kind: 'lost', lost: why });
