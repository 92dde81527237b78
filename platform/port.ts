// The whole of a desktop as Tapline sees it: look, act, show. Every adapter passes test/platform/acceptance.ts.
import type { Reason, Remedy } from '../contracts/reasons.ts';
import type { Secret } from '../contracts/secret.ts';

/** Opaque name of one element, stable while the element lives and never given to another one. */
export type FieldRef = string;

export interface WindowFacts {
  /** X window id, HWND or the virtual desktop's id, as text. */
  readonly id: string;
  readonly pid: number;
  /** Full path of the program's file; empty if the system does not tell. */
  readonly executable: string;
  /** Base name of the executable without extension, as `appsettings.json` names it. */
  readonly processName: string;
  readonly title: string;
}

export const FieldRole = { text: 'text', password: 'password', select: 'select' } as const;
export type FieldRole = (typeof FieldRole)[keyof typeof FieldRole];

/** One field that a person could fill. Never holds the field's value. */
export interface Field {
  readonly ref: FieldRef;
  readonly role: FieldRole;
  /** Accessible name. */
  readonly label: string;
  readonly htmlId: string;
  readonly htmlName: string;
  /** The HTML `autocomplete` attribute. */
  readonly autocomplete: string;
  /** Opaque name of the enclosing form, null where there is none. */
  readonly form: string | null;
  /** Shown on the screen with a size. */
  readonly visible: boolean;
  /** Enabled and not read-only. */
  readonly editable: boolean;
  readonly empty: boolean;
}

/** What has the focus, and the fields beside it. */
export interface Context {
  readonly window: WindowFacts;
  /** URL of the document that holds the focused element; null outside of documents. */
  readonly url: string | null;
  /** URL of the outermost document around that one; the same as `url` outside of frames. */
  readonly pageUrl: string | null;
  /** Fields of the same document (or window), in reading order. */
  readonly fields: readonly Field[];
  /** Index into `fields`; null if something else, or nothing, has the focus. */
  readonly focused: number | null;
}

/** What can be seen of any window. Of one that is not in front it is what its program tells there: some tell less, or late. */
export interface Sighting extends Context {
  readonly inFront: boolean;
  /** False where the program does not tell which element has the focus while its window is behind: `focused` is null. */
  readonly focusKnown: boolean;
}

/** An expected failure of the desktop. `detail` is for the log: a cause, never a value. */
export interface Trouble {
  readonly trouble: Reason;
  readonly detail: string;
  /** What an administrator can do about it, where the desktop tells. */
  readonly remedy?: Remedy;
}
export const isTrouble = (value: object | null): value is Trouble => value !== null && 'trouble' in value;

/** Knows at any moment what is in front. Reads no values of fields. */
export interface Look {
  /** The context of this moment; resolved ahead for each window and page in front, so that a call is a re-check. */
  context(): Promise<Context | Trouble>;
  /** The window in front alone, for application rules; much cheaper than `context`. */
  foreground(): Promise<WindowFacts | Trouble>;
  /** Every window that a person could bring to the front; the one in front comes first. A process that is not told is 0. */
  windows(): Promise<readonly WindowFacts[] | Trouble>;
  /** Looks into one of `windows()` without bringing it to the front; `window-changed` where there is none of that id. */
  contextOf(window: string): Promise<Sighting | Trouble>;
  close(): Promise<void>;
}

/** Where one tap may write. Every part is compared again right before each write. */
export interface Target {
  readonly window: { readonly id: string; readonly pid: number };
  readonly url: string | null;
  readonly user: { readonly ref: FieldRef; readonly role: FieldRole };
  readonly password: { readonly ref: FieldRef };
  /** A window whose program shows no fields: only `writeUnseen` writes there, and no reference of this target names a field. */
  readonly unseen?: { readonly title: string; readonly tabs: number } | undefined;
}

/** The two values of one person, for a window that shows no fields. They belong to the caller. */
export interface Values {
  readonly user: Secret;
  readonly password: Secret;
}

export interface Written {
  /** False where the desktop gives no way to see how many characters arrived. */
  readonly verified: boolean;
}

/**
 * Writes into fields of a target. Each call checks window, process, document, element and focus right before it
 * writes and stops with a `Trouble` instead of writing where one differs. `signal` ends a call with its reason
 * (`signal.reason` is a `Reason`). No call throws for an expected failure.
 */
