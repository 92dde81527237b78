// When the next decision is shown: at once, in the time that it took, or when a person presses a key.
import { setTimeout as pause } from 'node:timers/promises';
import { Interrupted } from '../ending.ts';

export type Speed = '1' | '20' | 'max';

export interface Pace {
  /** Resolves when the decision that was made at `us` may be shown. */
  readonly until: (us: number) => Promise<void>;
  readonly close: () => void;
}

/** `fromUs`: the moment at which it begins. */
export function paceOf({ speed, step, fromUs }: { readonly speed: Speed; readonly step: boolean; readonly fromUs: number }): Pace {
  if (step) return stepwise();
  return { until: speed === 'max' ? async () => {} : timed(Number(speed), fromUs), close: () => {} };
}

function timed(times: number, fromUs: number): Pace['until'] {
  const began = performance.now();
  return async (us) => {
    const inMs = (us - fromUs) / 1000 / times - (performance.now() - began);
    if (inMs > 0) await pause(inMs);
  };
}

const CTRL_C = '\u0003';

/** Any key goes on; `q` and Ctrl-C end it. */
function stepwise(): Pace {
  const { stdin } = process;
  const keys: string[] = [];
  let wake = (): void => {};
  const hear = (typed: Buffer): void => {
    keys.push(...typed.toString());
    wake();
  };
  stdin.setRawMode(true).on('data', hear);
  return {
    until: async () => {
      while (keys.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const key = keys.shift();
      if (key === 'q' || key === CTRL_C) throw new Interrupted();
    },
    close: () => void stdin.setRawMode(false).off('data', hear).pause(),
  };
}

/** Can a person press keys here? */
export const hasKeys = (): boolean => process.stdin.isTTY;
