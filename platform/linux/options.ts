// Options of a drop-down: which there are, finding one by its name, and what the drop-down shows.
import type { Trouble } from '../port.ts';
import { Role, State, Toolkit, hasState } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { isUnsupported, walk } from './fields.ts';
import { troubled } from './sight.ts';

export interface Option {
  readonly element: Element;
  readonly index: number;
  readonly name: string;
}

/** A drop-down and the toolkit that it is made with. */
export interface DropDown {
  readonly element: Element;
  readonly toolkit: string;
}

const OPTION_ROLES: readonly number[] = [Role.listItem, Role.menuItem];
const OPTIONS_MAX = 5000;
/** Stands in a text for what is embedded there. */
const EMBEDDED = '\ufffc';
const EMBEDDED_MAX = 32;
const DEPTH_MAX = 5;

/** Options of a drop-down in their order; a GTK 4 one lists them only while it is open. Throws `BusError`. */
export async function optionsOf(a11y: Accessibility, { element: dropDown, toolkit }: DropDown): Promise<Option[] | Trouble> {
  if (toolkit === Toolkit.gtk4) return troubled('option-missing', 'a drop-down of GTK 4 tells its options only while it is open');
  return optionsIn(a11y, dropDown);
}

/** Options below an element, in their order. Throws `BusError`. */
export async function optionsIn(a11y: Accessibility, list: Element): Promise<Option[]> {
  const elements = await find(a11y, list);
  const names = await Promise.all(elements.slice(0, OPTIONS_MAX).map((element) => a11y.name(element)));
  return names.map((name, index) => ({ element: elements[index] as Element, index, name }));
}

/** The one option of that name, case and surrounding space aside. */
export function optionNamed(options: readonly Option[], name: string): Option | Trouble {
  const same = options.filter((option) => isSameName(option.name, name));
  const exact = same.filter((option) => option.name === name);
  const [option, ...others] = exact.length > 0 ? exact : same;
  if (option === undefined || plain(name) === '') return troubled('option-missing', 'no option has the name');
  return others.length === 0 ? option : troubled('option-missing', 'several options have the name');
}

/** The chosen option; null if none is, or if it cannot be told which. Throws `BusError`. */
export async function chosenOf(a11y: Accessibility, dropDown: DropDown, options: readonly Option[]): Promise<Option | null> {
  if (dropDown.toolkit === Toolkit.qt) {
    const shown = await a11y.name(dropDown.element);
    const [option, ...others] = options.filter(({ name }) => name === shown);
    return others.length === 0 ? (option ?? null) : null;
  }
  const states = await Promise.all(options.map(({ element }) => a11y.states(element)));
  const marked = options.filter((_, index) => hasState(states[index] ?? [], State.selected));
  if (marked.length === 1) return marked[0] ?? null;
  const selected = await a11y.selectedChild(dropDown.element).catch(() => null);
  return options.find(({ element }) => selected !== null && element.path === selected.path) ?? null;
}

/** The text that a drop-down shows. Throws `BusError`. */
export async function shownIn(a11y: Accessibility, dropDown: DropDown): Promise<string> {
  if (dropDown.toolkit === Toolkit.qt) return a11y.name(dropDown.element);
  if (dropDown.toolkit === Toolkit.gtk4) return captionOf(a11y, dropDown.element);
  if (await isOwnList(a11y, dropDown)) return textShownIn(a11y, dropDown.element);
  const options = await optionsOf(a11y, dropDown);
  return 'trouble' in options ? '' : ((await chosenOf(a11y, dropDown, options))?.name ?? '');
}

/** True of a drop-down that a page has made for itself: it gives the role by name. */
export async function isOwnList(a11y: Accessibility, { element }: DropDown): Promise<boolean> {
  const { 'xml-roles': roles = '' } = await a11y.attributes(element);
  return roles.split(' ').includes('combobox');
}

/** The text of an element with that of all that is embedded in it. Throws `BusError`. */
export async function textShownIn(a11y: Accessibility, element: Element): Promise<string> {
  return (await textsIn(a11y, element, DEPTH_MAX)).map((text) => text.trim()).filter((text) => text !== '').join(' ');
}

/**
 * Shortest beginning of an option's name that no other option shares, without its first space and what follows: a space
 * would open the list. Empty if the name begins with one.
 */
export function uniqueBeginning(options: readonly Option[], option: Option): string {
  const characters = [...option.name.replace(/\s.*$/su, '')];
  for (let length = 1; length < characters.length; length++) {
    const beginning = characters.slice(0, length).join('');
    if (!options.some((other) => other !== option && plain(other.name).startsWith(plain(beginning)))) return beginning;
  }
  return characters.join('');
}

async function textsIn(a11y: Accessibility, element: Element, depth: number): Promise<string[]> {
  const texts = (await a11y.text(element).catch(() => '')).split(EMBEDDED);
  if (texts.length === 1 || depth === 0) return texts;
  const inner = (await a11y.children(element)).slice(0, EMBEDDED_MAX);
  const within = await Promise.all(inner.map((child) => textsIn(a11y, child, depth - 1)));
  return texts.flatMap((text, at) => [text, ...(within[at] ?? [])]);
}

async function find(a11y: Accessibility, list: Element): Promise<Element[]> {
  try {
    return await a11y.matches(list, { roles: OPTION_ROLES });
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return walk(a11y, list, (role) => OPTION_ROLES.includes(role));
  }
}

// The button of a GTK 4 drop-down holds two labels, of which the one for "nothing" has no width while something is chosen.
async function captionOf(a11y: Accessibility, dropDown: Element): Promise<string> {
  const [button] = await a11y.children(dropDown);
  if (button === undefined) return '';
  for (const label of await walk(a11y, button, (role) => role === Role.label)) {
    if ((await a11y.extents(label)).width > 0) return a11y.name(label);
  }
  return '';
}

/** Case and surrounding space aside. */
export const isSameName = (a: string, b: string): boolean => plain(a) === plain(b);

const plain = (name: string): string => name.normalize('NFC').trim().toLowerCase();
