// What one types as numbers: `--set` as changes of the settings, `--from` and `--to` as moments of a recording.
import { distance } from 'fastest-levenshtein';
import { isFault, parseJsonc } from '../../config/jsonc.ts';
import { SettingsSchema } from '../../config/schema.ts';
import { shaped } from '../../config/shape.ts';
import { rssiOf, type Changes } from '../../insight/replay-settings.ts';

/** Wrong words on the command line, as one sentence. */
export class Mistyped extends Error {}

const DEFAULTS = SettingsSchema.parse({});
/** `debounce` is what the literature calls the numbers of the budget that tell taps apart. */
const ROOMS = { budget: 'budget', debounce: 'budget', tap: 'tap' } as const;

/** Every name that `--set` and `--sweep` know, but for the alias. */
export const SETTABLE: readonly string[] = [
  ...Object.keys(DEFAULTS.budget).map((name) => `budget.${name}`),
  ...Object.keys(DEFAULTS.tap).filter((name) => Object.keys(rssiOf({ [name]: 0 })).length > 0).map((name) => `tap.${name}`),
];

/** `['budget.bounceMs=500']`. Null: nothing is to be changed. Throws `Mistyped`. */
export function changesFrom(words: readonly string[]): Changes | null {
  const changes = words.map(changeFrom);
  if (changes.length === 0) return null;
  return { budget: Object.assign({}, ...changes.map(({ budget }) => budget)), rssi: Object.assign({}, ...changes.map(({ rssi }) => rssi)) };
}

function changeFrom(word: string): Changes {
  const [, key = '', text = ''] = /^([^=]*)=(.*)$/.exec(word) ?? [];
  if (key === '') throw new Mistyped(`--set takes key=value, as in --set ${SETTABLE[0]}=10; "${word.slice(0, 64)}" has no "=".`);
  const name = settableName(key);
  if (text.trim() === '' || !Number.isFinite(Number(text))) throw new Mistyped(`${name} must be a number, not "${text.slice(0, 64)}".`);
  const [room = '', setting = ''] = name.split('.');
  const read = parseJsonc('--set', JSON.stringify({ [room]: { [setting]: Number(text) } }));
  const checked = shaped(read, SettingsSchema);
  if (isFault(read) || 'problem' in checked) throw new Mistyped(`--set ${word}: ${'problem' in checked ? checked.detail : 'cannot be read'}.`);
  return room === 'tap' ? { rssi: rssiOf({ [setting]: Number(text) }) } : { budget: { [setting]: Number(text) } };
}

/** The full name of a setting that matters to a replay. Throws `Mistyped` with the nearest one. */
export function settableName(key: string): string {
  const [room = '', ...rest] = key.split('.');
  const name = [Object.hasOwn(ROOMS, room) ? ROOMS[room as keyof typeof ROOMS] : room, ...rest].join('.');
  if (SETTABLE.includes(name)) return name;
  const [nearest] = SETTABLE.toSorted((one, other) => distance(name.toLowerCase(), one.toLowerCase()) - distance(name.toLowerCase(), other.toLowerCase()));
  throw new Mistyped(`"${key.slice(0, 64)}" is no setting that a replay knows; did you mean "${nearest}"?`);
}

/** Milliseconds, or `hh:mm:ss` with or without a fraction: both from the beginning of the recording. In microseconds. */
export function momentFrom(option: string, text: string): number {
  const [, hours, minutes, seconds] = /^(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)$/.exec(text) ?? [];
  const ms = hours === undefined ? Number(text) : ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (text.trim() === '' || !Number.isFinite(ms) || ms < 0) {
    throw new Mistyped(`${option} takes milliseconds or hh:mm:ss from the beginning of the recording, not "${text.slice(0, 64)}".`);
  }
  return Math.round(ms * 1000);
}
