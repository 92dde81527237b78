// Options of a drop-down: finding one by its name, choosing it, and seeing that it is chosen.
import type { Trouble } from '../port.ts';
import { Role, State, hasState } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { isUnsupported, walk } from './fields.ts';
import { troubled } from './sight.ts';

export interface Option {
  readonly element: Element;
  readonly index: number;
  readonly name: string;
}

const OPTION_ROLES: readonly number[] = [Role.listItem, Role.menuItem];
const OPTIONS_MAX = 5000;

/** Options of a drop-down in their order. Throws `BusError`. */
export async function optionsOf(a11y: Accessibility, comboBox: Element): Promise<Option[]> {
  const elements = await find(a11y, comboBox);
  const names = await Promise.all(elements.slice(0, OPTIONS_MAX).map((element) => a11y.name(element)));
  return names.map((name, index) => ({ element: elements[index] as Element, index, name }));
}

/** The one option of that name, case and surrounding space aside. */
export function optionNamed(options: readonly Option[], name: string): Option | Trouble {
  const same = options.filter((option) => plain(option.name) === plain(name));
  const exact = same.filter((option) => option.name === name);
  const [option, ...others] = exact.length > 0 ? exact : same;
  if (option === undefined || plain(name) === '') return troubled('option-missing', 'no option has the name');
  return others.length === 0 ? option : troubled('option-missing', 'several options have the name');
}

/** The chosen option; null if none is. Throws `BusError`. */
export async function chosenOf(a11y: Accessibility, comboBox: Element, options: readonly Option[]): Promise<Option | null> {
  const states = await Promise.all(options.map(({ element }) => a11y.states(element)));
  const marked = options.filter((_, index) => hasState(states[index] ?? [], State.selected));
  if (marked.length === 1) return marked[0] ?? null;
  const selected = await a11y.selectedChild(comboBox).catch(() => null);
  return options.find(({ element }) => selected !== null && element.path === selected.path) ?? null;
}

/** Shortest beginning of an option's name that no other option shares. */
export function uniqueBeginning(options: readonly Option[], option: Option): string {
  const characters = [...option.name];
  for (let length = 1; length < characters.length; length++) {
    const beginning = characters.slice(0, length).join('');
    if (!options.some((other) => other !== option && plain(other.name).startsWith(plain(beginning)))) return beginning;
  }
  return option.name;
}

async function find(a11y: Accessibility, comboBox: Element): Promise<Element[]> {
  try {
    return await a11y.matches(comboBox, { roles: OPTION_ROLES });
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return walk(a11y, comboBox, (role) => OPTION_ROLES.includes(role));
  }
}

const plain = (name: string): string => name.normalize('NFC').trim().toLowerCase();
