import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import test from 'ava';
import { EXCEPTIONS } from './tidy/exceptions.ts';
import { blocksOf } from './tidy/blocks.ts';
import { FOLDERS, KEPT, mayImport, roomOf } from './tidy/layers.ts';
import { allFiles, allPaths, sourceOf, type Source } from './tidy/source.ts';

const LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 160;

const FILES = allFiles();
const PATHS = allPaths();
const SOURCES = FILES.filter(({ path }) => /\.(ts|js)$/.test(path)).map(sourceOf);
const PRODUCT = SOURCES.filter(({ path }) => !/^(ops|test)\//.test(path));
const RULES = new Map<string, () => readonly string[]>();

/** Fails with each finding that no exception covers; a finding is `path: what is wrong`. */
function rule(name: string, find: () => readonly string[]): void {
  let findings: readonly string[] | undefined;
  const once = (): readonly string[] => (findings ??= find());
  RULES.set(name, once);
  test(name, (t) => {
    t.deepEqual(once().filter((finding) => !EXCEPTIONS.some(({ rule: of, path }) => of === name && isAbout(finding, path))), []);
  });
}

const isAbout = (finding: string, path: string): boolean => finding.startsWith(`${path}:`);

/** Lines of code, comments and literals left out, in which a pattern occurs. */
function found(pattern: RegExp, sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, code }) => code.split('\n').flatMap((line, at) => {
    const hit = pattern.exec(line)?.[0].trim();
    return hit === undefined ? [] : [`${path}:${at + 1}: ${hit}`];
  }));
}

rule('every file has a room in the direction table', () => SOURCES.filter(({ path }) => roomOf(path) === undefined).map(({ path }) => `${path}: has no room`));

rule('imports follow the direction table', () =>
  SOURCES.flatMap(({ path, imports }) => imports.filter((to) => !mayImport(path, to)).map((to) => `${path}: imports ${to}`)));

rule('a room uses only the packages that the table gives it', () =>
  SOURCES.flatMap(({ path, packages }) => packages.filter((name) => roomOf(path)?.packages.test(name) !== true).map((name) => `${path}: imports ${name}`)));

rule('one place keeps a package to itself', () =>
  SOURCES.flatMap(({ path, packages }) => packages.filter((name) => KEPT[name]?.test(path) === false).map((name) => `${path}: imports ${name}`)));

rule('imports name a file with its ending, and Node by node:', () =>
  SOURCES.flatMap(({ path, imports, packages }) => [
    ...imports.filter((to) => !PATHS.includes(to)).map((to) => `${path}: ${to} is no file`),
    ...packages.filter((name) => NODE_PARTS.has(name)).map((name) => `${path}: ${name}`),
  ]));
const NODE_PARTS = new Set(['fs', 'path', 'crypto', 'net', 'http', 'https', 'os', 'util', 'events', 'stream', 'url', 'child_process', 'assert']);

rule('only config/load.ts reads the environment for settings', () => found(/\bprocess\s*\.\s*env\b/, PRODUCT.filter(({ path }) => path !== 'config/load.ts')));

rule('only the platform names an operating system', () => found(/\bprocess\s*\.\s*platform\b/, PRODUCT.filter(({ path }) => !path.startsWith('platform/'))));

const PURE = SOURCES.filter(({ path }) => ['pure', 'insight', 'port'].includes(roomOf(path)?.name ?? '') || /^(ops|platform)\/.*\bmodel\.ts$/.test(path));

