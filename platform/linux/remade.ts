// Fields that a browser has made anew. A page hides all else from readers while a list of its own is open; afterwards the same
// fields are there as other elements. Each is known again by its place among the fields of its document and what it says of itself.
import { FieldRole } from '../port.ts';
import type { Field, FieldRef } from '../port.ts';
import { elementOf } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { Fields } from './fields.ts';

/** Beyond so many all are forgotten; an act fills one form at a time. */
const KEPT_MAX = 128;

/** Fields of a document at some moment. */
export interface Remembered {
  readonly document: Element;
  readonly fields: readonly Field[];
}

export class Remade {
  readonly #fields: Fields;
  /** What a field is now, by what it was. */
  readonly #now = new Map<FieldRef, FieldRef>();

  constructor(a11y: Accessibility) {
    this.#fields = new Fields(a11y);
  }

  /** The element of a field as it is now; null if the reference is of another desktop. */
  elementOf(field: FieldRef): Element | null {
    return elementOf(this.#now.get(field) ?? field);
  }

  /** Throws `BusError`. */
  async remember(document: Element): Promise<Remembered> {
    return { document, fields: await this.#fields.ofDocument(document) };
  }

  /** Finds the fields again; false while they are not all there as they were. Throws `BusError`. */
  async find({ document, fields }: Remembered): Promise<boolean> {
    const now = await this.#fields.ofDocument(document);
    if (now.length !== fields.length || !now.every((field, at) => isAlike(field, fields[at]!))) return false;
    if (this.#now.size + now.length > KEPT_MAX) this.#now.clear();
    for (const [at, { ref }] of fields.entries()) this.#now.set(ref, now[at]!.ref);
    return true;
  }
}

/** The label of a drop-down may hold what is chosen in it. */
const isAlike = (a: Field, b: Field): boolean =>
  a.role === b.role && a.htmlId === b.htmlId && a.htmlName === b.htmlName && (a.role === FieldRole.select || a.label === b.label);
