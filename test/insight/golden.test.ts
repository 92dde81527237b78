// Recordings of each version, and what was decided in them: a later version reads them and decides the same. How they were
// made, and when one may be made anew, stands in test/recordings/README.md.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { decisionLine } from '../../insight/decisions.ts';
import type { Doubt } from '../../insight/fold.ts';
import { replay } from '../../insight/replay.ts';
import type { Changes } from '../../insight/replay-settings.ts';
import { isUnreadable, openRecording } from '../../runtime/recording.ts';

const FOLDER = join(import.meta.dirname, '../recordings');
/** `tells`: what a replay must say of the file beside its decisions. */
const GOLDEN: readonly { readonly recording: string; readonly decisions: string; readonly tells?: RegExp }[] = [
  { recording: '0.1.0-day.mcap', decisions: '0.1.0-day.jsonl' },
  { recording: '0.1.0-gap.mcap', decisions: '0.1.0-gap.jsonl', tells: /^2 inputs were lost/ },
  { recording: '0.1.0-cut.mcap', decisions: '0.1.0-cut.jsonl', tells: /breaks off after 63 entries/ },
  { recording: '0.1.0-people.mcap', decisions: '0.1.0-people.jsonl' },
];

interface Replayed {
  readonly lines: readonly string[];
  readonly told: readonly string[];
}

async function replayed(name: string, changed: Changes | null): Promise<Replayed> {
  const recording = await openRecording(join(FOLDER, name));
  if (isUnreadable(recording)) throw new Error(recording.sentence);
  const [lines, doubts]: [string[], Doubt[]] = [[], []];
  for await (const decision of replay(recording.header, recording.entries(), changed, (doubt) => doubts.push(doubt))) lines.push(decisionLine(decision));
  await recording.close();
  return { lines, told: [...doubts.map(({ sentence }) => sentence), ...(recording.damage === null ? [] : [recording.damage.sentence])] };
}

for (const { recording, decisions, tells } of GOLDEN) {
  test(`${recording} is decided as it was, by its inputs and in virtual time`, async (t) => {
    const expected = (await readFile(join(FOLDER, decisions), 'utf8')).trimEnd().split('\n');
    const { lines, told } = await replayed(recording, null);
    t.deepEqual(lines, expected);
    t.deepEqual((await replayed(recording, {})).lines, expected);
    t.is(told.length, tells === undefined ? 0 : 1);
    if (tells !== undefined) t.regex(told[0]!, tells);
  });
}

test('no golden file lies there that nothing is compared with', async (t) => {
  const files = (await readdir(FOLDER)).filter((name) => name !== 'README.md').sort();
  t.deepEqual(files, GOLDEN.flatMap(({ recording, decisions }) => [recording, decisions]).sort());
});
