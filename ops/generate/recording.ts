// A stream of people as a recording: header, entries and labels. The same seed gives the same bytes.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsSchema } from '../../config/schema.ts';
import { RECORDING_VERSION, type Entry, type Header } from '../../contracts/recording.ts';
import { recordedSettings, type ReplaySettings } from '../../insight/replay-settings.ts';
import type { Kind } from './habits.ts';
import type { Label } from './labels.ts';
import { VirtualListener } from './listener.ts';
import { visits } from './people.ts';

export interface Stream {
  readonly seed: number;
  readonly kind: Kind;
  readonly minutes: number;
}

/** A Monday morning: a generated recording has no time of its own. */
const STARTED_WALL_MS = Date.UTC(2026, 0, 5, 6);
const STARTED_US = 1_000_000_000;
const US_PER_MINUTE = 60_000_000;

const SETTINGS = SettingsSchema.parse({});

export function headerOf({ seed, kind, minutes }: Stream): Header {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
  return {
    version: RECORDING_VERSION,
    product: version,
    startedWallMs: STARTED_WALL_MS,
    startedUs: STARTED_US,
    settings: { budget: SETTINGS.budget, tap: SETTINGS.tap },
    settingsHash: createHash('sha256').update(JSON.stringify(SETTINGS)).digest('hex'),
    source: `generate --seed ${seed} --kind ${kind} --minutes ${minutes}`,
  };
}

export const defaultSettings = (): ReplaySettings => recordedSettings(headerOf({ seed: 0, kind: 'normal', minutes: 0 }));

/** What one visit gave. */
export interface Part {
  readonly entries: readonly Entry[];
  readonly labels: readonly Label[];
  /** Minutes of the stream that are done. */
  readonly minutes: number;
}

/** Visit by visit, so that a long stream needs no more memory than a short one; the last visit is a whole one. */
export function* generated({ seed, kind, minutes }: Stream, settings = defaultSettings()): Generator<Part> {
  let entries: Entry[] = [];
  const listener = new VirtualListener(settings, (entry) => entries.push(entry));
  for (const { raws, labels, endUs } of visits({ seed, kind, startUs: STARTED_US })) {
    for (const raw of raws) listener.take(raw);
    const doneMinutes = (endUs - STARTED_US) / US_PER_MINUTE;
    if (doneMinutes >= minutes) listener.end();
    yield { entries, labels, minutes: Math.min(minutes, doneMinutes) };
    entries = [];
    if (doneMinutes >= minutes) return;
  }
}
