// The files of the repository as text, told apart into code, comments and literals: what the rules of tidy look at.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
const SKIPPED = new Set(['node_modules', '.git', '.tapline']);
const TEXT = /\.(ts|js|json|md|html|css|py|sh|service|toml|yml|yaml)$|^\.ci\/run$|^\.gitignore$/;
/** What stands before the name of what is imported. */
const IMPORT = /\b(?:from|import\s*\(?)\s*$/;

/** Part of a file; comments keep their marks, literals their quotes. */
interface Segment {
  readonly kind: 'code' | 'comment' | 'literal';
  readonly text: string;
}

export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and literals blanked, line for line. */
  readonly code: string;
  /** Columns of each line; what stands in a literal does not count, for it cannot be broken. */
  readonly columns: readonly number[];
  /** Files of the repository that it imports. */
  readonly imports: readonly string[];
  /** Packages and parts of Node that it imports. */
  readonly packages: readonly string[];
}

/** Every text file of the repository. */
export function allFiles(): { path: string; text: string }[] {
  return walk(ROOT).filter((path) => TEXT.test(path)).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

export const allPaths = (): string[] => walk(ROOT);

export function sourceOf({ path, text }: { path: string; text: string }): Source {
  const segments = split(text);
  const blanked = segments.map(({ kind, text: part }) => (kind === 'code' ? part : part.replace(/[^\n]/g, ' '))).join('');
  const narrow = segments.map(({ kind, text: part }) => (kind === 'literal' ? part.replace(/[^\n]/g, '') : part)).join('');
  const isImport = ({ kind, text: part }: Segment, at: number): boolean =>
    kind === 'literal' && /^['"]/.test(part) && IMPORT.test(segments[at - 1]?.text ?? '');
  const specifiers = segments.filter(isImport).map(({ text: part }) => part.slice(1, -1));
  return {
    path, text, code: blanked,
    columns: narrow.split('\n').map((line) => line.length),
    imports: specifiers.filter((name) => name.startsWith('.')).map((name) => relative(ROOT, join(ROOT, dirname(path), name))),
    packages: specifiers.filter((name) => !name.startsWith('.')),
  };
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [relative(ROOT, path)];
  });
}

/** A slash after one of these begins a regular expression; after anything else it divides. */
const BEFORE_PATTERN = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|of|in))\s*$/;
const LITERAL = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y;
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//y;

function split(text: string): Segment[] {
  const segments: Segment[] = [];
  let code = '';
  // Depth of braces within each template that is open: its `}` ends the code inside.
  const templates: number[] = [];
  const flush = (): void => { if (code !== '') segments.push({ kind: 'code', text: code }); code = ''; };
  const take = (kind: Segment['kind'], part: string): number => { flush(); segments.push({ kind, text: part }); return part.length; };
  for (let at = 0; at < text.length;) {
    const comment = match(COMMENT, text, at);
    const literal = match(LITERAL, text, at) ?? (BEFORE_PATTERN.test(code.slice(-40)) ? match(PATTERN, text, at) : null);
    const character = text[at]!;
    const closes = character === '}' && templates.at(-1) === 0;
    if (comment !== null) at += take('comment', comment);
    else if (literal !== null) at += take('literal', literal);
    else if (character === '`' || closes) {
      if (closes) templates.pop();
      const part = templatePart(text, at);
      if (part.endsWith('${')) templates.push(0);
      at += take('literal', part);
    } else {
      if (templates.length > 0 && character === '{') templates.push(templates.pop()! + 1);
      if (templates.length > 0 && character === '}') templates.push(templates.pop()! - 1);
      code += character;
      at += 1;
    }
  }
  flush();
  return segments;
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** From a backtick, or the brace that ends code inside, to the next `${` or the last backtick. */
function templatePart(text: string, from: number): string {
  let at = from + 1;
  while (at < text.length && text[at] !== '`' && !(text[at] === '$' && text[at + 1] === '{')) at += text[at] === '\\' ? 2 : 1;
  return text.slice(from, text[at] === '`' ? at + 1 : at + 2);
}
