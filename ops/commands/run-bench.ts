// `bench` is a part of the source tree that an installation may leave out.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Exit } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

export interface BenchOptions {
  readonly json: boolean;
  /** Keys of its result, separated by commas. */
  readonly only?: string;
}

export async function runBench(options: BenchOptions, { print, note }: Pick<Terminal, 'print' | 'note'>): Promise<number> {
  const file = join(import.meta.dirname, 'bench.ts');
  if (!existsSync(file)) {
    note('The benchmarks are not installed here: run them from the source tree.');
    return Exit.failed;
  }
  const { bench } = (await import(file)) as { bench: (options: BenchOptions, print: (line: string) => void) => Promise<number> };
  return bench(options, print);
}
