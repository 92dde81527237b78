// One shape for everything that can be wrong with a file of settings: where, what, and what a person is told.

/** A file of settings that cannot be used. Nothing of it is used then. */
export interface ConfigProblem {
  readonly problem: 'missing' | 'unreadable' | 'syntax' | 'shape';
  readonly file: string;
  /** From 1; both 0 where the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
  /** For the log and the operator: what is wrong there. Names keys, never values. */
  readonly detail: string;
  /** For a person at the terminal. */
  readonly message: string;
}

export const isProblem = (value: object): value is ConfigProblem => 'problem' in value && 'detail' in value;

/** `file:line:column: detail`, as editors and terminals link it. */
export function problemLine({ file, line, column, detail }: ConfigProblem): string {
  return line === 0 ? `${file}: ${detail}` : `${file}:${line}:${column}: ${detail}`;
}
