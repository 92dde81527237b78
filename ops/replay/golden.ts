// Whether a replay decides what a golden file says, line by line, up to the first difference.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { RecordingFailed } from '../recordings.ts';

export interface Difference {
  /** Which decision, counted from 1; the line of the golden file. */
  readonly index: number;
  /** Null: one side has ended. */
  readonly expected: string | null;
  readonly decided: string | null;
}

export class Golden {
  readonly #lines: AsyncIterator<string>;
  #index = 0;

  /** Throws `RecordingFailed`, now or with the first line, where the file cannot be read. */
  constructor(file: string) {
    this.#lines = linesIn(file);
  }

  get compared(): number {
    return this.#index;
  }

  /** Null: the same. `decided` null: the replay has ended. */
  async differs(decided: string | null): Promise<Difference | null> {
    const next = await this.#lines.next();
    const expected = next.done === true ? null : next.value;
    if (expected !== null || decided !== null) this.#index += 1;
    return expected === decided ? null : { index: this.#index, expected, decided };
  }

  async close(): Promise<void> {
    await this.#lines.return?.();
  }
}

async function* linesIn(file: string): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) if (line !== '') yield line;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new RecordingFailed(code, code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code}).`);
  }
}
