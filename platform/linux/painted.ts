// Can a person see what is typed? The picture of an empty field changes when it takes a text. What no program tells shows
// there: a field that is transparent, letters in the colour of their ground, a layer that lets the mouse through.
import type { Trouble } from '../port.ts';
import { troubled } from './sight.ts';
import { ended, until } from './waiting.ts';
import type { Picture, Rectangle, X11 } from './x11.ts';

/** A busy browser paints late. */
const PAINTS_WITHIN_MS = 1000;
/** After so many keys what lay over the field has gone, as lists of suggestions do, and a narrow field has room for more. */
const SETTLED_KEYS = 4;
const PIXEL_BYTES = 4;
/** The edge is this part of the height. */
const EDGE_OF_HEIGHT = 6;

/** Where a field is: the X window, and both places on the screen, in pixels. */
export interface PaintedAt {
  readonly window: number;
  readonly around: Rectangle;
  readonly field: Rectangle;
}

/** Watches the picture of a field that is empty at first and takes a text. To be wiped: the last picture shows a part of the text. */
export class Painted {
  readonly #x11: X11;
  readonly #at: PaintedAt;
  #before: Picture | null = null;

  constructor(x11: X11, at: PaintedAt) {
    [this.#x11, this.#at] = [x11, at];
    this.#take();
  }

  /** Trouble where nothing was to be seen of the field before the text, no edge and no cursor, and no character of it is now. */
  async afterKey(keys: number, signal: AbortSignal): Promise<Trouble | null> {
    if (keys === SETTLED_KEYS) this.#take();
    return keys === 1 && this.#before !== null && isPlain(this.#before) ? this.afterText(signal) : null;
  }

  /** Trouble if the field looks as it did before the text for as long as a program may need to paint it. */
  async afterText(signal: AbortSignal): Promise<Trouble | null> {
    const before = this.#before;
    if (before === null || (await until(async () => this.#differs(before), PAINTS_WITHIN_MS, signal))) return null;
    return signal.aborted ? ended(signal) : UNSEEN;
  }

  /** Forgets the picture. */
  wipe(): void {
    this.#before?.bytes.fill(0);
    this.#before = null;
  }

  // No picture is kept of a window over the field, which comes and goes by itself, nor where the X server has none to give, as
  // inside of another desktop.
  #take(): void {
    this.wipe();
    const { window, around, field } = this.#at;
    const picture = this.#x11.isOverlapped(window, field) ? null : this.#x11.picture(field);
    const isBlind = picture !== null && isPlain(picture) && isPlain(this.#x11.picture(around) ?? picture);
    this.#before = isBlind ? null : picture;
  }

  #differs(before: Picture): boolean {
    const now = this.#x11.picture(this.#at.field);
    const differs = now === null || !isSameInside(now, before);
    now?.bytes.fill(0);
    return differs;
  }
}

const UNSEEN = troubled('element-hidden', 'what is typed into the field cannot be seen');

/** True if two pictures of a field differ at its edge alone, where its frame and the mark of the focus are. */
function isSameInside(a: Picture, b: Picture): boolean {
  if (a.width !== b.width || a.height !== b.height) return false;
  const edge = Math.floor(a.height / EDGE_OF_HEIGHT);
  const rowOf = ({ bytes, bytesPerLine, width }: Picture, y: number): Buffer =>
    bytes.subarray(y * bytesPerLine + edge * PIXEL_BYTES, y * bytesPerLine + (width - edge) * PIXEL_BYTES);
  return Array.from({ length: a.height - 2 * edge }, (_, at) => at + edge).every((y) => rowOf(a, y).equals(rowOf(b, y)));
}

/** True of a picture of one colour. */
const isPlain = ({ bytes }: Picture): boolean => bytes.subarray(PIXEL_BYTES).equals(bytes.subarray(0, -PIXEL_BYTES));
