// A desktop as plain data: what is open, what has the focus, what every field holds, which keys are down. Pure: no
// clock, no socket, no randomness; a copy of it is a snapshot. Reading it gives values, so it never leaves the server
// whole: people get `report.ts`.
import type { Alert, FieldRef, FieldRole, TrayIcon } from '../port.ts';

/** One element of a document. `characters` are Unicode code points; of a drop-down, those of the chosen option. */
export interface Element {
  readonly ref: FieldRef;
  readonly name: string;
  readonly label: string;
  readonly role: FieldRole;
  readonly autocomplete: string;
  readonly form: string | null;
  readonly options: readonly string[];
  readonly maxLength: number | null;
  visible: boolean;
  enabled: boolean;
  readOnly: boolean;
  /** All of it is selected: the next character replaces it. */
  selected: boolean;
  characters: number[];
}

export interface Page {
  readonly id: string;
  /** Null for a dialog that is no document. */
  readonly url: string | null;
  readonly elements: Element[];
  submits: number;
}

export interface Window {
  readonly id: string;
  readonly pid: number;
  readonly executable: string;
  /** Its program tells of its fields. */
  readonly exposed: boolean;
  title: string;
  page: Page;
  /** Element with the focus when this window is in front; null: the focus is on nothing that takes characters. */
  focused: FieldRef | null;
}

/** A question to the person that is on the screen. */
export interface Dialog {
  readonly id: string;
  readonly kind: 'message' | 'password';
  readonly title: string;
  readonly text: string;
  readonly user: string;
  readonly status: string;
}

export interface Keyboard {
  /** Keycodes that are down. */
  pressed: number[];
  /** Spare keycodes that were given a character: [keycode, code point]. */
  mapped: [number, number][];
  /** Keys pressed since the start. */
  presses: number;
}

export interface Tray {
  icon: TrayIcon | null;
  menu: readonly { readonly id: string; readonly label: string }[];
  /** Newest last. */
  alerts: Alert[];
  dialogs: Dialog[];
  /** A dialog took the focus and no window was brought to the front since. */
  dialogInFront: boolean;
}

export interface Desktop {
  /** Part of every id, so that a reference of an earlier desktop names nothing here. */
  readonly boot: string;
  lastId: number;
  /** Back to front: the last one has the keyboard. */
  windows: Window[];
  readonly keyboard: Keyboard;
  readonly tray: Tray;
  /** Code points that arrived where nothing takes them. */
  stray: number[];
  /** Submits of windows that are closed since. */
  submitsBefore: number;
}

export const LIMITS = { windows: 64, stray: 4_096, alerts: 256, dialogs: 16, fieldCharacters: 4_096 } as const;

export const newDesktop = (boot: string): Desktop => ({
  boot,
  lastId: 0,
  windows: [],
  keyboard: { pressed: [], mapped: [], presses: 0 },
  tray: { icon: null, menu: [], alerts: [], dialogs: [], dialogInFront: false },
  stray: [],
  submitsBefore: 0,
});

/** A name that this desktop never gives again. */
export const nextId = (desktop: Desktop, kind: string): string => `${kind}-${desktop.boot}-${(desktop.lastId += 1)}`;

/** The window that the keyboard goes to; none while a dialog has it. */
export const frontWindow = (desktop: Desktop): Window | undefined =>
  desktop.tray.dialogInFront ? undefined : desktop.windows.at(-1);

export const windowOf = (desktop: Desktop, id: string): Window | undefined =>
  desktop.windows.find((window) => window.id === id);

export const elementOf = (window: Window, ref: FieldRef): Element | undefined =>
  window.page.elements.find((element) => element.ref === ref);

export const elementNamed = (window: Window, name: string): Element | undefined =>
  window.page.elements.find((element) => element.name === name);

/** What the keyboard goes to: visible, enabled and in front. */
export function focusedElement(desktop: Desktop): Element | undefined {
  const window = frontWindow(desktop);
  return window?.focused == null ? undefined : elementOf(window, window.focused);
}

export const codePointsOf = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0);
export const textOf = (codePoints: readonly number[]): string => codePoints.map((point) => String.fromCodePoint(point)).join('');
/** Length as HTML counts it, in UTF-16 units. */
export function unitsOf(codePoints: Iterable<number>): number {
  let units = 0;
  for (const point of codePoints) units += point > 0xffff ? 2 : 1;
  return units;
}
