// Native dialogs as a stage of the acceptance suite, on a lab desktop of its own.
import type { LabDialog } from '../../ops/lab/desktop.ts';
import type { Dialog, DialogAccount, Toolkit } from '../../ops/lab/desktop/dialog.ts';
import type { Act, Field, Look } from '../../platform/port.ts';
import { SCENES, SCENE_NAMES } from '../../platform/virtual/scenes.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';
import { bringToFront } from './linux-stage.ts';
import type { Lab } from './linux-stage.ts';
import { Ability } from './stage.ts';
import type { Seen, Stage, StageFactory, WindowKey } from './stage.ts';

/** A dialog has no documents, and no script that owns its values. */
export const DIALOG_CAN: StageFactory['can'] = new Set([
  ...SCENE_NAMES.filter((name) => name !== 'controlled'), Ability.choose, Ability.labels, Ability.replace, Ability.unicode, Ability.verify,
]);
/** A drop-down of GTK 4 tells its options only while it is open. */
export const GTK4_CAN: StageFactory['can'] = new Set([...DIALOG_CAN].filter((can) => can !== Ability.choose));

const ORDER_MS = 3_000;

/** Native dialogs, a process each. */
export class DialogStage implements Stage {
  readonly look: Look;
  readonly act: Act;
  readonly #lab: Lab;
  readonly #toolkit: Toolkit;
  readonly #dialogs = new Map<WindowKey, { readonly program: LabDialog; readonly id: number; readonly scene: SceneName }>();
  #opened = 0;

  constructor(lab: Lab, toolkit: Toolkit) {
    [this.#lab, this.#toolkit] = [lab, toolkit];
    [this.look, this.act] = [lab.look, lab.act];
  }

  async open(scene: SceneName): Promise<WindowKey> {
    const key = `w${++this.#opened}`;
    const program = await this.#lab.desktop.openDialog(this.#toolkit, SCENES[scene]);
    this.#dialogs.set(key, { program, id: this.#lab.x11.activeWindow(), scene });
    return key;
  }

  async focus(window: WindowKey, field: string): Promise<void> {
    await this.raise(window);
    await this.#order(window, { focus: field }, ({ focused }) => focused === field);
  }

  async raise(window: WindowKey): Promise<void> {
    await bringToFront(this.#lab.x11, this.#of(window).id);
  }

  async close(window: WindowKey): Promise<void> {
    const { program } = this.#of(window);
    this.#dialogs.delete(window);
    await program.close();
  }

  async replace(window: WindowKey, field: string): Promise<void> {
    await this.#order(window, { replace: field }, ({ replaced }) => replaced === field);
  }

  /** After so many changes of its fields the dialog moves the focus to its button. */
  async elsewhereAfter(window: WindowKey, changes: number): Promise<void> {
    await this.#order(window, { elsewhereAfter: changes }, ({ awaited }) => awaited === changes);
  }

  async navigate(): Promise<void> {
    throw new Error('a dialog does not navigate');
  }

  async seen(): Promise<Seen> {
    const accounts = [...this.#dialogs].map(([key, { program }]) => [key, program.dialog.account] as const);
    return {
      windows: Object.fromEntries(accounts.map(([key, { values }]) => [key, values])),
      stray: accounts.map(([, { stray }]) => stray).join(''),
      submits: accounts.reduce((sum, [, { clicks }]) => sum + clicks, 0),
    };
  }

  /** Native fields have no names: their labels are those of the scene. */
  nameOf(field: Field): string {
    const specs = [...this.#dialogs.values()].flatMap(({ scene }) => SCENES[scene].fields);
    return specs.find(({ label }) => label === field.label)?.name ?? '';
  }

  async reset(): Promise<void> {
    for (const key of this.#dialogs.keys()) await this.close(key);
  }

  async end(): Promise<void> {
    await this.#lab.end();
  }

  async #order(window: WindowKey, order: Parameters<Dialog['tell']>[0], obeyed: (account: DialogAccount) => boolean): Promise<void> {
    const { dialog } = this.#of(window).program;
    dialog.tell(order);
    if (!(await dialog.until(obeyed, ORDER_MS))) throw new Error('the dialog did not obey');
  }

  #of(window: WindowKey): { readonly program: LabDialog; readonly id: number; readonly scene: SceneName } {
    const opened = this.#dialogs.get(window);
    if (opened === undefined) throw new Error('no such dialog');
    return opened;
  }
}
