// A person's hands and eyes on a virtual desktop of this process.
import { Secret } from '../../contracts/secret.ts';
import { FieldRole } from '../port.ts';
import type { AmbushAction, Arrived, Control, FieldChange, OpenOptions, Report } from './control.ts';
import { codePointsOf, elementNamed, elementOf, textOf, windowOf } from './model.ts';
import type { Desktop, Element, Window } from './model.ts';
import { SCENES } from './scenes.ts';
import type { PageSpec } from './scenes.ts';
import { sameText } from './utf8.ts';
import { click, closeWindow, navigate, openWindow, raiseWindow, replaceElement, submit } from './windows.ts';
import type { VirtualDesktop } from './world.ts';

export function handsOn(world: VirtualDesktop): Control {
  const { desktop } = world;
  return {
    openScene: async (scene, options) => open(desktop, SCENES[scene], options),
    openPage: async (page, options) => open(desktop, page, options),
    raise: async (window) => raiseWindow(desktop, window),
    closeWindow: async (window) => closeWindow(desktop, window),
    click: async (window, field) => click(desktop, window, field),
    change: async (window, field, change) => changeField(fieldIn(desktop, window, field), change),
    replace: async (window, field) => replaceElement(desktop, window, field),
    navigate: async (window, scene) => navigate(desktop, window, SCENES[scene]),
    submit: async (window) => submit(desktop, window),
    ambush: async (afterPresses, action) => world.ambush({ afterPresses, run: () => strike(world, action) }),
    resume: async () => {
      world.stalled = false;
      return true;
    },

    arrived: async () => arrivedAt(desktop),
    holds: async (window, field, bytes) => {
      const element = fieldIn(desktop, window, field);
      return element !== undefined && sameText(element.characters, Uint8Array.from(bytes));
    },
    report: async () => reportOf(desktop),
    keyboard: async () => {
      const { pressed, mapped, presses } = desktop.keyboard;
      return { pressed: [...pressed], mapped: mapped.map(([key]) => key), presses };
    },
    refused: async () => ({ ...world.refused }),

    answer: async (dialog, bytes) => world.answer(dialog, secretOf(bytes)),
    script: async (bytes) => world.script(secretOf(bytes)),
    chooseMenu: async (entry) => {
      if (world.onChosen === null || !desktop.tray.menu.some(({ id }) => id === entry)) return false;
      world.onChosen(entry);
      return true;
    },
    reset: async () => {
      world.reset();
      return true;
    },
  };
}

function open(desktop: Desktop, page: PageSpec, options: OpenOptions = {}): string | null {
  const titled = options.title === undefined ? page : { ...page, title: options.title };
  return openWindow(desktop, titled, options)?.id ?? null;
}

function fieldIn(desktop: Desktop, window: string, field: string): Element | undefined {
  const found = windowOf(desktop, window);
  return found === undefined ? undefined : elementNamed(found, field);
}

function changeField(element: Element | undefined, { text, ...state }: FieldChange): boolean {
  if (element === undefined) return false;
  element.visible = state.visible ?? element.visible;
  element.enabled = state.enabled ?? element.enabled;
  element.readOnly = state.readOnly ?? element.readOnly;
  if (text !== undefined) element.characters = codePointsOf(text);
  return true;
}

function strike(world: VirtualDesktop, action: AmbushAction): void {
  const { desktop } = world;
  if (action.do === 'stall') world.stalled = true;
  else if (action.do === 'raise') raiseWindow(desktop, action.window);
  else if (action.do === 'close') closeWindow(desktop, action.window);
  else if (action.do === 'click') click(desktop, action.window, action.field);
  else if (action.do === 'replace') replaceElement(desktop, action.window, action.field);
  else navigate(desktop, action.window, SCENES[action.scene]);
}

function arrivedAt(desktop: Desktop): Arrived {
  const fields = (window: Window) => window.page.elements.map((element) => [element.name, textOf(element.characters)] as const);
  return {
    windows: Object.fromEntries(desktop.windows.map((window) => [window.id, Object.fromEntries(fields(window))])),
    stray: textOf(desktop.stray),
    submits: desktop.windows.reduce((sum, window) => sum + window.page.submits, desktop.submitsBefore),
  };
}

function reportOf(desktop: Desktop): Report {
  const { icon, menu, alerts, dialogs } = desktop.tray;
  return {
    windows: desktop.windows.map((window) => ({
      id: window.id,
      title: window.title,
      url: window.page.url,
      focused: window.focused === null ? null : (elementOf(window, window.focused)?.name ?? null),
      fields: window.page.elements.map((element) => ({ name: element.name, label: element.label, shown: shownOf(element) })),
      submits: window.page.submits,
    })),
    icon,
    menu: [...menu],
    alerts: [...alerts],
    dialogs: [...dialogs],
    strayCharacters: desktop.stray.length,
  };
}

const shownOf = ({ role, characters }: Element): string =>
  role === FieldRole.password ? '•'.repeat(characters.length) : textOf(characters);

const secretOf = (bytes: readonly number[] | null): Secret | null => (bytes === null ? null : new Secret(Uint8Array.from(bytes)));
