// The truth beside a recording: what was a gesture, whether it was meant, and if not, why it was there. One line of JSON each.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** Why there was something that looks like a tap. */
export const WHYS = [
  'bounce', 'polled', 'impatient', 'lying', 'resting', 'passing', 'other-radio', 'unreadable', 'previous-id', 'unfit', 'noise',
] as const;

export const Label = z.strictObject({
  /** When it begins and ends, monotonic microseconds: a tap of this band within is of this gesture. */
  t0Us: z.int(),
  untilUs: z.int(),
  /** Pseudonym of the band; empty where no id was read. */
  band: z.string().max(128),
  via: z.enum(['nfc', 'ble']),
  meant: z.boolean(),
  /** Null where it was meant. */
  why: z.enum(WHYS).nullable(),
});
export type Label = z.output<typeof Label>;
export type Why = (typeof WHYS)[number];

export const labelsFileOf = (recording: string): string => `${recording}.labels.jsonl`;

/** The labels of a file, in order; a line that is none gives its number instead. */
export async function readLabels(file: string): Promise<readonly Label[] | { readonly badLine: number }> {
  const labels: Label[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line === '') continue;
    const label = labelFrom(line);
    if (label === null) return { badLine: labels.length + 1 };
    labels.push(label);
  }
  return labels;
}

function labelFrom(line: string): Label | null {
  try {
    return Label.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
