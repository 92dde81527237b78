// Where the text cursor of a field stands. A program tells of each move when somebody wants to know, which is sooner than the
// field is asked for its length, and tells the position alone. It is wanted around a tap only: as people write all day,
// nobody hears of it.
import type { Accessibility, Element } from './atspi.ts';
import type { Nudge } from './nudge.ts';

/** Longer than from a target to the last key of its fill. */
const WANTED_MS = 5000;
/** A key has reached its page after the first of these, and its page is nudged after each; a program that has told nothing then is asked. */
const WAITS_MS = [1, 2, 2, 2, 3];

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

  /** The cursor of a field that is about to be written. */
  of({ sender }: Element): Caret {
    return new Caret(sender === this.#program);
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
  /** It is asked to tell, or has told, and has not failed to since. */
  #tells: boolean;
  #position: number | null = null;
  #heard = (): void => undefined;

  constructor(tells: boolean) {
    this.#tells = tells;
  }

  hear(position: number): void {
    this.#position = position;
    this.#tells = true;
    this.#heard();
  }

  /** Called right after a key: `position` once the cursor is told to stand there; null where one has to ask. */
  async reaches(position: number, nudge: Nudge): Promise<number | null> {
    this.#position = null;
    for (const waitMs of this.#tells ? WAITS_MS : []) {
      if (await this.#told(waitMs)) return this.#position === position ? position : null;
      nudge();
    }
    this.#tells = false;
    return null;
  }

  #told(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#heard = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
