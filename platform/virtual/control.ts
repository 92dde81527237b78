// The hands and eyes of a person at the virtual desktop, for lab, demo and tests: open, click, look what arrived, answer
// a question. Never used by an actor. `hands.ts` does it in this process, `client.ts` over the socket.
import type { Alert, TrayIcon } from '../port.ts';
import type { Dialog } from './model.ts';
import type { PageSpec, SceneName } from './scenes.ts';

export interface OpenOptions {
  /** Origin of the page's URL, as `https://pages.lab`; null for a dialog without a document. */
  readonly origin?: string | null | undefined;
  readonly pid?: number | undefined;
  /** Full path. */
  readonly executable?: string | undefined;
  /** False: the program tells nothing of its fields; a `chromium` could, with a flag. */
  readonly exposed?: boolean | undefined;
  readonly title?: string | undefined;
}

/** Changes of one field by the page or the person. `text` replaces what it holds. */
export interface FieldChange {
  readonly visible?: boolean | undefined;
  readonly enabled?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
  readonly text?: string | undefined;
}

/** What may happen right after a press of a key, before anyone else has a turn. `stall`: the server answers no actor. */
export type AmbushAction =
  | { readonly do: 'raise'; readonly window: string }
  | { readonly do: 'close'; readonly window: string }
  | { readonly do: 'click'; readonly window: string; readonly field: string | null }
  | { readonly do: 'replace'; readonly window: string; readonly field: string }
  | { readonly do: 'navigate'; readonly window: string; readonly scene: SceneName }
  | { readonly do: 'stall' };

/** Everything that arrived, with its values: for tests, not for people or logs. */
export interface Arrived {
  /** Text of every field by its name, for every open window by its id. */
  readonly windows: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly stray: string;
  readonly submits: number;
}

/** The desktop as one may show it: passwords as dots, no stray characters but their number. Front window last. */
export interface Report {
  readonly windows: readonly {
    readonly id: string;
    readonly title: string;
    readonly url: string | null;
    readonly focused: string | null;
    readonly fields: readonly { readonly name: string; readonly label: string; readonly shown: string }[];
    readonly submits: number;
  }[];
  readonly icon: TrayIcon | null;
  readonly menu: readonly { readonly id: string; readonly label: string }[];
  readonly alerts: readonly Alert[];
  readonly dialogs: readonly Dialog[];
  readonly strayCharacters: number;
}

/** Ids of windows are those of `WindowFacts`. False: no such window, field, dialog or entry, or too many. */
export interface Control {
  openScene(scene: SceneName, options?: OpenOptions): Promise<string | null>;
  openPage(page: PageSpec, options?: OpenOptions): Promise<string | null>;
  raise(window: string): Promise<boolean>;
  closeWindow(window: string): Promise<boolean>;
  /** Clicks into a field, or with null beside all fields. Raises the window. */
  click(window: string, field: string | null): Promise<boolean>;
  change(window: string, field: string, change: FieldChange): Promise<boolean>;
  replace(window: string, field: string): Promise<boolean>;
  navigate(window: string, scene: SceneName): Promise<boolean>;
  /** The person presses the submit button. */
  submit(window: string): Promise<boolean>;
  ambush(afterPresses: number, action: AmbushAction): Promise<boolean>;
  /** Ends a stall. */
  resume(): Promise<boolean>;

  arrived(): Promise<Arrived>;
  /** Whether a field holds exactly these bytes (UTF-8). */
  holds(window: string, field: string, bytes: readonly number[]): Promise<boolean>;
  report(): Promise<Report>;
  /** Keycodes that are down, spare keycodes that have a character, and presses since the start. */
  keyboard(): Promise<{ readonly pressed: readonly number[]; readonly mapped: readonly number[]; readonly presses: number }>;
  /** Frames that the server refused, by why. */
  refused(): Promise<Readonly<Record<string, number>>>;

  /** Answers an open dialog: a password (UTF-8), or null to cancel or dismiss. */
  answer(dialog: string, bytes: readonly number[] | null): Promise<boolean>;
  /** Answers the password forms to come, in order. */
  script(bytes: readonly number[] | null): Promise<boolean>;
  chooseMenu(entry: string): Promise<boolean>;
  /** Closes all windows and dialogs and forgets what was seen; keys and tray stay. */
  reset(): Promise<boolean>;
}