rule('a pure file reads no clock', () => found(/\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bhrtime\b/, PURE));
rule('a pure file sets no timer', () => found(/\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/, PURE));
rule('a pure file draws no random number', () => found(/\bMath\.random\b|\brandom(Bytes|UUID|FillSync|Int)\b/, PURE));
rule('a pure file is not asynchronous', () => found(/\b(async|await|Promise)\b/, PURE.filter(({ path }) => path !== 'platform/port.ts')));
rule('a pure file does not know the process or the console', () => found(/(?<![.\w])process\s*\.\s*(?!origin)\w|\bconsole\b/, PURE));
rule('a pure file opens no secret', () => found(/\.reveal\s*\(/, PURE));

rule('nothing is of type any', () => found(/(?:[:<|&]|\bas)\s*any\b|,\s*any\s*>|\bany\[\]/, SOURCES));
rule('no enum, namespace or default export', () => found(/^\s*(export\s+)?(const\s+)?(enum|namespace)\b|\bexport\s+default\b/, SOURCES));
rule('nobody writes to the console', () => found(/\bconsole\s*\./, SOURCES.filter(({ path }) => !/^(test|ops\/lab\/pages\/site)\//.test(path))));

rule('no checker is silenced, and nothing is left to do', () => FILES.filter(({ path }) => path !== 'package-lock.json').flatMap(({ path, text }) => {
  const hit = /@ts-(?:ignore|nocheck|expect-error)|\b(?:TO[D]O|FIX[M]E|X[X]X|HAC[K])\b/.exec(text)?.[0];
  return hit === undefined ? [] : [`${path}: ${hit}`];
}));

rule('a file has at most 300 lines', () => SOURCES.filter(({ columns }) => columns.length - 1 > LINES_MAX).map(({ path, columns }) => `${path}: ${columns.length - 1}`));

rule('a function has at most 70 lines', () =>
  SOURCES.flatMap(({ path, code }) => blocksOf(code).filter(({ lines }) => lines > FUNCTION_LINES_MAX).map(({ line, lines }) => `${path}:${line}: ${lines} lines`)));

rule('a line has at most 160 columns, texts not counted', () =>
  SOURCES.flatMap(({ path, columns }) => columns.flatMap((columnsOf, at) => (columnsOf > COLUMNS_MAX ? [`${path}:${at + 1}: ${columnsOf}`] : []))));

rule('a file of the product says first why it exists', () =>
  PRODUCT.filter(({ text }) => !/^(#!.*\n)?(\/\/ |\/\*\*? )\S/.test(text)).map(({ path }) => `${path}: begins without a sentence`));

rule('no line ends with a blank, and a file ends with one line end', () => FILES.filter(({ path }) => path !== 'package-lock.json').flatMap(({ path, text }) => {
  const at = text.split('\n').findIndex((line) => /[ \t\r]$/.test(line));
  return [...(at === -1 ? [] : [`${path}:${at + 1}: ends with a blank`]), ...(/[^\n]\n$/.test(text) || text === '' ? [] : [`${path}: its end`])];
}));

rule('names are in kebab case', () => PATHS.flatMap((path) =>
  path.split('/').some((part) => !/^\.?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(part)) && !/(^|\/)[A-Z]+\.md$/.test(path) ? [`${path}: its name`] : []));

rule('every folder is a known one', () => {
  const folders = new Set(PATHS.map((path) => dirname(path)));
  return [...folders].filter((folder) => folder !== '.' && !FOLDERS.test(folder)).map((folder) => `${folder}: unknown`);
});

rule('no file lies there unused', () => {
  const imported = new Set(SOURCES.flatMap(({ path, imports }) => imports.filter((to) => to !== path)));
  const names = new Map<string, number>();
  for (const path of PATHS) names.set(nameOf(path), (names.get(nameOf(path)) ?? 0) + 1);
  const mentioned = (path: string): boolean => {
    // A page or a fixture is named without its ending.
    const stem = /\.(html|fixture\.ts)$/.test(path) ? [`'${nameOf(path).split('.')[0]}'`] : [];
    const name = names.get(nameOf(path)) === 1 ? [nameOf(path)] : [];
    const words = [path, path.split('/').slice(-2).join('/'), ...name, ...stem];
    return FILES.some(({ path: by, text }) => by !== path && words.some((word) => text.includes(word)));
  };
  const kept = PATHS.filter((path) => !/\.(test|chaos)\.ts$|\.md$|^(\.ci\/run|\.gitignore|package(-lock)?\.json|tsconfig\.json|ecosystem\.config\.js)$/.test(path));
  return kept.filter((path) => !imported.has(path) && !mentioned(path)).map((path) => `${path}: nobody names it`);
});
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

// SHA-256 of each word, cut: a list in clear would be what it forbids.
const WORDS_APART = new Set([
  'c857d09db23e', 'c70eca6b0f88', '7d3194f79e64', '60965168ce76', '053ea4804ef1', '3ea125d0bff3', '5d72436256ad',
  '487b91042c7c', 'de2187af3fb0', 'c9ad8f2cc129', 'e12ce8285efc', '5a5110ebe154', '57de4cf40144', '920510199770',
  '6f7ac1823da8', '67f2d2251462', 'fc5a1047f591', 'add92b9cde2b', '386ebc0efd04',
]);
const digest = (word: string): string => createHash('sha256').update(word).digest('hex').slice(0, 12);

rule('the project speaks only of itself', () => FILES.filter(({ path }) => path !== 'package-lock.json').flatMap(({ path, text }) => {
  const words = new Set(text.toLowerCase().match(/[a-z]{3,}/g) ?? []);
  return [...words].filter((word) => WORDS_APART.has(digest(word))).map((word) => `${path}: ${word}`);
}));

rule('no path of one machine and no host of a package registry is written down', () => FILES.flatMap(({ path, text }) => {
  const places = path === 'package-lock.json' ? /"resolved"/ : /(?<![\w.}])\/(?:wor[k]|roo[t]|User[s])\/[\w.]|\/hom[e]\/\w|\bregistr[y]\.|npmj[s]\.|artifactor[y]/;
  const hit = places.exec(text)?.[0];
  return hit === undefined ? [] : [`${path}: ${hit}`];
}));

test('every exception is needed, and has a reason', (t) => {
  const idle = EXCEPTIONS.filter(({ rule: of, path }) => RULES.get(of)?.().some((finding) => isAbout(finding, path)) !== true);
  t.deepEqual(idle, []);
  for (const { why } of EXCEPTIONS) t.true(why.length > 10);
});
