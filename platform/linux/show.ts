// All that a person sees on a Linux desktop: tray icon and alerts over D-Bus, the password form by pinentry, boxes by zenity.
import { spawn } from 'node:child_process';
import type { DesktopAddress } from '../index.ts';
import type { Alert, FormAnswer, MissingPart, Show, ShowOptions, TrayIcon } from '../port.ts';
import { showBox } from './message-box.ts';
import { Notifications } from './notifications.ts';
import { askPassword } from './pinentry.ts';
import type { PasswordQuestion } from './pinentry.ts';
import { findProgram } from './programs.ts';
import { SessionBus } from './session-bus.ts';
import { TrayItem } from './sni.ts';
import type { MenuItem } from './sni.ts';

export const PINENTRIES = ['pinentry-gtk-2', 'pinentry-qt', 'pinentry-qt5', 'pinentry-gnome3'] as const;

/** What the tests choose besides. */
export interface LinuxShowOptions extends ShowOptions {
  /** Programs for the form and the box, first found; names are looked up in the system's folders. */
  readonly formPrograms?: readonly string[];
  readonly boxPrograms?: readonly string[];
  /** How long a person may take over the form, in ms. */
  readonly formWaitMs?: number;
}

/** Opens at once, whether or not the session bus is there; it is tried again until `close`. */
export async function openShow(address: DesktopAddress, options: LinuxShowOptions = {}): Promise<Show> {
  const show = new LinuxShow(address, options);
  await show.open();
  return show;
}

const BOXES_MAX = 3;

class LinuxShow implements Show {
  readonly #options: LinuxShowOptions;
  readonly #surroundings: { readonly display: string | undefined; readonly sessionBus: string | undefined };
  readonly #bus: SessionBus;
  readonly #tray: TrayItem;
  readonly #notifications: Notifications;
  readonly #said = new Set<MissingPart['part']>();
  readonly #end = new AbortController();
  #formOpen = false;
  #boxes = 0;

  constructor({ display, sessionBus }: DesktopAddress, options: LinuxShowOptions) {
    const product = options.product ?? 'Tapline';
    this.#options = options;
    this.#surroundings = { display, sessionBus };
    this.#bus = new SessionBus(sessionBus);
    this.#tray = new TrayItem(this.#bus, product, (detail) => this.#missing('tray', detail));
    this.#notifications = new Notifications(this.#bus, product, (detail) => this.#missing('notifications', detail));
  }

  async open(): Promise<void> {
    if (!(await this.#bus.open())) this.#missing('bus', 'the session bus cannot be reached: no icon and no alerts until it can');
  }

  icon(icon: TrayIcon): Promise<void> {
    return this.#tray.icon(icon);
  }

  alert(alert: Alert): Promise<void> {
    return this.#notifications.alert(alert);
  }

  async menu(items: readonly MenuItem[], chosen: (id: string) => void): Promise<void> {
    this.#tray.menu(items, chosen);
  }

  async openFolder(path: string): Promise<void> {
    const program = await findProgram(['xdg-open']);
    if (program === null) return this.#missing('folder', 'xdg-open is not installed: the folder cannot be shown');
    spawn(program, [path], { detached: true, stdio: 'ignore' }).on('error', () => {}).unref();
  }

  async messageBox({ title, message }: { title: string; message: string }): Promise<void> {
    const program = await findProgram(this.#options.boxPrograms ?? ['zenity']);
    if (program === null) this.#missing('box', 'zenity is not installed: a notification that stays is shown instead');
    if (program !== null && this.#boxes < BOXES_MAX) {
      this.#boxes++;
      const shown = await showBox(title, message, { program, signal: this.#end.signal, ...this.#surroundings });
      this.#boxes--;
      if (shown) return;
      this.#missing('box', 'the message box did not open: a notification that stays is shown instead');
    }
    await this.#notifications.stay(title, message);
  }

  async passwordForm(question: PasswordQuestion): Promise<FormAnswer> {
    const program = await findProgram(this.#options.formPrograms ?? PINENTRIES);
    if (program === null) return this.#noForm('no password form is installed: apt-get install pinentry-gtk2');
    if (this.#formOpen) return { unanswered: 'another form is open' };
    this.#formOpen = true;
    const waitMs = this.#options.formWaitMs ?? 120_000;
    const answer = await askPassword(question, { program, waitMs, signal: this.#end.signal, ...this.#surroundings });
    this.#formOpen = false;
    if ('secret' in answer) return answer.secret;
    if (this.#end.signal.aborted) return { unanswered: 'the desktop is left' };
    if ('failed' in answer) return this.#noForm(answer.failed);
    return answer.cancelled === 'time' ? { unanswered: 'nobody answered in time' } : { cancelled: true };
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#notifications.close();
    this.#bus.close();
  }

  #noForm(detail: string): FormAnswer {
    this.#missing('form', detail);
    return { unanswered: detail };
  }

  #missing(part: MissingPart['part'], detail: string): void {
    if (this.#said.has(part)) return;
    this.#said.add(part);
    this.#options.onMissing?.({ part, detail });
  }
}
