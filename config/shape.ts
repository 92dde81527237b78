// Puts a schema's complaints into one problem that an operator can act on: place, key, nearest known name.
import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { isFault } from './jsonc.ts';
import type { Jsonc, JsoncFault } from './jsonc.ts';

/** Parsed value, or the first complaint in the order of the file. */
export function shaped<S extends z.ZodType>(read: Jsonc | JsoncFault, schema: S): { readonly value: z.output<S> } | JsoncFault {
  if (isFault(read)) return read;
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return { value: parsed.data };
  const unknown = parsed.error.issues.filter(({ code }) => code === 'unrecognized_keys');
  // A misspelt key is the cause of what seems to be missing beside it.
  const faults = (unknown.length > 0 ? unknown : parsed.error.issues).map((issue) => faultOf(read, schema, issue));
  faults.sort((a, b) => a.line - b.line || a.column - b.column);
  return faults[0] ?? { problem: 'shape', file: read.file, line: 0, column: 0, detail: 'does not have the expected shape' };
}

function faultOf(read: Jsonc, schema: z.ZodType, issue: z.core.$ZodIssue): JsoncFault {
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const detail = key === undefined ? `${pathText(issue.path)} ${sentence(issue)}` : unknownKey(key, knownKeys(schema, issue.path));
  return { problem: 'shape', file: read.file, ...read.place(issue.path, key), detail };
}

function unknownKey(key: string, known: readonly string[]): string {
  const shown = key.slice(0, 64);
  if (known.length === 0) return `the key "${shown}" is not known here`;
  const nearest = closest(shown.toLowerCase(), known.map((name) => name.toLowerCase()));
  const name = known.find((candidate) => candidate.toLowerCase() === nearest) ?? nearest;
  const close = distance(shown.toLowerCase(), nearest) <= Math.max(2, name.length / 2);
  return close
    ? `the key "${shown}" is not known here; did you mean "${name}"?`
    : `the key "${shown}" is not known here; known are ${known.map((each) => `"${each}"`).join(', ')}`;
}

/** zod's own texts may quote what stood in the file; these name only what was expected. */
function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be of type ${issue.expected}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? `must be at least ${issue.minimum}` : `must have at least ${issue.minimum} character or entry`;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int' ? `must be at most ${issue.maximum}` : `must have at most ${issue.maximum} characters or entries`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'invalid_union':
      return 'has none of the forms that are allowed here';
    case 'custom':
    case 'invalid_format':
      return issue.message;
    default:
      return 'does not have the expected shape';
  }
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text === '' ? 'the file' : `"${text.replace(/^\./, '')}"`;
}

/** Names that the object at `path` may have. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: SchemaNode = schema as unknown as SchemaNode;
  for (const step of path) {
    at = unwrapped(at);
    const next = typeof step === 'number' ? at.def.element : at.def.shape?.[String(step)];
    if (next === undefined) return [];
    at = next;
  }
  at = unwrapped(at);
  return Object.keys(at.def.shape ?? at.def.options?.map(unwrapped)[0]?.def.shape ?? {});
}

/** The part of zod's schema objects that is walked here. */
interface SchemaNode {
  readonly def: {
    readonly innerType?: SchemaNode;
    readonly in?: SchemaNode;
    readonly element?: SchemaNode;
    readonly shape?: Readonly<Record<string, SchemaNode>>;
    readonly options?: readonly SchemaNode[];
  };
}

function unwrapped(node: SchemaNode): SchemaNode {
  const inner = node.def.innerType ?? node.def.in;
  return inner === undefined ? node : unwrapped(inner);
}
