// Kills one process at one moment of a tap.
import { watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { STEPS, type Moment, type Step } from './moments.ts';
import type { Stand } from './stand.ts';

/** Taps, has the process die at the moment, and resolves right after it. A moment that never comes is the end of the tap. */
export async function killDuring(stand: Stand, pid: number, moment: Moment, isOver: () => boolean): Promise<void> {
  const kill = (): void => void process.kill(pid, 'SIGKILL');
  switch (moment.at) {
    case 'ms': {
      await stand.tap();
      await new Promise((resolve) => setTimeout(resolve, moment.ms));
      return kill();
    }
    case 'press': return killAtPress(stand, kill, moment, isOver);
    case 'step': return killAtStep(stand, kill, moment.step, isOver);
  }
}

const LOOK_EVERY_MS = 10;

async function killAtPress(stand: Stand, kill: () => void, { press, cut }: Extract<Moment, { at: 'press' }>, isOver: () => boolean): Promise<void> {
  const { world } = stand;
  await new Promise<void>((resolve, reject) => {
    let done = false;
    const now = (): void => {
      if (done) return;
      done = true;
      clearInterval(looking);
      kill();
      resolve();
    };
    world.ambush({
      afterPresses: press,
      run: () => {
        if (done) return;
        world.stalled = cut;
        now();
      },
    });
    const looking = setInterval(() => isOver() && now(), LOOK_EVERY_MS);
    stand.tap().catch(reject);
  });
}

/** Hears of the step from the file in which an actor writes it down. */
async function killAtStep(stand: Stand, kill: () => void, step: Step, isOver: () => boolean): Promise<void> {
  const [path, word] = STEPS[step];
  const count = (): number => stand.traces.count(path, word);
  const before = count();
  const folder = join(stand.lab.dir, path.endsWith('.jsonl') ? dirname(path) : path);
  await new Promise<void>((resolve, reject) => {
    let done = false;
    const look = (): void => {
      if (done || (count() <= before && !isOver())) return;
      done = true;
      clearInterval(looking);
      watcher.close();
      kill();
      resolve();
    };
    const watcher = watch(folder, look);
    const looking = setInterval(look, LOOK_EVERY_MS);
    stand.tap().catch(reject);
  });
}