export interface Act {
  /** Told of a target that is likely to be written soon, so that looking at it is quicker then. Changes nothing that a person sees. */
  prepare(target: Target): void;
  /**
   * Compares window, process, document and element (focus too where `focused`) without writing, and looks whether a person
   * can see the element, as far as the desktop tells: one that must be scrolled to first counts as seen without the focus.
   */
  check(target: Target, field: FieldRef, need: { focused: boolean }): Promise<Trouble | null>;
  /** Text or selected option of a user field. A password field answers `desktop-error`. */
  read(target: Target, field: FieldRef): Promise<string | Trouble>;
  /**
   * Trouble if it is known without a key that the field, or for a password the keyboard, cannot take the value. Looks at
   * nothing else, and null promises nothing: many programs do not tell of their limits.
   */
  fits(target: Target, field: FieldRef, value: Secret): Promise<Trouble | null>;
  /** Moves the focus to a field and returns when the desktop says that it has it. */
  focus(target: Target, field: FieldRef, signal: AbortSignal): Promise<Trouble | null>;
  /** Replaces what is in the focused text or password field with `value` (UTF-8), and looks how it arrived. */
  write(target: Target, field: FieldRef, value: Secret, signal: AbortSignal): Promise<Written | Trouble>;
  /** Selects the option of that exact name (case and surrounding space aside); untouched if there is none. */
  choose(target: Target, field: FieldRef, option: string, signal: AbortSignal): Promise<Written | Trouble>;
  /**
   * Types user name, Tab as often as the target says, and password into a window that shows no fields. Compares window,
   * process, title and keyboard before the first key and again at each, and before the first that the program still shows
   * none; a character that is on no key is `untypable`. Calls `begun` right before the first key: what was typed from then on
   * can neither be verified nor taken back.
   */
  writeUnseen(target: Target, values: Values, signal: AbortSignal, begun: () => void): Promise<Written | Trouble>;
  /** Empties a field that was written before, if it can still be reached. */
  clear(target: Target, field: FieldRef): Promise<Trouble | null>;
  /** Undoes what a dead predecessor left changed, as told by its trace: keys pressed, key mappings. */
  repair(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

/** A change to the desktop outside of fields, that outlives the process: plain JSON of the adapter's own making. */
export type Change = Readonly<Record<string, string | number | readonly number[]>>;
/** Called before a change is made and, with `undone`, after it is taken back. Synchronous and durable to a kill. */
export type Trace = (change: Change, undone: boolean) => void;

export const AlertLevel = { error: 'error', warning: 'warning', information: 'information', success: 'success' } as const;
export type AlertLevel = (typeof AlertLevel)[keyof typeof AlertLevel];

export interface Alert {
  readonly level: AlertLevel;
  /** Upper case, as in 7.1 of the guide. */
  readonly title: string;
  readonly message: string;
  /** How long it stays, 3,000 to 7,000 ms. */
  readonly forMs: number;
}

export interface TrayIcon {
  readonly state: 'initializing' | 'connected' | 'disconnected';
  /** At most 127 characters. */
  readonly tooltip: string;
}

/** What the person gave, or that they cancelled; or why nobody answered: no form, no time, the end (for the log). */
export type FormAnswer = Secret | { readonly cancelled: true } | { readonly unanswered: string };

/** A part of the desktop that is not there. `detail` says what happened or what to install: fit for the log. */
export interface MissingPart {
  readonly part: 'bus' | 'tray' | 'notifications' | 'form' | 'box' | 'folder';
  readonly detail: string;
}

export interface ShowOptions {
  /** Name under which the desktop shows icon and alerts; `Tapline` without it. */
  readonly product?: string;
  /** Called once for each part that is missing; everything else works on. */
  readonly onMissing?: (missing: MissingPart) => void;
}

/** All that a person sees. Nothing here takes the focus but the password form and the message box. */
export interface Show {
  icon(icon: TrayIcon): Promise<void>;
  alert(alert: Alert): Promise<void>;
  /** Modal; resolves when it was dismissed. */
  messageBox(box: { title: string; message: string }): Promise<void>;
  /** Asks for the person's current password. `status` is the red line under the fields. */
  passwordForm(form: { title: string; text: string; user: string; status: string }): Promise<FormAnswer>;
  /** Entries of the icon's context menu, in order; `chosen` gets the id. */
  menu(items: readonly { id: string; label: string }[], chosen: (id: string) => void): Promise<void>;
  /** Opens a folder in the desktop's file manager. */
  openFolder(path: string): Promise<void>;
  close(): Promise<void>;
}

/** A library of the system that the adapter needs is not installed, or cannot be loaded. */
export class MissingLibraryError extends Error {
  override readonly name = 'MissingLibraryError';
  /** `NO_LIBRARY` and the file, as `NO_LIBRARY libXtst.so.6`: logs keep codes and no messages. */
  readonly code: string;

  constructor(file: string, debianPackage?: string) {
    super(`${file} cannot be loaded: install it${debianPackage === undefined ? '' : ` (Debian package ${debianPackage})`}`);
    this.code = `NO_LIBRARY ${file}`;
  }
}
