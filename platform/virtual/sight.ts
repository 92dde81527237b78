// What can be seen of the virtual desktop from outside, and whether a target still is what it was.
import { basename, extname } from 'node:path';
import { FieldRole } from '../port.ts';
import type { Context, Field, FieldRef, Sighting, Target, Trouble, WindowFacts } from '../port.ts';
import type { Reason } from '../../contracts/reasons.ts';
import { elementOf, frontWindow, windowOf } from './model.ts';
import type { Desktop, Element, Window } from './model.ts';

export function foregroundOf(desktop: Desktop): WindowFacts | Trouble {
  const window = frontWindow(desktop);
  return window === undefined ? troubled('ambiguous-window', 'no window is open') : factsOf(window);
}

export function contextOf(desktop: Desktop): Context | Trouble {
  const window = frontWindow(desktop);
  return window === undefined ? troubled('ambiguous-window', 'no window is open') : contextIn(window);
}

/** Front to back. */
export const windowsOf = (desktop: Desktop): readonly WindowFacts[] => desktop.windows.map(factsOf).reverse();

export function sightingOf(desktop: Desktop, id: string): Sighting | Trouble {
  const window = windowOf(desktop, id);
  if (window === undefined) return troubled('window-changed', 'there is no such window');
  const context = contextIn(window);
  return 'trouble' in context ? context : { ...context, inFront: window === frontWindow(desktop), focusKnown: true };
}

function contextIn(window: Window): Context | Trouble {
  if (!window.exposed) return unexposed(factsOf(window));
  const shown = window.page.elements.filter((element) => element.visible);
  const focused = shown.findIndex((element) => element.ref === window.focused);
  return {
    window: factsOf(window),
    url: window.page.url,
    pageUrl: window.page.url,
    fields: shown.map((element) => fieldOf(element, window.page.url !== null)),
    focused: focused < 0 ? null : focused,
  };
}

/** The element to write to, or why it must not be written: the one check that precedes every change. */
export function reach(desktop: Desktop, target: Target, ref: FieldRef, focused: boolean): Element | Trouble {
  const window = frontWindow(desktop);
  if (window === undefined) return troubled('window-changed', 'no window is open');
  if (window.id !== target.window.id) return troubled('window-changed', 'another window is in front');
  if (window.pid !== target.window.pid) return troubled('window-changed', 'the window is of another process');
  if (window.page.url !== target.url) return troubled('document-changed', 'the document is another one');
  const element = window.exposed ? elementOf(window, ref) : undefined;
  if (element === undefined) return troubled('element-gone', 'the element is no longer in the document');
  if (focused && window.focused !== ref) return troubled('focus-lost', 'another element has the focus');
  return element;
}

/** The window of a target that shows no fields, if it is still the one, and still shows none. */
export function reachUnseen(desktop: Desktop, { window: { id, pid }, unseen }: Target): Trouble | null {
  const window = frontWindow(desktop);
  if (window === undefined || window.id !== id || window.pid !== pid) return troubled('window-changed', 'another window is in front');
  if (unseen === undefined || window.title !== unseen.title) return troubled('window-changed', 'the window has another title');
  return window.exposed ? troubled('element-gone', 'the program shows its fields now') : null;
}

/** As `reach`, and the element takes input. */
export function reachToWrite(desktop: Desktop, target: Target, ref: FieldRef, focused: boolean): Element | Trouble {
  const element = reach(desktop, target, ref, focused);
  if ('trouble' in element || isEditable(element)) return element;
  return troubled('element-hidden', 'the element is hidden, disabled or read-only');
}

export const troubled = (trouble: Reason, detail: string): Trouble => ({ trouble, detail });

/** A real Chromium lacks a flag. */
function unexposed({ processName }: WindowFacts): Trouble {
  const trouble = troubled('no-accessibility', 'the program exposes no fields');
  return processName === 'chromium' ? { ...trouble, remedy: 'accessibility-flag' } : trouble;
}

const isEditable = (element: Element): boolean => element.visible && element.enabled && !element.readOnly;

const factsOf = ({ id, pid, executable, title }: Window): WindowFacts => ({
  id, pid, executable, processName: basename(executable, extname(executable)), title,
});

const fieldOf = (element: Element, inDocument: boolean): Field => ({
  ref: element.ref,
  role: element.role,
  label: element.label,
  htmlId: inDocument ? element.name : '',
  htmlName: inDocument ? element.name : '',
  autocomplete: inDocument ? element.autocomplete : '',
  form: inDocument ? element.form : null,
  visible: element.visible,
  editable: element.enabled && !element.readOnly,
  empty: element.role === FieldRole.select ? false : element.characters.length === 0,
});
