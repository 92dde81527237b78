// The few forms that generated documents need.
import type { Field } from '../../contracts/describe.ts';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A row for each field, inner ones by path: `keys[].id`. */
export function fieldTable(record: Field): string {
  const rows = rowsOf(record, '');
  return rows.length === 0 ? 'No fields.' : table(['field', 'type', 'meaning'], rows);
}

/** The fields of a record in one line, for a narrow table. */
export function fieldLine(field: Field | null): string {
  if (field === null) return '–';
  if (field.type !== 'record') return typeOf(field);
  const parts = rowsOf(field, '').map(([name, type]) => `${name}: ${type}`);
  return parts.length === 0 ? 'empty' : parts.join('<br>');
}

export const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

function rowsOf({ fields = {} }: Field, path: string): [string, string, string][] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const at = `${path}${name}`;
    const inner = field.type === 'list' ? rowsOf(field.of ?? field, `${at}[].`) : rowsOf(field, `${at}.`);
    return [[`\`${at}\``, typeOf(field), field.doc ?? ''], ...inner];
  });
}

function typeOf(field: Field): string {
  const traits = [field.nullable === true ? ' or null' : '', field.optional === true ? ', optional' : ''];
  return `${nameOf(field)}${traits.join('')}`;
}

function nameOf({ type, min, max, pattern, values = [], of, either = [] }: Field): string {
  switch (type) {
    case 'text': return `text${length(min, max, 'characters')}${pattern === undefined ? '' : ' of a fixed form'}`;
    case 'integer': return `integer${range(min, max)}`;
    case 'number': return `number${range(min, max)}`;
    case 'one-of': return values.map((value) => (value === '' ? 'empty text' : `\`${value}\``)).join(', ');
    case 'reason': return 'reason code';
    case 'actor': return 'name of an actor';
    case 'bytes': return `bytes${length(undefined, max, '')}`;
    case 'secret': return `**secret** bytes${length(undefined, max, '')}`;
    case 'list': return `list of ${plural(of)}${length(undefined, max, '')}`;
    case 'map': return `map of ${plural(of)}`;
    case 'either': return either.map(typeOf).join(' or ');
    default: return type;
  }
}

const plural = (field: Field | undefined): string => (field === undefined ? 'anything' : field.type === 'record' ? 'records' : typeOf(field));

function length(min: number | undefined, max: number | undefined, unit: string): string {
  if (max === undefined) return '';
  const bound = min === undefined ? `at most ${max}` : `${min} to ${max}`;
  return `, ${bound}${unit === '' ? '' : ` ${unit}`}`;
}

function range(min: number | undefined, max: number | undefined): string {
  const top = max === undefined || max === Number.MAX_SAFE_INTEGER ? null : max;
  if (min === undefined || min === Number.MIN_SAFE_INTEGER) return top === null ? '' : ` up to ${top}`;
  return top === null ? ` from ${min}` : ` ${min} to ${top}`;
}
