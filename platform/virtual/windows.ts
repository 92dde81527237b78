// What a person does to windows: open, raise, close, click, and what pages do to themselves: replace, navigate, submit.
import type { OpenOptions } from './control.ts';
import type { FieldSpec, PageSpec } from './scenes.ts';
import { LIMITS, codePointsOf, elementNamed, nextId, windowOf } from './model.ts';
import type { Desktop, Element, Page, Window } from './model.ts';

const ORIGIN = 'https://pages.lab';
const EXECUTABLE = '/usr/lib/chromium/chromium';
const PID = 4_000;

/** Opens a page in a window of its own, in front, with the focus on nothing. Undefined where there are too many. */
export function openWindow(desktop: Desktop, page: PageSpec, options: OpenOptions = {}): Window | undefined {
  if (desktop.windows.length >= LIMITS.windows) return undefined;
  const window: Window = {
    id: nextId(desktop, 'window'),
    pid: options.pid ?? PID,
    executable: options.executable ?? EXECUTABLE,
    exposed: options.exposed ?? true,
    title: page.title,
    page: pageOf(desktop, page, options.origin === undefined ? ORIGIN : options.origin),
    focused: null,
  };
  desktop.windows.push(window);
  desktop.tray.dialogInFront = false;
  return window;
}

export function raiseWindow(desktop: Desktop, id: string): boolean {
  const window = windowOf(desktop, id);
  if (window === undefined) return false;
  desktop.windows = [...desktop.windows.filter((other) => other !== window), window];
  desktop.tray.dialogInFront = false;
  return true;
}

export function closeWindow(desktop: Desktop, id: string): boolean {
  const window = windowOf(desktop, id);
  if (window === undefined) return false;
  forget(desktop, window.page);
  desktop.windows = desktop.windows.filter((other) => other !== window);
  return true;
}

/** A click into a field, or with null beside all fields: raises the window and moves the focus. */
export function click(desktop: Desktop, id: string, field: string | null): boolean {
  const window = windowOf(desktop, id);
  const element = window === undefined || field === null ? undefined : elementNamed(window, field);
  if (window === undefined || (field !== null && !(element?.visible === true && element.enabled))) return false;
  raiseWindow(desktop, id);
  moveFocus(window, element ?? null);
  return true;
}

/** Gives a window's focus to an element; what was selected there stays unselected. */
export function moveFocus(window: Window, element: Element | null): void {
  for (const other of window.page.elements) other.selected = false;
  window.focused = element?.ref ?? null;
}

/** Puts a new, empty element of the same name in the place of the old one; the focus is lost if it was there. */
export function replaceElement(desktop: Desktop, id: string, field: string): boolean {
  const window = windowOf(desktop, id);
  const old = window === undefined ? undefined : elementNamed(window, field);
  if (window === undefined || old === undefined) return false;
  old.characters.fill(0);
  const fresh = { ...old, ref: nextId(desktop, 'field'), selected: false, characters: firstOption(old.options) };
  window.page.elements.splice(window.page.elements.indexOf(old), 1, fresh);
  if (window.focused === old.ref) window.focused = null;
  return true;
}

/** Opens another page in the same window, at the same origin. */
export function navigate(desktop: Desktop, id: string, page: PageSpec): boolean {
  const window = windowOf(desktop, id);
  if (window === undefined) return false;
  const origin = window.page.url === null ? null : new URL(window.page.url).origin;
  forget(desktop, window.page);
  window.page = pageOf(desktop, page, origin);
  window.title = page.title;
  window.focused = null;
  return true;
}

/** What the submit button does; the person's, and never ours. */
export function submit(desktop: Desktop, id: string): boolean {
  const window = windowOf(desktop, id);
  if (window === undefined) return false;
  window.page.submits += 1;
  return true;
}

/** Overwrites what a page held before it goes. */
function forget(desktop: Desktop, page: Page): void {
  desktop.submitsBefore += page.submits;
  for (const element of page.elements) element.characters.fill(0);
}

function pageOf(desktop: Desktop, spec: PageSpec, origin: string | null): Page {
  const id = nextId(desktop, 'page');
  const elements = spec.fields.map((field) => elementFrom(desktop, id, field));
  return { id, url: origin === null ? null : `${origin}${spec.path}`, elements, submits: 0 };
}

function elementFrom(desktop: Desktop, pageId: string, spec: FieldSpec): Element {
  const options = spec.options ?? [];
  return {
    ref: nextId(desktop, 'field'),
    name: spec.name,
    label: spec.label,
    role: spec.role,
    autocomplete: spec.autocomplete ?? '',
    form: `${pageId}:${spec.form ?? 'main'}`,
    options,
    maxLength: spec.maxLength ?? null,
    visible: spec.hidden !== true,
    enabled: true,
    readOnly: spec.readOnly === true,
    selected: false,
    characters: spec.value === undefined ? firstOption(options) : codePointsOf(spec.value),
  };
}

const firstOption = (options: readonly string[]): number[] => codePointsOf(options[0] ?? '');
