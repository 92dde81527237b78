// What was started is stopped again, last first: at the end, after a failure, and after Ctrl-C at any moment.

type Closer = () => Promise<unknown> | unknown;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Ending {
  readonly #closers: Closer[] = [];
  readonly #called = new AbortController();
  #closing: Promise<void> | undefined;

  /** From now on Ctrl-C and its like call `interrupted` once and end the waiting of `unlessCalled`. */
  static onSignals(interrupted: () => void): Ending {
    const ending = new Ending();
    const call = (): void => {
      if (ending.#called.signal.aborted) return;
      interrupted();
      ending.#called.abort();
    };
    for (const signal of SIGNALS) process.on(signal, call);
    return ending;
  }

  /** To be called at the end. One that is added while the end is under way is called at once. */
  add(closer: Closer): void {
    this.#closers.push(closer);
    if (this.#closing !== undefined) void this.#run(this.#closers.splice(0));
  }

  /** As `add`, for something that is still opening: it is waited for, then closed. */
  async opening<T extends object>(promise: Promise<T>, close: (opened: T) => Promise<unknown>): Promise<T> {
    this.add(() => promise.then(close, () => undefined));
    return this.unlessCalled(promise);
  }

  /** Resolves with `promise`; rejects with `Interrupted` as soon as a signal came. */
  unlessCalled<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#called;
    promise.catch(() => undefined);
    if (signal.aborted) return Promise.reject(new Interrupted());
    return new Promise((resolve, reject) => {
      const interrupt = (): void => reject(new Interrupted());
      signal.addEventListener('abort', interrupt, { once: true });
      void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
    });
  }

  /** Resolves when a signal comes. */
  called(): Promise<void> {
    const { signal } = this.#called;
    return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  }

  /** Closes everything. One that fails does not keep the others. */
  close(): Promise<void> {
    this.#closing ??= this.#run(this.#closers.splice(0));
    return this.#closing;
  }

  async #run(closers: readonly Closer[]): Promise<void> {
    for (const closer of closers.toReversed()) {
      try {
        await closer();
      } catch {
        // The others are closed all the same.
      }
    }
  }
}

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
