// The pace of a text: the field must show each character before the next key is sent. A script of the page that
// moves the focus between two keys gets one character, and never the rest in one blind burst.
import type { Reason } from '../../contracts/reasons.ts';
import { isTrouble } from '../port.ts';
import type { Trouble } from '../port.ts';
import { State, hasState } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import type { Nudge } from './nudge.ts';
import { LOST, isSilent, troubleOf, troubled } from './sight.ts';
import { beforeNextLook } from './waiting.ts';

export interface Watching {
  /** Asked when the field shows the character of a key, the first of which is 1. */
  readonly seen: ((keys: number) => Promise<Trouble | null>) | undefined;
  /** The page may complete what was typed, as suggestions do: what is read back in the end is what counts. */
  readonly mayComplete: boolean;
  readonly nudge: Nudge;
  readonly signal: AbortSignal;
}

/** A busy browser may tell of nothing, nor answer, for a second; a field that took nothing for so long takes no more. */
const TAKES_WITHIN_MS = 2500;

/**
 * Called after each key into an empty field that counts: resolves when it holds what is `due` after so many keys, or with
 * what stops the typing. A mark that joins the character before it makes the field of some programs no longer.
 */
export function keyByKey(
  a11y: Accessibility, element: Element, due: (keys: number) => readonly number[], { seen, mayComplete, nudge, signal }: Watching,
): () => Promise<Trouble | null> {
  let keys = 0;
  return async () => {
    const counts = due(++keys);
    const endMs = performance.now() + TAKES_WITHIN_MS;
    await nudge.afterKey();
    for (let looks = 1; ; looks++) {
      // Whatever moved the focus on this character had its say before the second question is answered.
      const told = await Promise.all([a11y.characterCount(element), a11y.states(element)]).catch((error: unknown) => troubleOf(error, 'element-gone'));
      if (isTrouble(told)) {
        if (!isSilent(told) || signal.aborted || performance.now() > endMs) return told;
        continue;
      }
      const [count, states] = told;
      const completed = mayComplete && count > Math.max(...counts);
      const shown = completed || counts.includes(count);
      if (!hasState(states, State.focused)) return LOST;
      if (shown) return seen?.(keys) ?? null;
      if (count > Math.max(...counts)) return troubled('not-applied', 'the field took more than was typed');
      if (signal.aborted) return troubled(signal.reason as Reason, 'stopped while waiting for a character to arrive');
      if (performance.now() > endMs) return troubled(count === 0 || mayComplete ? 'not-applied' : 'value-too-long', 'the field did not take a character');
      await beforeNextLook(looks, nudge);
    }
  };
}
