// The keyboard of the virtual desktop, as an X server's: whoever may press keys may press any, and what they type goes
// to whatever has the focus at that moment. A key stays down, and a spare keycode keeps its character, until somebody
// takes it back, also when the one who did it is gone.
import { FieldRole } from '../port.ts';
import { LIMITS, codePointsOf, focusedElement, frontWindow, textOf, unitsOf } from './model.ts';
import type { Desktop, Element } from './model.ts';
import { moveFocus, submit } from './windows.ts';

/** Keys that give no character. Keycodes of characters on the layout are their ASCII codes. */
export const Key = { backspace: 8, tab: 9, enter: 13, control: 17 } as const;
const FIRST_CHARACTER = 0x20;
const LAST_CHARACTER = 0x7e;
/** Keycodes without a character, for characters that the layout lacks; as many as a usual X layout leaves free. */
export const SPARE_KEYS: readonly number[] = Array.from({ length: 19 }, (_, index) => 200 + index);

/** Keycode that types a character without mapping; null where the layout has none. */
export const keyFor = (codePoint: number): number | null =>
  codePoint >= FIRST_CHARACTER && codePoint <= LAST_CHARACTER ? codePoint : null;

/** Presses a key. One that is down already types nothing, as it is no new press. */
export function press(desktop: Desktop, key: number): void {
  const { keyboard } = desktop;
  keyboard.presses += 1;
  if (keyboard.pressed.includes(key)) return;
  keyboard.pressed.push(key);
  if (key === Key.control) return;
  if (keyboard.pressed.includes(Key.control)) return shortcut(desktop, key);
  if (key === Key.backspace) return erase(focusedElement(desktop));
  if (key === Key.tab) return focusNext(desktop);
  if (key === Key.enter) return enter(desktop);
  const codePoint = keyboard.mapped.find(([mapped]) => mapped === key)?.[1] ?? keyFor(key);
  if (codePoint !== null) arrive(desktop, codePoint);
}

export function release(desktop: Desktop, key: number): void {
  desktop.keyboard.pressed = desktop.keyboard.pressed.filter((other) => other !== key);
}

/** Gives a spare keycode a character. False for any other keycode. */
export function map(desktop: Desktop, key: number, codePoint: number): boolean {
  if (!SPARE_KEYS.includes(key)) return false;
  unmap(desktop, [key]);
  desktop.keyboard.mapped.push([key, codePoint]);
  return true;
}

export function unmap(desktop: Desktop, keys: readonly number[]): void {
  desktop.keyboard.mapped = desktop.keyboard.mapped.filter(([key]) => !keys.includes(key));
}

/** Chooses an option by its exact name, case and surrounding space aside. */
export function chooseOption(element: Element, option: string): boolean {
  const wanted = option.trim().toLowerCase();
  const found = element.options.find((candidate) => candidate.trim().toLowerCase() === wanted);
  if (found === undefined || wanted === '') return false;
  element.characters = codePointsOf(found);
  return true;
}

const takesCharacters = (element: Element): boolean =>
  element.visible && element.enabled && !element.readOnly && element.role !== FieldRole.select;

function shortcut(desktop: Desktop, key: number): void {
  const element = focusedElement(desktop);
  if (key === 'a'.charCodeAt(0) && element !== undefined) element.selected = true;
}

function arrive(desktop: Desktop, codePoint: number): void {
  const element = focusedElement(desktop);
  if (element?.role === FieldRole.select && element.enabled) return typeAhead(element, codePoint);
  if (element === undefined || !takesCharacters(element)) {
    if (desktop.stray.length < LIMITS.stray) desktop.stray.push(codePoint);
    return;
  }
  if (element.selected) erase(element);
  const room = element.maxLength ?? LIMITS.fieldCharacters;
  if (unitsOf(element.characters) + unitsOf([codePoint]) <= room) element.characters.push(codePoint);
}

/** A character typed at a drop-down chooses the next option that begins with it. */
function typeAhead(element: Element, codePoint: number): void {
  const first = textOf([codePoint]).toLowerCase();
  const found = element.options.find((option) => option.toLowerCase().startsWith(first));
  if (found !== undefined) element.characters = codePointsOf(found);
}

function erase(element: Element | undefined): void {
  if (element === undefined || !takesCharacters(element)) return;
  if (element.selected) element.characters.fill(0).splice(0);
  else element.characters.pop();
  element.selected = false;
}

function focusNext(desktop: Desktop): void {
  const window = frontWindow(desktop);
  const elements = window?.page.elements.filter((element) => element.visible && element.enabled) ?? [];
  const next = elements[elements.findIndex((element) => element.ref === window?.focused) + 1] ?? elements[0];
  if (window !== undefined && next !== undefined) moveFocus(window, next);
}

function enter(desktop: Desktop): void {
  const window = frontWindow(desktop);
  if (window !== undefined && focusedElement(desktop) !== undefined) submit(desktop, window.id);
}
