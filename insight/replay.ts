// A recording, judged again in virtual time: as it was, or by other numbers. It can neither inject nor ask anybody.
import type { Decision, Entry, Header } from '../contracts/recording.ts';
import { Fold, type Doubt } from './fold.ts';
import { changedSettings, recordedSettings, type Changes } from './replay-settings.ts';
import { Simulation } from './simulation.ts';

/** Takes entries in order and gives the decisions that each of them leads to. */
export interface Replayer {
  readonly take: (entry: Entry) => readonly Decision[];
  /** Call it after the last entry. */
  readonly end: () => readonly Decision[];
}

/**
 * `changed` null: as it was recorded. `{}`: the same numbers in virtual time, also for gestures that no input tells of.
 * `doubt` hears where the recording contradicts itself or its replay.
 */
export function replayer(header: Header, changed: Changes | null = null, doubt?: (doubt: Doubt) => void): Replayer {
  const recorded = recordedSettings(header);
  if (changed === null) {
    const fold = new Fold(recorded, doubt);
    return { take: (entry) => fold.take(entry).decisions, end: () => [] };
  }
  const simulation = new Simulation(recorded, changedSettings(recorded, changed), doubt);
  return { take: (entry) => simulation.take(entry), end: () => simulation.end() };
}

/** As `replayer`, for entries that are read as they are needed. */
export async function* replay(
  header: Header,
  entries: AsyncIterable<Entry>,
  changed: Changes | null = null,
  doubt?: (doubt: Doubt) => void,
): AsyncGenerator<Decision> {
  const { take, end } = replayer(header, changed, doubt);
  for await (const entry of entries) yield* take(entry);
  yield* end();
}
