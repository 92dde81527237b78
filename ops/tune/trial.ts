// One recording by many numbers: read once, judged by each of them beside the others.
import { existsSync } from 'node:fs';
import type { Decision } from '../../contracts/recording.ts';
import type { Changes } from '../../insight/replay-settings.ts';
import { replayer } from '../../insight/replay.ts';
import { judged, type Counts } from '../generate/judgement.ts';
import { labelsFileOf, readLabels, type Label } from '../generate/labels.ts';
import { RecordingFailed, recordingIn } from '../recordings.ts';
import { labelsFromBehaviour } from './behaviour.ts';

export type LabelSource = 'sidecar' | 'behaviour';

export interface Trial {
  readonly file: string;
  readonly labels: LabelSource;
  readonly changes: readonly Changes[];
}

export interface Tried {
  /** One for each of the changes, in their order. */
  readonly counts: readonly Counts[];
  /** A sentence, where not all of the file could be used. */
  readonly damage: string | null;
}

export const sourceFor = (file: string, wanted: LabelSource | 'auto'): LabelSource => (wanted === 'auto' ? (existsSync(labelsFileOf(file)) ? 'sidecar' : 'behaviour') : wanted);

/** Throws `RecordingFailed` where the recording or its labels cannot be used. */
export async function tried({ file, labels: source, changes }: Trial): Promise<Tried> {
  const sidecar = source === 'sidecar' ? await sidecarOf(file) : null;
  const recording = await recordingIn(file);
  try {
    const recorded: Decision[] = [];
    const replays = changes.map((changed) => ({ ...replayer(recording.header, changed), decisions: [] as Decision[] }));
    const asRecorded = replayer(recording.header);
    for await (const entries of recording.batches()) {
      for (const entry of entries) {
        if (sidecar === null) recorded.push(...asRecorded.take(entry));
        for (const { take, decisions } of replays) decisions.push(...take(entry));
      }
    }
    for (const { end, decisions } of replays) decisions.push(...end());
    const labels = sidecar ?? labelsFromBehaviour(recorded);
    return { counts: replays.map(({ decisions }) => judged(labels, decisions)), damage: recording.damage?.sentence ?? null };
  } finally {
    await recording.close();
  }
}

async function sidecarOf(file: string): Promise<readonly Label[]> {
  const labelsFile = labelsFileOf(file);
  if (!existsSync(labelsFile)) throw new RecordingFailed('missing', `${labelsFile} does not exist.`);
  const labels = await readLabels(labelsFile);
  if ('badLine' in labels) throw new RecordingFailed('damaged', `Line ${labels.badLine} of ${labelsFile} is no label.`);
  return labels;
}
