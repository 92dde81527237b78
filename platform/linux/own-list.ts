// A drop-down that a page has made for itself: it shows a text, and its options are there only while it is open, wherever the page
// puts them. It is opened, chosen from and closed as a person would, and what it then shows is what counts.
import { isTrouble } from '../port.ts';
import type { Target, Trouble, Written } from '../port.ts';
import type { Aimed } from './aim.ts';
import { Role, State, hasState, refOf } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { Step } from './keys.ts';
import type { Keys } from './keys.ts';
import { nudgeFor } from './nudge.ts';
import type { Nudge } from './nudge.ts';
import { isSameName, optionNamed, optionsIn, textShownIn } from './options.ts';
import type { Option } from './options.ts';
import type { Remade } from './remade.ts';
import { troubled } from './sight.ts';
import { ended, until } from './waiting.ts';

/** Pages fetch options when they open a list, and fade it out when they close it. */
const OPENS_MS = 500;
const FILLS_MS = 300;
const CLOSES_MS = 600;
const SHOWS_MS = 400;

export interface OwnMeans {
  readonly a11y: Accessibility;
  readonly keys: Keys;
  readonly remade: Remade;
  /** The document that the drop-down is in. */
  readonly document: Element;
}

/** Chooses the option of that name; where there is none, the list is closed again. Throws `BusError`. */
export async function chooseFromOwn(
  { a11y, keys, remade, document }: OwnMeans, target: Target, dropDown: Aimed, name: string, signal: AbortSignal,
): Promise<Written | Trouble> {
  const shownBy = (field: Element) => async (): Promise<boolean> => isSameName(await textShownIn(a11y, field), name);
  if (await shownBy(dropDown.element)()) return { verified: true };
  const nudge = nudgeFor(a11y, dropDown);
  const list = new OpenList(a11y, dropDown, nudge);
  const isClosed = async (): Promise<boolean> => !(await list.isOpen());
  const before = await remade.remember(document);
  await list.open();
  const wanted = await list.optionNamed(name, signal);
  const chose = !isTrouble(wanted) && !signal.aborted && (await a11y.doAction(wanted.element, 0));
  if (!chose || !(await until(isClosed, CLOSES_MS, signal, nudge))) {
    if (await list.isOpen()) await keys.step(target, Step.close);
    await until(isClosed, CLOSES_MS, signal, nudge);
  }
  if (isTrouble(wanted)) return signal.aborted ? ended(signal) : wanted;
  const isThere = await until(() => remade.find(before), CLOSES_MS, signal, nudge);
  if (signal.aborted) return ended(signal);
  const field = remade.elementOf(target.user.ref);
  if (!isThere || field === null) return troubled('element-gone', 'the fields are no longer what they were before the list was opened');
  if (await until(shownBy(field), SHOWS_MS, signal, nudge)) return { verified: true };
  return signal.aborted ? ended(signal) : troubled('not-applied', 'the drop-down does not show the option');
}

/** The list of one drop-down, while it is open. */
class OpenList {
  readonly #a11y: Accessibility;
  readonly #dropDown: Aimed;
  readonly #nudge: Nudge;
  /** Lists that were there before; null where it was open already. */
  #others: ReadonlySet<string> | null = null;
  #list: Element | null = null;

  constructor(a11y: Accessibility, dropDown: Aimed, nudge: Nudge) {
    this.#a11y = a11y;
    this.#dropDown = dropDown;
    this.#nudge = nudge;
  }

  /** Opens it, where it is closed. */
  async open(): Promise<void> {
    const { element, states } = this.#dropDown;
    if (hasState(states, State.expanded)) return;
    this.#others = new Set((await this.#shown()).map(refOf));
    await this.#a11y.doAction(element, 0);
  }

  /** The one option of that name, as soon as it is there. */
  async optionNamed(name: string, signal: AbortSignal): Promise<Option | Trouble> {
    let options: readonly Option[] = [];
    const hasOptions = async (): Promise<boolean> => (options = await this.#options()).length > 0;
    const hasIt = async (): Promise<boolean> => (await hasOptions()) && !isTrouble(optionNamed(options, name));
    if (!(await until(hasOptions, OPENS_MS, signal, this.#nudge))) return troubled('option-missing', 'the drop-down opened no list');
    await until(hasIt, FILLS_MS, signal, this.#nudge);
    return optionNamed(options, name);
  }

  /** True while its list is shown; where none was found, while the drop-down says so. */
  async isOpen(): Promise<boolean> {
    const [element, mark] = this.#list === null ? [this.#dropDown.element, State.expanded] : [this.#list, State.showing];
    const states = await this.#a11y.states(element).catch(() => []);
    // Firefox says of what is gone that it is shown.
    return hasState(states, mark) && !hasState(states, State.defunct);
  }

  async #options(): Promise<Option[]> {
    this.#list = await this.#find();
    return this.#list === null ? [] : optionsIn(this.#a11y, this.#list);
  }

  // The drop-down says which list is its own, or no other one came when it opened.
  async #find(): Promise<Element | null> {
    const [told] = await this.#a11y.controlledBy(this.#dropDown.element).catch(() => []);
    if (told !== undefined) return told;
    const [only, ...others] = (await this.#shown()).filter((list) => this.#others?.has(refOf(list)) === false);
    return others.length === 0 ? (only ?? null) : null;
  }

  #shown(): Promise<Element[]> {
    return this.#a11y.matches(this.#dropDown.frame, { roles: [Role.listBox], states: [State.showing] });
  }
}
