// `tapline recover`: what can be used of a recording that was cut off or altered, as a whole file.
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { counted, recordingIn, writeRecording } from '../recordings.ts';
import type { Terminal } from '../terminal.ts';

export interface RecoverOptions {
  readonly file: string;
  readonly out: string;
  readonly json: boolean;
}

/** 0: `out` holds all that precedes the damage, 1: nothing of the file can be used. */
export async function recover({ file, out, json }: RecoverOptions, terminal: Terminal): Promise<Exit> {
  try {
    const recording = await recordingIn(file);
    const entries = await writeRecording(out, recording.header, recording.entries()).finally(() => recording.close());
    const { damage } = recording;
    if (json) {
      terminal.print(JSON.stringify({ recovered: true, out, entries, lostBytes: damage?.lostBytes ?? 0, sentence: damage?.sentence ?? null }));
      return Exit.ok;
    }
    terminal.print(`${out} holds ${counted(entries)} of ${file}.`);
    terminal.print(damage === null ? 'Nothing was lost: the file was whole.' : `${damage.sentence} Lost: what was in the last ${damage.lostBytes} bytes.`);
    return Exit.ok;
  } catch (error) {
    if (json) terminal.print(JSON.stringify({ recovered: false, sentence: error instanceof Error ? error.message : 'it did not work' }));
    return gaveUp(error, terminal, 'Recordings are files that the recorder, `import` or `generate` wrote.');
  }
}
