// The application rules as they stand on the disk: read again when the file changes, so that a change needs no restart. Once
// good rules were read, a version that cannot be used, or none, changes nothing but the fault that is told (decision 15).
import { existsSync, statSync } from 'node:fs';
import { loadApplications, type ApplicationRules } from '../../config/applications.ts';
import { isProblem, type ConfigProblem } from '../../config/problem.ts';

export interface RulesInForce {
  /** What taps go by. A problem: nothing good was ever read, and every tap is refused. */
  readonly rules: ApplicationRules | ConfigProblem;
  /** What is wrong with the file as it stands now; with rules beside it, those are of an earlier version. */
  readonly fault: ConfigProblem | null;
}

export class RulesFile {
  #file: string;
  #overruledBy: string | null;
  #version = '';
  #inForce: RulesInForce | undefined;

  /** `overruledBy` takes the place of `file` for good as soon as it is there. */
  constructor(file: string, overruledBy: string | null = null) {
    [this.#file, this.#overruledBy] = [file, overruledBy];
  }

  read(): RulesInForce {
    if (this.#overruledBy !== null && existsSync(this.#overruledBy)) [this.#file, this.#overruledBy] = [this.#overruledBy, null];
    const version = versionOf(this.#file);
    if (this.#inForce === undefined || version !== this.#version) {
      this.#version = version;
      this.#inForce = after(this.#inForce, loadApplications(this.#file));
    }
    return this.#inForce;
  }
}

/** Never a part of the new version: half of it could allow what its other half restricts. */
function after(before: RulesInForce | undefined, read: ApplicationRules | ConfigProblem): RulesInForce {
  if (!isProblem(read)) return { rules: read, fault: null };
  return { rules: before === undefined || isProblem(before.rules) ? read : before.rules, fault: read };
}

function versionOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs}:${size}:${ino}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}
