// The application rules as they stand on the disk: read again when the file changes, so that mending it needs no restart.
import { statSync } from 'node:fs';
import { loadApplications, type ApplicationRules } from '../../config/applications.ts';
import type { ConfigProblem } from '../../config/problem.ts';

export class RulesFile {
  readonly #file: string;
  #version = '';
  #rules: ApplicationRules | ConfigProblem | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** The rules of this moment, or what is wrong with them; a broken file refuses every tap until it is mended. */
  read(): ApplicationRules | ConfigProblem {
    const version = versionOf(this.#file);
    if (this.#rules === undefined || version !== this.#version) {
      this.#version = version;
      this.#rules = loadApplications(this.#file);
    }
    return this.#rules;
  }
}

function versionOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs}:${size}:${ino}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}
