// The grid of a tuning: every combination of the values that `--sweep` names.
import type { Changes } from '../../insight/replay-settings.ts';
import { changesFrom, Mistyped, settableName } from '../replay/numbers.ts';

export interface Swept {
  /** Full name: `budget.bounceMs`. */
  readonly name: string;
  readonly values: readonly number[];
}

export interface GridPoint {
  /** One value for each swept name, in their order. */
  readonly values: readonly number[];
  readonly changes: Changes;
}

/** A grid of more points is a mistake of typing, not a question. */
const POINTS_MAX = 1_000;

/** `['debounce.bounceMs=200..2000/200', 'tap.rssiTapThresholdDbm=-45,-42']`. Throws `Mistyped`. */
export function sweptBy(words: readonly string[]): readonly Swept[] {
  const swept = words.map(sweptFrom);
  const twice = swept.find(({ name }, at) => swept.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) throw new Mistyped(`${twice.name} is swept twice.`);
  return swept;
}

/** All combinations, the last name's values change fastest. Throws `Mistyped`. */
export function gridOf(swept: readonly Swept[]): readonly GridPoint[] {
  const count = swept.reduce((product, { values }) => product * values.length, 1);
  if (count > POINTS_MAX) throw new Mistyped(`The sweep has ${count} combinations; at most ${POINTS_MAX} are tried.`);
  const all = swept.reduce<readonly (readonly number[])[]>((rows, { values }) => rows.flatMap((row) => values.map((value) => [...row, value])), [[]]);
  return all.map((values) => ({ values, changes: changesFrom(values.map((value, at) => `${swept[at]!.name}=${value}`)) ?? {} }));
}

function sweptFrom(word: string): Swept {
  const [, key = '', text = ''] = /^([^=]*)=(.*)$/.exec(word) ?? [];
  if (key === '') throw new Mistyped(`--sweep takes key=from..to/step or key=value,value, as in --sweep budget.bounceMs=200..2000/200; "${word.slice(0, 64)}" is neither.`);
  return { name: settableName(key), values: valuesFrom(key, text) };
}

function valuesFrom(key: string, text: string): readonly number[] {
  const range = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text);
  const values = range === null ? text.split(',').map((value) => (value.trim() === '' ? Number.NaN : Number(value))) : between(range.slice(1).map(Number));
  if (values.length === 0 || values.some((value) => !Number.isFinite(value))) throw new Mistyped(`"${text.slice(0, 64)}" for ${key.slice(0, 64)} is neither from..to/step nor a list of numbers.`);
  return values;
}

function between([from = 0, to = 0, step = 0]: readonly number[]): readonly number[] {
  const count = step > 0 ? Math.floor((to - from) / step + 1e-9) + 1 : 0;
  if (count > POINTS_MAX) throw new Mistyped(`${from}..${to}/${step} has ${count} values; at most ${POINTS_MAX} are tried.`);
  return Array.from({ length: Math.max(0, count) }, (_, at) => from + at * step);
}
