// Reads JSON as people write it: comments, trailing commas and a byte order mark are welcome; everything else that
// is not JSON is a problem with a line and a column. jsonc-parser answers broken text with a partial value, which is
// never used here.
import { readFileSync } from 'node:fs';
import { createScanner, findNodeAtLocation, parseTree, printParseErrorCode, getNodeValue } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { ConfigProblem } from './problem.ts';

const BYTES_MAX = 1024 * 1024;
const DEPTH_MAX = 64;
const OPEN_BRACE = 1;
const CLOSE_BRACE = 2;
const OPEN_BRACKET = 3;
const CLOSE_BRACKET = 4;
const END_OF_FILE = 17;

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Jsonc {
  readonly file: string;
  readonly value: unknown;
  /** Where the value at `path` stands; with `key`, where that property's name stands. The nearest parent if neither exists. */
  place(path: readonly PropertyKey[], key?: string): Place;
}

export type JsoncFault = Omit<ConfigProblem, 'message'>;

export const isFault = (read: Jsonc | JsoncFault): read is JsoncFault => 'problem' in read;

/** Reads one file of at most 1 MiB. */
export function readJsonc(file: string): Jsonc | JsoncFault {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const problem = code === 'ENOENT' ? 'missing' : 'unreadable';
    return { problem, file, line: 0, column: 0, detail: problem === 'missing' ? 'the file is missing' : `cannot be read (${code})` };
  }
  if (bytes.byteLength > BYTES_MAX) return { problem: 'syntax', file, line: 0, column: 0, detail: `is larger than ${BYTES_MAX} bytes` };
  try {
    return parseJsonc(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { problem: 'syntax', file, line: 0, column: 0, detail: 'is not encoded in UTF-8' };
  }
}

/** Parses text; `file` is only a name for messages. */
export function parseJsonc(file: string, text: string): Jsonc | JsoncFault {
  const fault = (offset: number, detail: string): JsoncFault => ({ problem: 'syntax', file, ...placeAt(text, offset), detail });
  const deep = tooDeepAt(text);
  if (deep !== null) return fault(deep, `is nested deeper than ${DEPTH_MAX} levels`);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false, allowEmptyContent: false });
  const [first] = errors;
  if (first !== undefined) return fault(first.offset, words(printParseErrorCode(first.error)));
  if (root === undefined) return fault(0, 'the file is empty');
  const twice = duplicateKey(root);
  if (twice !== null) return fault(twice.offset, `the key "${String(twice.value)}" stands here a second time`);
  return { file, value: getNodeValue(root) as unknown, place: (path, key) => placeAt(text, nodeAt(root, path, key).offset) };
}

/** A scan without recursion, so that a hostile file cannot exhaust the stack of the parser. */
function tooDeepAt(text: string): number | null {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== END_OF_FILE; token = scanner.scan()) {
    if (token === OPEN_BRACE || token === OPEN_BRACKET) depth += 1;
    if (token === CLOSE_BRACE || token === CLOSE_BRACKET) depth -= 1;
    if (depth > DEPTH_MAX) return scanner.getTokenOffset();
  }
  return null;
}

function duplicateKey(node: Node): Node | null {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = child.type === 'property' ? child.children?.[0] : undefined;
    if (key !== undefined && seen.has(key.value)) return key;
    if (key !== undefined) seen.add(key.value);
    const below = duplicateKey(child);
    if (below !== null) return below;
  }
  return null;
}

function nodeAt(root: Node, path: readonly PropertyKey[], key?: string): Node {
  const steps = path.filter((step) => typeof step !== 'symbol');
  for (let length = steps.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, steps.slice(0, length));
    if (node !== undefined) return (length === steps.length && keyOf(node, key)) || node;
  }
  return keyOf(root, key) ?? root;
}

function keyOf(node: Node, key: string | undefined): Node | undefined {
  return node.children?.find((child) => child.type === 'property' && child.children?.[0]?.value === key)?.children?.[0];
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** `CommaExpected` becomes `comma expected`. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
