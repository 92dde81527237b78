// Chooses an option of a drop-down, in each toolkit by what really works there, and looks that it is chosen.
import { isTrouble } from '../port.ts';
import type { Target, Trouble, Written } from '../port.ts';
import type { Aimed } from './aim.ts';
import { State, Toolkit, hasState } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { Step } from './keys.ts';
import type { Keys } from './keys.ts';
import { nudgeFor } from './nudge.ts';
import { chosenOf, isOwnList, optionNamed, optionsOf, uniqueBeginning } from './options.ts';
import type { Option } from './options.ts';
import { chooseFromOwn } from './own-list.ts';
import type { Remade } from './remade.ts';
import { troubled } from './sight.ts';
import { ended, until } from './waiting.ts';

/** How long a program may take to show what was chosen. */
const CHOOSE_MS = 400;

export interface Means {
  readonly a11y: Accessibility;
  readonly keys: Keys;
  readonly remade: Remade;
  /** True while the drop-down, or an option of it, has the focus. */
  readonly holds: () => Promise<boolean>;
  /** The document that the drop-down is in; null if it is in none. */
  readonly documentOf: () => Promise<Element | null>;
}

/** One choice under way. */
interface Choice extends Means {
  readonly target: Target;
  readonly dropDown: Aimed;
  readonly options: readonly Option[];
  readonly wanted: Option;
  readonly signal: AbortSignal;
}

/** Chooses the option of that name in a drop-down that has the focus; untouched if there is none. Throws `BusError`. */
export async function choose(
  means: Means, target: Target, dropDown: Aimed, name: string, signal: AbortSignal,
): Promise<Written | Trouble> {
  const { a11y } = means;
  const document = (await isOwnList(a11y, dropDown)) ? await means.documentOf() : null;
  if (document !== null) return chooseFromOwn({ ...means, document }, target, dropDown, name, signal);
  const options = await optionsOf(a11y, dropDown);
  if (isTrouble(options)) return options;
  const wanted = optionNamed(options, name);
  if (isTrouble(wanted)) return wanted;
  const choice = { ...means, target, dropDown, options, wanted, signal };
  if (await isChosen(choice)) return { verified: true };
  for (const choosing of waysFor(dropDown)) {
    const trouble = await choosing(choice);
    if (trouble !== null) return trouble;
    if (await until(() => isChosen(choice), CHOOSE_MS, signal, nudgeFor(a11y, dropDown))) return { verified: true };
    if (signal.aborted) return ended(signal);
  }
  return troubled('not-applied', 'the drop-down does not show the option');
}

const isChosen = async ({ a11y, dropDown, options, wanted }: Choice): Promise<boolean> => (await chosenOf(a11y, dropDown, options)) === wanted;

type Way = (choice: Choice) => Promise<Trouble | null>;

/**
 * The ways to choose that are tried in turn. Firefox and Qt say that they did what an action asks for, and did not; so does a Chromium
 * (150) that exposes no more than is asked for. Keys in a list that is open choose nothing until Enter is pressed.
 */
function waysFor({ toolkit, states }: Aimed): readonly Way[] {
  if (toolkit === Toolkit.gtk3) return [bySelection];
  if (toolkit !== Toolkit.chromium) return [byKeys];
  return hasState(states, State.expanded) ? [byAction] : [byAction, byKeys];
}

const byAction: Way = ({ a11y, wanted }) => a11y.doAction(wanted.element, 0).then(() => null, () => null);
const bySelection: Way = ({ a11y, dropDown, wanted }) => a11y.selectChild(dropDown.element, wanted.index).then(() => null, () => null);

// A beginning brings the choice near, whatever the length of the list; options that share it lie further, and are stepped to.
async function byKeys(choice: Choice): Promise<Trouble | null> {
  const { keys, holds, target, dropDown, options, wanted, signal } = choice;
  const beginning = Uint32Array.from(uniqueBeginning(options, wanted), (character) => character.codePointAt(0) ?? 0);
  if (beginning.length > 0) {
    const typed = await keys.lookUp(target, dropDown.element, beginning, holds, signal);
    if (isTrouble(typed)) return typed;
    // What is chosen meanwhile is a beginning of the beginning: steps from there would go too far.
    await until(() => isChosen(choice), CHOOSE_MS, signal);
  }
  return stepTo(choice);
}

async function stepTo({ a11y, keys, target, dropDown, options, wanted, signal }: Choice): Promise<Trouble | null> {
  for (let steps = 0; steps < options.length; steps++) {
    const now = await chosenOf(a11y, dropDown, options);
    if (now === wanted || now === null) return null;
    if (!hasState(await a11y.states(dropDown.element), State.focused)) return troubled('focus-lost', 'the focus left the drop-down');
    if (signal.aborted) return ended(signal);
    const trouble = await keys.step(target, now.index < wanted.index ? Step.down : Step.up);
    if (trouble !== null) return trouble;
    if (!(await until(async () => (await chosenOf(a11y, dropDown, options)) !== now, CHOOSE_MS, signal))) return null;
  }
  return null;
}
