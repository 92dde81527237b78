// A text with more characters than the spare keys carry goes in parts. The keys get other characters only when the field has
// shown all of a part: a program may look a key up late.
import { isTrouble } from '../port.ts';
import type { Trouble, Written } from '../port.ts';
import { planKeys, planLent } from './keyboard.ts';
import { readLayout } from './layout.ts';
import { troubled } from './sight.ts';
import { UNTYPABLE } from './typing.ts';
import type { Typing, Typist } from './typing.ts';
import type { X11 } from './x11.ts';

/** Where the parts of a text end that the present layout and its spare keys give; null if they do not give some character. */
export function partsOf(x11: X11, codePoints: Uint32Array, { lentOnly }: { readonly lentOnly: boolean }): number[] | null {
  const layout = readLayout(x11);
  const fits = (from: number, to: number): boolean => {
    const plan = (lentOnly ? planLent : planKeys)(codePoints.subarray(from, to), layout);
    plan?.strokes.fill(0);
    return plan !== null;
  };
  const ends: number[] = [];
  for (let from = 0; from < codePoints.length; from = ends.at(-1) ?? 0) {
    let to = codePoints.length;
    while (to > from && !fits(from, to)) to = from + ((to - from) >> 1);
    if (to === from) return null;
    ends.push(to);
  }
  return ends;
}

/** Trouble if the present layout cannot give all of these characters, in however many parts. */
export const untypable = (x11: X11, codePoints: Uint32Array): Trouble | null => (partsOf(x11, codePoints, { lentOnly: false }) === null ? UNTYPABLE : null);

/** Types the parts that end at `ends`. `next` is asked after the last character of each, so that the field has shown it. */
export async function typeParts(typist: Typist, ends: readonly number[], typing: Typing): Promise<Written | Trouble> {
  for (const [index, end] of ends.slice(0, -1).entries()) {
    const codePoints = typing.codePoints.subarray(ends[index - 1] ?? 0, end);
    const typed = await typist.type({ ...typing, codePoints, continues: index > 0, goesOn: true, arrive: async () => ({ verified: true }) });
    if (isTrouble(typed)) return index > 0 ? begun(typed) : typed;
  }
  const last = ends.at(-2) ?? 0;
  const typed = await typist.type({ ...typing, codePoints: typing.codePoints.subarray(last), continues: last > 0 });
  return isTrouble(typed) && last > 0 ? begun(typed) : typed;
}

/** What stops a text before its first key says so; here earlier parts stand in the field. */
const begun = (stopped: Trouble): Trouble =>
  stopped.trouble === 'untypable' ? troubled('desktop-error', 'the layout changed while a text was typed') : stopped;
