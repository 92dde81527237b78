// Watches a written field until it shows what was written, or is clearly not going to.
import type { Reason } from '../../contracts/reasons.ts';
import { isTrouble } from '../port.ts';
import type { Trouble, Written } from '../port.ts';
import type { Accessibility, Element } from './atspi.ts';
import { isUnsupported } from './fields.ts';
import type { Nudge } from './nudge.ts';
import { isSilent, lostFocus, troubleOf, troubled } from './sight.ts';
import { beforeNextLook } from './waiting.ts';

export interface Expected {
  /** Lengths that are right: toolkits count code points or UTF-16 units. */
  readonly counts: readonly number[];
  /** Lengths that are right after so many characters of it. */
  readonly countsAfter?: (characters: number) => readonly number[];
  /** The text itself, where it may be read back; null for passwords. */
  readonly text: string | null;
  readonly nudge: Nudge;
  /** The keys go to it: what is not in it soon after it lost the focus will not come. */
  readonly typed?: boolean;
}

/** A field that stopped growing this long ago has taken all it will take; a busy browser may tell of nothing, nor answer, for a second. */
const STILL_MS = 2500;
/** The same of a field that lost the focus: what was on its way to it is there. */
const LOST_STILL_MS = 150;

/**
 * Resolves when the element shows `expected`, when it stopped changing, or when `signal` ends. Unverified where the
 * program tells nothing of its text.
 */
export async function awaitArrival(
  a11y: Accessibility, element: Element, expected: Expected, signal: AbortSignal,
): Promise<Written | Trouble> {
  let last = -1;
  let changedAtMs = performance.now();
  if (expected.typed === true) await expected.nudge.afterKey();
  for (let looks = 1; ; looks++) {
    const count = await a11y.characterCount(element).catch(withoutCount);
    if (typeof count !== 'number') {
      if (!isTrouble(count) || !isSilent(count) || signal.aborted || performance.now() - changedAtMs > STILL_MS) return count;
      continue;
    }
    if (expected.counts.includes(count)) {
      const text = expected.text === null ? null : await a11y.text(element).catch(() => '');
      if (text === expected.text || isCased(text, expected.text)) return { verified: true };
    }
    if (count !== last) [last, changedAtMs] = [count, performance.now()];
    if (signal.aborted) return troubled(signal.reason as Reason, 'stopped while waiting for the text to arrive');
    const stillMs = performance.now() - changedAtMs;
    if (stillMs > STILL_MS || (stillMs > LOST_STILL_MS && expected.typed === true && (await lostFocus(a11y, element)) !== null)) {
      return shortfall(a11y, element, count, expected);
    }
    await beforeNextLook(looks, expected.nudge);
  }
}

/** A page may show names in capitals; the browser then tells them so, whatever the field holds. */
const isCased = (shown: string | null, text: string | null): boolean =>
  shown !== null && text !== null && (shown === text.toUpperCase() || shown === text.toLowerCase());

// Keys arrive in order, so a field that still has the focus and lacks the end of the text has a limit.
async function shortfall(a11y: Accessibility, element: Element, count: number, expected: Expected): Promise<Trouble> {
  if ((await lostFocus(a11y, element)) !== null) return troubled('focus-lost', 'the focus left the field while the text arrived');
  const text = expected.text === null ? null : await a11y.text(element).catch(() => null);
  const begins = text === null || expected.text?.startsWith(text) === true;
  if (count > 0 && count < Math.min(...expected.counts) && begins) return troubled('value-too-long', 'the field took only a part of the text');
  return troubled('not-applied', 'the field does not show the text');
}

function withoutCount(error: unknown): Written | Trouble {
  return isUnsupported(error) ? { verified: false } : troubleOf(error, 'element-gone');
}
