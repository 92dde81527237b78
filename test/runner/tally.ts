// Counts what ava reports, line by line as it comes: its own sum is missing where a run breaks off.

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export const NOTHING: Tally = { passed: 0, failed: 0 };

const COLOURS = /\u001b\[[0-9;]*m/g;
const PASSED = /^\s*✔ (?!\[)/;
/** Failed tests and hooks, and all that is no test: a file that crashed, exited, hung or has no tests. */
const FAILED = /^\s*✘ |^\s*(?:Uncaught exception|Unhandled rejection) in /;

export function counted({ passed, failed }: Tally, line: string): Tally {
  const plain = line.replace(COLOURS, '');
  return { passed: passed + Number(PASSED.test(plain)), failed: failed + Number(FAILED.test(plain)) };
}

/** The end of a run: one that says that it failed did, even if no line told why; and so did one in which nothing ran. */
export function ended({ passed, failed }: Tally, code: number | null): Tally {
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
}

export const sum = (a: Tally, b: Tally): Tally => ({ passed: a.passed + b.passed, failed: a.failed + b.failed });

export const summary = ({ passed, failed }: Tally): string => `${passed} passed, ${failed} failed`;
