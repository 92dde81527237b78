// A long recording judged again at full speed, against merely reading the same file with @mcap/core: each in a process of its
// own, in turn, so that a busy machine burdens both alike and the peak of memory is that of one of them.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '../../contracts/recording.ts';
import { generated, headerOf, type Stream } from '../generate/recording.ts';
import { writeRecording } from '../recordings.ts';
import { livesWithUs } from './hosts.ts';
import { quantile } from './quantile.ts';
import type { Measured, ReplaySide } from './replay-side.ts';

const RAW_EVENTS = 1_000_000;
const ROUNDS = 3;
/** Two people at a terminal are the most that its adapter hears; the stream ends with the events, not with the minutes. */
const STREAM: Stream = { seed: 3_001, kind: 'two-people', minutes: 1_000_000 };

export interface ReplayFigures {
  /** Raw events a second, whole recording with its inputs and decisions. */
  readonly eventsPerSecond: number;
  /** In units of merely reading. */
  readonly ratioToRead: number;
  /** Resident memory of the replaying process at its peak; of one that reads a tenth of the file beside it. */
  readonly peakMB: number;
  readonly peakMBOfATenth: number;
  readonly rawEvents: number;
  readonly fileMB: number;
}

export async function benchReplay(progress: (text: string) => void, rawEvents = RAW_EVENTS): Promise<ReplayFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'tl-bench-'));
  try {
    const [file, tenth] = [join(dir, 'whole.mcap'), join(dir, 'tenth.mcap')];
    progress(`replay: a recording of ${rawEvents} raw events`);
    await writeRecording(file, headerOf(STREAM), entriesOf(rawEvents));
    await writeRecording(tenth, headerOf(STREAM), entriesOf(Math.ceil(rawEvents / 10)));
    const took = { read: [] as number[], replay: [] as number[] };
    const peaks: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      progress(`replay: round ${round + 1} of ${ROUNDS}`);
      took.read.push((await measured('read', file)).ms);
      const { ms, peakMB } = await measured('replay', file);
      took.replay.push(ms);
      peaks.push(peakMB);
    }
    const [readMs, replayMs] = [quantile(took.read, 0.5), quantile(took.replay, 0.5)];
    const peakMBOfATenth = (await measured('replay', tenth)).peakMB;
    return {
      eventsPerSecond: (rawEvents / replayMs) * 1000, ratioToRead: replayMs / readMs,
      peakMB: Math.max(...peaks), peakMBOfATenth, rawEvents, fileMB: statSync(file).size / 1e6,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function* entriesOf(rawEvents: number): Generator<Entry> {
  let left = rawEvents;
  for (const { entries } of generated(STREAM)) {
    for (const entry of entries) {
      if (entry.topic === 'raw' && (left -= 1) < 0) return;
      yield entry;
    }
  }
}

function measured(side: ReplaySide, file: string): Promise<Measured> {
  const child = livesWithUs(fork(join(import.meta.dirname, 'replay-side.ts'), [side, file]));
  return new Promise((resolve, reject) => {
    let told: Measured | null = null;
    child.once('error', reject);
    child.once('message', (message) => (told = message as Measured));
    child.once('exit', (code) => (told === null ? reject(new Error(`The replay ended with code ${code}.`)) : resolve(told)));
  });
}
