// Trials on all cores: a worker a core, each with one trial at a time.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { RecordingFailed } from '../recordings.ts';
import type { Trial, Tried } from './trial.ts';
import type { Said } from './worker.ts';

/** More workers than this wait for the disk, not for a core. */
const WORKERS_MAX = 16;

/** Results in the order of the trials. Rejects with `RecordingFailed`, or the worker's own fault, and leaves none behind. */
export async function allTried(trials: readonly Trial[], done: (count: number) => void): Promise<readonly Tried[]> {
  const results: Tried[] = [];
  const waiting = trials.entries();
  let count = 0;
  const work = async (worker: Worker): Promise<void> => {
    for (const [at, trial] of waiting) {
      results[at] = await asked(worker, trial);
      done((count += 1));
    }
  };
  const workers = Array.from({ length: Math.min(availableParallelism(), WORKERS_MAX, trials.length) }, () => new Worker(new URL('./worker.ts', import.meta.url)));
  try {
    await Promise.all(workers.map(work));
    return results;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function asked(worker: Worker, trial: Trial): Promise<Tried> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('error', reject);
    worker.once('message', (said: Said) => ('tried' in said ? resolve(said.tried) : reject(new RecordingFailed(said.refused.code, said.refused.sentence))));
    worker.postMessage(trial);
  });
}
