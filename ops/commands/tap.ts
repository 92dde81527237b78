// `tap`: touches the reader of the running lab with a band, and tells how that ended.
import { loadConfig } from '../../config/load.ts';
import { isProblem } from '../../config/problem.ts';
import { Exit } from '../exit.ts';
import { askLab, findLab, type Answered } from '../lab/control.ts';
import { sentenceOf, stageLines, tapLine } from '../tap-report.ts';
import type { Terminal } from '../terminal.ts';

export interface TapOptions {
  readonly json: boolean;
  /** Alias, band id or NFC id; anything else is a foreign tag. */
  readonly band: string;
  readonly via: 'nfc' | 'ble';
}

const INDENT = '    ';
const SCALE_MS = 250;

/** 0: the form was filled, 1: it was not, or no lab runs. */
export async function tap({ json, band, via }: TapOptions, terminal: Terminal): Promise<Exit> {
  const config = loadConfig();
  const lab = isProblem(config) ? null : findLab(config.home);
  if (lab === null) {
    terminal.note('No lab runs here. Start one in another terminal: npm run lab');
    return Exit.failed;
  }
  const answered = await askLab(lab, { band, via }).catch(() => null);
  if (answered === null) {
    terminal.note('The lab does not answer; it may be stopping. Start it anew: npm run lab');
    return Exit.failed;
  }
  if (json) terminal.print(JSON.stringify(asJson(answered)));
  else tapLines(answered, isProblem(config) ? '' : config.product, terminal).forEach(terminal.print);
  return answered.outcome === 'filled' || answered.outcome === 'filled-unverified' ? Exit.ok : Exit.failed;
}

const asJson = ({ band, outcome, reason, ms }: Answered): object => ({ band, outcome, reason, ms });

/** A tap as the lab and this command print it. */
export function tapLines(answered: Answered, product: string, terminal: Pick<Terminal, 'paint' | 'isInteractive' | 'columns'>): string[] {
  const { band, who, ms } = answered;
  const reported = { band, who, line: answered, isRight: answered.outcome !== 'failed' && answered.outcome !== 'unanswered' };
  const sentence = sentenceOf(reported, product);
  return [
    tapLine(reported, terminal),
    ...stageLines(reported, terminal, Math.max(SCALE_MS, ms.total ?? 0)).map((line) => INDENT + line),
    ...(sentence === null ? [] : [`${INDENT}${terminal.paint('dim', 'the person reads:')} ${sentence}`]),
  ];
}
