// The virtual desktop as a stage of the acceptance suite: in this process, or through its socket.
import { actOn } from '../../platform/virtual/act.ts';
import type { Control } from '../../platform/virtual/control.ts';
import type { Desk } from '../../platform/virtual/desk.ts';
import { lookAt } from '../../platform/virtual/look.ts';
import { SCENE_NAMES } from '../../platform/virtual/scenes.ts';
import { Ability } from './stage.ts';
import type { Stage, StageFactory } from './stage.ts';

export const VIRTUAL_CAN: StageFactory['can'] = new Set([...SCENE_NAMES, ...Object.values(Ability)]);

/** A stage on two desks, one to look and one to act, and a person's hands. */
export function virtualStage(looking: Desk, acting: Desk, hands: Control, end: () => Promise<void>): Stage {
  return {
    look: lookAt(looking),
    act: actOn(acting, () => undefined),
    async open(scene) {
      const window = await hands.openScene(scene);
      if (window === null) throw new Error('the virtual desktop opens no more windows');
      return window;
    },
    focus: async (window, field) => must(await hands.click(window, field)),
    raise: async (window) => must(await hands.raise(window)),
    close: async (window) => must(await hands.closeWindow(window)),
    replace: async (window, field) => must(await hands.replace(window, field)),
    navigate: async (window, scene) => must(await hands.navigate(window, scene)),
    seen: () => hands.arrived(),
    nameOf: (field) => field.htmlName,
    reset: async () => must(await hands.reset()),
    end,
  };
}

function must(done: boolean): void {
  if (!done) throw new Error('the virtual desktop has no such window or field');
}
