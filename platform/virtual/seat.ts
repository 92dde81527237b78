// One actor's place at a virtual desktop of this process: every question is answered from the model at once, every
// change is checked in the same step in which it is made.
import type { Secret } from '../../contracts/secret.ts';
import { FieldRole } from '../port.ts';
import type { Alert, Context, FieldRef, Sighting, Target, TrayIcon, Trouble, WindowFacts } from '../port.ts';
import { chooseOption, map, release, unmap } from './keyboard.ts';
import type { Aimed, Desk, PasswordForm } from './desk.ts';
import { LIMITS, frontWindow, textOf } from './model.ts';
import type { Element } from './model.ts';
import { contextOf, foregroundOf, reach, reachToWrite, reachUnseen, sightingOf, troubled, windowsOf } from './sight.ts';
import { moveFocus } from './windows.ts';
import type { VirtualDesktop } from './world.ts';

/** Aims kept per seat; an older one is no longer good. */
const AIMS_MAX = 16;

/** An aim that was taken. Once a press missed it, all that follow miss it too. */
interface Taken {
  readonly target: Target;
  /** Null: whatever has the focus in a window that shows no fields. */
  readonly ref: FieldRef | null;
  missed: Trouble | null;
}

export class Seat implements Desk {
  readonly #world: VirtualDesktop;
  readonly #aims = new Map<number, Taken>();
  readonly #dialogs = new Set<string>();
  #lastAim = 0;
  #chosen: ((id: string) => void) | null = null;

  constructor(world: VirtualDesktop) {
    this.#world = world;
  }

  async context(): Promise<Context | Trouble> {
    return contextOf(this.#world.desktop);
  }

  async foreground(): Promise<WindowFacts | Trouble> {
    return foregroundOf(this.#world.desktop);
  }

  async windows(): Promise<readonly WindowFacts[]> {
    return windowsOf(this.#world.desktop);
  }

  async contextOf(window: string): Promise<Sighting | Trouble> {
    return sightingOf(this.#world.desktop, window);
  }

  async check(target: Target, ref: FieldRef, focused: boolean): Promise<Trouble | null> {
    const element = reach(this.#world.desktop, target, ref, focused);
    if ('trouble' in element) return element;
    return element.visible ? null : troubled('element-hidden', 'the element cannot be seen');
  }

  async read(target: Target, ref: FieldRef): Promise<string | Trouble> {
    const element = reach(this.#world.desktop, target, ref, false);
    if ('trouble' in element) return element;
    if (element.role === FieldRole.password) return troubled('desktop-error', 'password fields are not read');
    return textOf(element.characters);
  }

  async focus(target: Target, ref: FieldRef): Promise<Trouble | null> {
    const element = reach(this.#world.desktop, target, ref, false);
    if ('trouble' in element) return element;
    if (!element.visible || !element.enabled) return troubled('element-hidden', 'the element cannot have the focus');
    const window = frontWindow(this.#world.desktop);
    if (window !== undefined) moveFocus(window, element);
    return null;
  }

  async aim(target: Target, ref: FieldRef): Promise<Aimed | Trouble> {
    const element = reachToWrite(this.#world.desktop, target, ref, true);
    if ('trouble' in element) return element;
    return { aim: this.#take({ target, ref, missed: null }), maxLength: element.maxLength };
  }

  async aimUnseen(target: Target): Promise<Aimed | Trouble> {
    return reachUnseen(this.#world.desktop, target) ?? { aim: this.#take({ target, ref: null, missed: null }), maxLength: null };
  }

  async choose(aim: number, option: string): Promise<Trouble | null> {
    const element = this.#aimed(aim);
    if ('trouble' in element) return element;
    if (element.role !== FieldRole.select) return troubled('desktop-error', 'the element is no drop-down');
    return chooseOption(element, option) ? null : troubled('option-missing', 'no option has that name');
  }

  async count(aim: number): Promise<number | Trouble> {
    const element = this.#aimed(aim);
    return 'trouble' in element ? element : element.characters.length;
  }

  async press(aim: number, key: number): Promise<Trouble | null> {
    const missed = this.#missed(aim);
    if (missed !== null) return missed;
    this.#world.press(key);
    return null;
  }

  async release(key: number): Promise<null> {
    release(this.#world.desktop, key);
    return null;
  }

  async map(key: number, codePoint: number): Promise<Trouble | null> {
    return map(this.#world.desktop, key, codePoint) ? null : troubled('desktop-error', 'the keycode is not a spare one');
  }

  async unmap(keys: readonly number[]): Promise<null> {
    unmap(this.#world.desktop, keys);
    return null;
  }

  async pressed(): Promise<readonly number[]> {
    return [...this.#world.desktop.keyboard.pressed];
  }

  async icon(icon: TrayIcon): Promise<null> {
    this.#world.desktop.tray.icon = icon;
    this.#world.onChosen = this.#hear;
    return null;
  }

  async alert(alert: Alert): Promise<null> {
    const { tray } = this.#world.desktop;
    tray.alerts.push(alert);
    if (tray.alerts.length > LIMITS.alerts) tray.alerts.shift();
    return null;
  }

  async menu(items: readonly { readonly id: string; readonly label: string }[]): Promise<null> {
    this.#world.desktop.tray.menu = items;
    this.#world.onChosen = this.#hear;
    return null;
  }

  async messageBox(title: string, message: string): Promise<null> {
    await this.#ask('message', { title, text: message, user: '', status: '' });
    return null;
  }

  async passwordForm(form: PasswordForm): Promise<Secret | null> {
    return this.#ask('password', form);
  }

  onChosen(listener: (id: string) => void): void {
    this.#chosen = listener;
  }

  /** What an actor showed goes with it; keys that it pressed stay down. */
  async close(): Promise<void> {
    const { tray } = this.#world.desktop;
    for (const id of this.#dialogs) this.#world.answer(id, null);
    if (this.#world.onChosen !== this.#hear) return;
    this.#world.onChosen = null;
    tray.menu = [];
    tray.icon = null;
  }

  readonly #hear = (id: string): void => this.#chosen?.(id);

  #take(taken: Taken): number {
    this.#lastAim = (this.#lastAim + 1) & 0xffff;
    this.#aims.set(this.#lastAim, taken);
    const oldest = this.#aims.keys().next().value;
    if (this.#aims.size > AIMS_MAX && oldest !== undefined) this.#aims.delete(oldest);
    return this.#lastAim;
  }

  #missed(aim: number): Trouble | null {
    const taken = this.#aims.get(aim);
    if (taken?.ref === null) return (taken.missed ??= reachUnseen(this.#world.desktop, taken.target));
    const element = this.#aimed(aim);
    return 'trouble' in element ? element : null;
  }

  #aimed(aim: number): Element | Trouble {
    const aimed = this.#aims.get(aim);
    if (aimed === undefined || aimed.ref === null) return troubled('desktop-error', 'the aim is not known, or at no field');
    if (aimed.missed !== null) return aimed.missed;
    const element = reachToWrite(this.#world.desktop, aimed.target, aimed.ref, true);
    if ('trouble' in element) aimed.missed = element;
    return element;
  }

  async #ask(kind: 'message' | 'password', form: PasswordForm): Promise<Secret | null> {
    let shown = '';
    const answer = await this.#world.ask({ kind, ...form }, (id) => {
      shown = id;
      this.#dialogs.add(id);
    });
    this.#dialogs.delete(shown);
    return answer;
  }
}
