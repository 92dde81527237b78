// One virtual desktop with a life: the model, the people's questions that wait for an answer, what happens between two
// presses of a key, and the seats of those who use it.
import { Secret } from '../../contracts/secret.ts';
import { press } from './keyboard.ts';
import { LIMITS, newDesktop, nextId } from './model.ts';
import type { Desktop, Dialog } from './model.ts';

export type DialogAnswer = Secret | null;

/** What is to happen right after a number of further presses, before anybody else has a turn. */
export interface Ambush {
  readonly afterPresses: number;
  readonly run: () => void;
}

const SCRIPT_MAX = 64;
const AMBUSHES_MAX = 64;

export class VirtualDesktop {
  readonly desktop: Desktop;
  /** Hears every choice in the menu; set by the seat whose icon it is. */
  onChosen: ((id: string) => void) | null = null;
  /** Frames that were refused, by why. */
  readonly refused: Record<string, number> = {};
  /** The server hears no actor while this is set, as a desktop that hangs. */
  stalled = false;
  readonly #waiting = new Map<string, (answer: DialogAnswer) => void>();
  readonly #script: DialogAnswer[] = [];
  #ambushes: { atPress: number; run: () => void }[] = [];

  /** `boot` makes ids of this desktop differ from those of any other. */
  constructor(boot: string) {
    this.desktop = newDesktop(boot);
  }

  press(key: number): void {
    press(this.desktop, key);
    const due = this.#ambushes.filter((ambush) => ambush.atPress <= this.desktop.keyboard.presses);
    this.#ambushes = this.#ambushes.filter((ambush) => !due.includes(ambush));
    for (const ambush of due) ambush.run();
  }

  /** False if too many wait already. */
  ambush({ afterPresses, run }: Ambush): boolean {
    if (this.#ambushes.length >= AMBUSHES_MAX) return false;
    this.#ambushes.push({ atPress: this.desktop.keyboard.presses + afterPresses, run });
    return true;
  }

  /** Shows a dialog, in front. It resolves with the next scripted answer, or with a person's; null if there are too many. */
  async ask(dialog: Omit<Dialog, 'id'>, shown: (id: string) => void): Promise<DialogAnswer> {
    const { tray } = this.desktop;
    if (tray.dialogs.length >= LIMITS.dialogs) return null;
    const id = nextId(this.desktop, 'dialog');
    tray.dialogs.push({ ...dialog, id });
    tray.dialogInFront = true;
    shown(id);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      const scripted = dialog.kind === 'password' ? this.#script.shift() : undefined;
      if (scripted !== undefined) this.answer(id, scripted);
    });
  }

  /** Answers a dialog that is shown; takes the secret over. False if there is none of that id. */
  answer(id: string, answer: DialogAnswer): boolean {
    const resolve = this.#waiting.get(id);
    const { tray } = this.desktop;
    tray.dialogs = tray.dialogs.filter((dialog) => dialog.id !== id);
    tray.dialogInFront &&= tray.dialogs.length > 0;
    this.#waiting.delete(id);
    if (resolve === undefined) answer?.wipe();
    else resolve(answer);
    return resolve !== undefined;
  }

  /** Answers password forms to come, in order. Takes the secrets over. */
  script(answer: DialogAnswer): boolean {
    if (this.#script.length >= SCRIPT_MAX) return false;
    this.#script.push(answer);
    return true;
  }

  refuse(why: string): void {
    this.refused[why] = (this.refused[why] ?? 0) + 1;
  }

  /** Closes all windows and forgets what was seen, typed and scripted; keys stay as they are. */
  reset(): void {
    const { desktop } = this;
    for (const window of desktop.windows) for (const element of window.page.elements) element.characters.fill(0);
    for (const dialog of desktop.tray.dialogs) this.answer(dialog.id, null);
    for (const answer of this.#script.splice(0)) answer?.wipe();
    desktop.windows = [];
    desktop.stray = [];
    desktop.submitsBefore = 0;
    desktop.tray.alerts = [];
    this.#ambushes = [];
    this.stalled = false;
  }
}
