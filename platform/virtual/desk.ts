// What one actor may ask of the virtual desktop. A seat answers in this process; `client.ts` answers over the socket.
import type { Secret } from '../../contracts/secret.ts';
import type { Alert, Context, FieldRef, Sighting, Target, TrayIcon, Trouble, WindowFacts } from '../port.ts';

/** A field that was reached with the focus on it; presses are checked against it one by one. */
export interface Aimed {
  readonly aim: number;
  /** UTF-16 units that the field takes; null: no limit. */
  readonly maxLength: number | null;
}

export interface PasswordForm {
  readonly title: string;
  readonly text: string;
  readonly user: string;
  readonly status: string;
}

/** Every answer may be `no-desktop` (the server is gone) or `desktop-error` (it refused or did not answer in time). */
export interface Desk {
  context(): Promise<Context | Trouble>;
  foreground(): Promise<WindowFacts | Trouble>;
  windows(): Promise<readonly WindowFacts[] | Trouble>;
  contextOf(window: string): Promise<Sighting | Trouble>;
  check(target: Target, ref: FieldRef, focused: boolean): Promise<Trouble | null>;
  /** Text of a field, or the chosen option. */
  read(target: Target, ref: FieldRef): Promise<string | Trouble>;
  focus(target: Target, ref: FieldRef): Promise<Trouble | null>;
  aim(target: Target, ref: FieldRef): Promise<Aimed | Trouble>;
  /** The same for a window that shows no fields: what has the focus there is not known, and not told. */
  aimUnseen(target: Target): Promise<Aimed | Trouble>;
  choose(aim: number, option: string): Promise<Trouble | null>;
  /** Number of characters in the field. */
  count(aim: number): Promise<number | Trouble>;
  /** Checks the aim and presses the key in one step, so that nothing comes between. A missed aim stays missed. */
  press(aim: number, key: number): Promise<Trouble | null>;
  release(key: number): Promise<Trouble | null>;
  /** Gives a spare keycode a character. */
  map(key: number, codePoint: number): Promise<Trouble | null>;
  unmap(keys: readonly number[]): Promise<Trouble | null>;
  /** Keys that are down, whoever pressed them. */
  pressed(): Promise<readonly number[] | Trouble>;

  icon(icon: TrayIcon): Promise<Trouble | null>;
  alert(alert: Alert): Promise<Trouble | null>;
  menu(items: readonly { readonly id: string; readonly label: string }[]): Promise<Trouble | null>;
  /** Answers when a person dismissed it. */
  messageBox(title: string, message: string): Promise<Trouble | null>;
  /** Answers when a person did; null: cancelled. */
  passwordForm(form: PasswordForm): Promise<Secret | Trouble | null>;
  /** Who hears which entry of the menu a person chose. */
  onChosen(listener: (id: string) => void): void;
  close(): Promise<void>;
}
