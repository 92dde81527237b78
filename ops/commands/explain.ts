// `tapline explain`: one tap in plain sentences, from a recording, or as far as the log tells where nothing was recorded.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isProblem, problemLine } from '../../config/problem.ts';
import type { Budget } from '../../config/schema.ts';
import { Decision } from '../../contracts/recording.ts';
import { explain, type Explained } from '../../insight/explain.ts';
import { replayer } from '../../insight/replay.ts';
import { recordedSettings } from '../../insight/replay-settings.ts';
import { Stories, type Story } from '../../insight/stories.ts';
import { RSSI_DEFAULTS } from '../../services/tap-listener/rssi.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { configInUse } from '../lab/control.ts';
import { recordingIn, RecordingFailed } from '../recordings.ts';
import { momentText } from '../replay/told.ts';
import type { Terminal } from '../terminal.ts';

export interface ExplainOptions {
  /** Id of a tap, or `last`. */
  readonly tap: string;
  readonly recording?: string;
  readonly json: boolean;
}

interface Found extends Explained {
  readonly tap: string;
  readonly source: string;
  /** What a person should know of the source. */
  readonly notes: readonly string[];
}

/** Taps that are kept until it is known which one was meant. */
const KEPT = 64;
/** Recordings that are searched for a tap, newest first. */
const SEARCHED_MAX = 32;

/** 0: explained, 1: there is no such tap, or nothing to read it from. */
export async function explainTap({ tap, recording, json }: ExplainOptions, terminal: Terminal): Promise<Exit> {
  try {
    const found = await (recording === undefined ? fromSession(tap) : fromRecording(tap, recording));
    if (json) terminal.print(JSON.stringify(found));
    else told(found, terminal).forEach(terminal.print);
    for (const note of found.notes) terminal.note(`${terminal.paintNote('yellow', 'note:')} ${note}`);
    return Exit.ok;
  } catch (error) {
    return gaveUp(error, terminal, 'Ids of taps stand in `tapline replay FILE` and in the logs; `last` means the newest one.');
  }
}

function told({ tap, source, seen, decided, time }: Found, { paint }: Terminal): string[] {
  const part = (title: string, sentences: readonly string[]): string[] =>
    (sentences.length === 0 ? [] : ['', paint('bold', title), ...sentences.map((sentence) => `  ${sentence}`)]);
  return [`Tap ${paint('bold', tap)}, from ${source}`, ...part('Seen', seen), ...part('Decided', decided), ...part('Time', time)];
}

async function fromRecording(tap: string, file: string): Promise<Found> {
  const recording = await recordingIn(file);
  try {
    const { header } = recording;
    const stories = new Stories(KEPT, tap);
    const notes: string[] = [];
    const { take } = replayer(header, null, ({ us, sentence }) => {
      if (notes.length === 0) notes.push(`At ${momentText(us - header.startedUs)}: ${sentence}`);
    });
    for await (const entry of recording.entries()) stories.take(entry, take(entry));
    if (recording.damage !== null) notes.push(recording.damage.sentence);
    const story = storyOf(tap, stories);
    if (story === undefined) throw new RecordingFailed('no-tap', tap === 'last' ? `There is no tap in ${file}.` : `There is no tap ${tap} in ${file}.`);
    return { tap: story.tap, source: file, notes, ...explain(story, recordedSettings(header), header.startedUs) };
  } finally {
    await recording.close();
  }
}

/** The one of that id; the beginning of an id is enough where one tap of late has it. */
function storyOf(tap: string, { all }: Stories): Story | undefined {
  if (tap === 'last') return all.at(-1);
  const alike = all.filter((story) => story.tap.startsWith(tap));
  return all.find((story) => story.tap === tap) ?? (alike.length === 1 ? alike[0] : undefined);
}

/** From the recordings of the session, or as far as its Profile log tells. */
async function fromSession(tap: string): Promise<Found> {
  const config = configInUse();
  if (isProblem(config)) throw new RecordingFailed('configuration', problemLine(config));
  const { directory } = config.session;
  const recordings = await newestFirst(join(directory, 'recordings'), /\.mcap$/);
  const [log] = await newestFirst(join(directory, 'logs', 'Profile'), /^tapline_\d{8}\.log$/);
  for (const { file } of tap === 'last' ? recordings.slice(0, 1).filter((newest) => isNewer(newest, log)) : recordings.slice(0, SEARCHED_MAX)) {
    const found = await fromRecording(tap, file).catch(unlessElsewhere);
    if (found !== null) return found;
  }
  if (log === undefined) throw new RecordingFailed('no-source', `There is neither a recording nor a log of taps in ${directory}.`);
  return fromLog(tap, log.file, config.budget);
}

interface Kept {
  readonly file: string;
  readonly changedMs: number;
}

/** A ring is kept when a tap fails: the taps that went well since then stand in the log alone. */
const isNewer = (recording: Kept, log: Kept | undefined): boolean => log === undefined || recording.changedMs >= log.changedMs;

function unlessElsewhere(error: unknown): null {
  if (error instanceof RecordingFailed) return null;
  throw error;
}

async function newestFirst(folder: string, name: RegExp): Promise<Kept[]> {
  const names = (await readdir(folder).catch(() => [])).filter((each) => name.test(each));
  const files = await Promise.all(names.map(async (each) => ({ file: join(folder, each), changedMs: (await stat(join(folder, each))).mtimeMs })));
  return files.toSorted((one, other) => other.changedMs - one.changedMs);
}

async function fromLog(tap: string, file: string, budget: Budget): Promise<Found> {
  const lines = (await readFile(file, 'utf8')).split('\n').flatMap(endIn);
  const ends = tap === 'last' ? lines : lines.filter(({ tap: id }) => id.startsWith(tap));
  const ended = ends.at(-1);
  if (ended === undefined) throw new RecordingFailed('no-tap', tap === 'last' ? `There is no tap in ${file}.` : `There is no tap ${tap} in ${file}.`);
  const { tap: id, via } = ended;
  const story: Story = { tap: id, band: '', via, t0Us: 0, accepted: true, earlier: [], rssiDbm: null, words: [], decisions: [ended.decision] };
  const { decided, time } = explain(story, { budget, rssi: RSSI_DEFAULTS }, 0);
  const radio = via === 'nfc' ? 'The reader saw a band.' : 'A band came near over Bluetooth.';
  return { tap: id, source: file, seen: [radio], decided, time, notes: ['Nothing was recorded; the log tells of ends alone, and the numbers are those of the settings as they are now.'] };
}

/** The end that a line of the log tells of. */
function endIn(line: string): { readonly tap: string; readonly via: 'nfc' | 'ble'; readonly decision: Decision }[] {
  const { msg, tap, via, reason, outcome, stages } = parsed(line);
  if (msg !== 'tap.profile') return [];
  const us = Math.round(((stages as { total?: number } | undefined)?.total ?? 0) * 1000);
  const { data: decision } = Decision.safeParse({ topic: 'decision', us, decision: 'ended', tap, band: null, via, why: reason, outcome, stages });
  return decision === undefined || decision.tap === null || decision.via === null ? [] : [{ tap: decision.tap, via: decision.via, decision }];
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
