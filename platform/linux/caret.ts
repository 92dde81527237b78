// Where the text cursor of a field stands. A program tells of each move when somebody wants to know, which is sooner than the
// field is asked for its length, and tells the position alone. It is wanted around a tap only: as people write all day,
// nobody hears of it.
import type { Accessibility } from './atspi.ts';

/** Longer than from a target to the last key of its fill. */
const WANTED_MS = 5000;
/** A program that has told before tells of a key within this; if not, the field is asked. */
const TELLS_WITHIN_MS = 4;

/** Has one program at a time tell of its text cursors. */
export class CaretEvents {
  readonly #a11y: Accessibility;
  #program = '';
  #end: NodeJS.Timeout | undefined;

  constructor(a11y: Accessibility) {
    this.#a11y = a11y;
  }

  /** From now on, for a while. */
  want(program: string): void {
    if (program !== this.#program) {
      this.#unwant();
      this.#program = program;
      void this.#a11y.tellCarets(program, true).catch(() => undefined);
    }
    clearTimeout(this.#end);
    this.#end = setTimeout(() => this.#unwant(), WANTED_MS).unref();
  }

  close(): void {
    clearTimeout(this.#end);
  }

  #unwant(): void {
    if (this.#program !== '') void this.#a11y.tellCarets(this.#program, false).catch(() => undefined);
    this.#program = '';
  }
}

/** The text cursor of one field while it is written. */
export class Caret {
  #tells = false;
  #position: number | null = null;
  #heard = (): void => undefined;

  hear(position: number): void {
    this.#position = position;
    this.#tells = true;
    this.#heard();
  }

  /** Called right after a key: `position` once the cursor is told to stand there; null where one has to ask. */
  async reaches(position: number): Promise<number | null> {
    this.#position = null;
    const endMs = performance.now() + TELLS_WITHIN_MS;
    while (this.#tells) {
      if (this.#position === position) return position;
      this.#tells = await this.#next(endMs - performance.now());
    }
    return null;
  }

  /** False if nothing is told in time. */
  #next(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#heard = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
