// Looks at every file of settings as the actors would at their start, and says what is wrong where.
import { APPLICATIONS_UNTIL_THEN, loadApplications } from '../../config/applications.ts';
import { loadConfig, type Config } from '../../config/load.ts';
import { loadLogging, LOGGING_UNTIL_THEN } from '../../config/logging.ts';
import { isProblem, problemLine } from '../../config/problem.ts';
import type { ConfigProblem } from '../../config/problem.ts';

export interface ConfigCheckOptions {
  /** Settings file; else the one that the environment names. */
  readonly file?: string;
  readonly json: boolean;
}

export interface Finding {
  readonly what: 'settings' | 'applications' | 'logging';
  readonly file: string;
  readonly problem: ConfigProblem | null;
  /** What holds, for a person. */
  readonly summary: string;
  /** What holds while there is a problem. */
  readonly untilThen?: string;
}

/** Prints one finding for each file. 0: all can be used, 1: at least one cannot. */
export async function configCheck({ file, json }: ConfigCheckOptions, print: (line: string) => void): Promise<number> {
  const findings = findingsOf(file);
  const problems = findings.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  if (json) {
    print(JSON.stringify({ ok: problems.length === 0, files: findings.map(({ what, file: read, summary }) => ({ what, file: read, summary })), problems }));
  } else {
    findings.forEach(({ what, file: read, problem, summary, untilThen }) => {
      print(problem === null ? `ok       ${what}: ${summary} (${read})` : `problem  ${what}: ${problemLine(problem)}`);
      if (problem !== null) print(`         people see: ${problem.message}`);
      if (untilThen !== undefined) print(`         until it is mended: ${untilThen}`);
    });
  }
  return problems.length === 0 ? 0 : 1;
}

function findingsOf(path: string | undefined): readonly Finding[] {
  const config = loadConfig({ path });
  if (isProblem(config)) return [{ what: 'settings', file: config.file, problem: config, summary: '' }];
  const named = config.nes.url === null ? 'no NES is named: the lab is offered' : 'a NES is named';
  return [
    { what: 'settings', file: config.file ?? 'defaults', problem: null, summary: `profile ${config.profile}, ${named}` },
    ...besides(config),
  ];
}

/** What is to be said of the files beside the settings: something holds whatever they say. */
export function besides({ applications, logging }: Pick<Config, 'applications' | 'logging'>): readonly Finding[] {
  return [applicationsFinding(applications.file), loggingFinding(logging.file)];
}

function applicationsFinding(file: string): Finding {
  const rules = loadApplications(file);
  if (isProblem(rules)) return { what: 'applications', file, problem: rules, summary: '', untilThen: APPLICATIONS_UNTIL_THEN };
  const { included, suppressed } = rules;
  const allowed = included.length === 0 ? 'every application may be filled' : `restricted to ${counted(included.length)}`;
  return { what: 'applications', file, problem: null, summary: `${allowed}, ${suppressed.length} suppressed` };
}

function loggingFinding(file: string): Finding {
  const logging = loadLogging(file);
  if (isProblem(logging)) return { what: 'logging', file, problem: logging, summary: '', untilThen: LOGGING_UNTIL_THEN };
  return { what: 'logging', file, problem: null, summary: `level ${logging.level}, kept ${logging.keepDays} days` };
}

function counted(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`;
}
