// Which test files there are, what they need, and which of them want the machine for themselves.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const DESKTOP = /^test\/(desktop\/|platform\/(linux|show)\.test\.ts$)/;
/** Real processes and real time: beside others on a small machine they would measure each other. */
const ALONE = /^test\/(process|supervisor)\//;

export interface TestFiles {
  /** Need nothing, and run beside each other. */
  readonly beside: readonly string[];
  /** Need nothing, and run one after the other. */
  readonly alone: readonly string[];
  /** Need a real desktop: OS packages. */
  readonly desktop: readonly string[];
  /** Long forms, run on demand. */
  readonly chaos: readonly string[];
}

export function testFiles(): TestFiles {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).map((path) => `test/${path.replaceAll('\\', '/')}`).sort();
  const tests = files.filter((path) => path.endsWith('.test.ts'));
  const free = tests.filter((path) => !DESKTOP.test(path));
  return {
    beside: free.filter((path) => !ALONE.test(path)),
    alone: free.filter((path) => ALONE.test(path)),
    desktop: tests.filter((path) => DESKTOP.test(path)),
    chaos: files.filter((path) => path.endsWith('.chaos.ts')),
  };
}
