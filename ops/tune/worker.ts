// A core at work: takes trials from `crew.ts`, one at a time, and gives back what came of them.
import { parentPort } from 'node:worker_threads';
import { RecordingFailed } from '../recordings.ts';
import { tried, type Trial, type Tried } from './trial.ts';

/** What a worker says; `refused`: the file cannot be used, in a sentence. */
export type Said = { readonly tried: Tried } | { readonly refused: { readonly code: string; readonly sentence: string } };

parentPort?.on('message', (trial: Trial) => {
  void tried(trial).then(
    (done) => parentPort?.postMessage({ tried: done } satisfies Said),
    (error: unknown) => {
      if (!(error instanceof RecordingFailed)) throw error;
      parentPort?.postMessage({ refused: { code: error.code, sentence: error.message } } satisfies Said);
    },
  );
});
