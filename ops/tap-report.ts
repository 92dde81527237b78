// One tap for a person to read: a line with its end, and the waterfall of its stages.
import { Outcome } from '../contracts/reasons.ts';
import type { Reason } from '../contracts/reasons.ts';
import { messagesFor } from '../insight/messages.ts';
import type { TapLine } from './lab/taps.ts';
import type { Paint, Terminal } from './terminal.ts';
import { barsOf, waterfall } from './waterfall.ts';

export interface ReportedTap {
  readonly band: string;
  /** Whose band it is; null for nobody's. */
  readonly who: string | null;
  readonly line: TapLine;
  /** As expected; otherwise it is marked as wrong. */
  readonly isRight: boolean;
}

/** `✔ NB-01  Ada Ampère   filled            118 ms`. */
export function tapLine({ band, who, line, isRight }: ReportedTap, { paint, isInteractive }: Pick<Terminal, 'paint' | 'isInteractive'>): string {
  const { outcome, reason, ms } = line;
  const mark = isInteractive ? MARKS[kindOf(line, isRight)] : PLAIN_MARKS[kindOf(line, isRight)];
  const colour = COLOURS[kindOf(line, isRight)];
  const end = outcome === 'filled' ? 'filled' : `${outcome}: ${reason}`;
  const total = ms.total === null ? '' : `${ms.total.toFixed(0)} ms`;
  return `${paint(colour, mark)} ${paint('bold', band.padEnd(6))} ${(who ?? 'nobody').padEnd(18)} ${paint(colour, end.padEnd(END_COLUMNS))} ${total.padStart(8)}`;
}

/** The fields of a form as a person sees them. */
export function formLine(shown: Readonly<Record<string, string>>): string {
  const fields = Object.entries(shown).map(([name, text]) => `${name} ${text}`);
  return fields.length === 0 ? 'empty' : fields.join('  ');
}

/** What the person at the terminal reads after that tap; null where nothing is shown. */
export function sentenceOf({ line }: ReportedTap, product: string): string | null {
  const { reasons } = messagesFor({ product });
  const message = Object.hasOwn(reasons, line.reason) ? reasons[line.reason as Reason].message : '';
  return message === '' ? (LOCAL[line.reason] ?? null) : message;
}

/** The stages of a tap; none where nothing was measured. */
export function stageLines({ line }: ReportedTap, terminal: Pick<Terminal, 'paint' | 'isInteractive' | 'columns'>, scaleMs: number): string[] {
  if (line.ms.total === null) return [];
  const columns = Math.max(20, Math.min(60, terminal.columns - 30));
  const isRefused = line.outcome !== Outcome.filled && line.outcome !== Outcome.filledUnverified;
  return waterfall(barsOf(line.ms, isRefused), { blocks: terminal.isInteractive, columns, scaleMs, paint: terminal.paint });
}

const END_COLUMNS = 31;

type Kind = 'good' | 'refused' | 'bad';
const MARKS: Record<Kind, string> = { good: '✔', refused: '⊘', bad: '✘' };
const PLAIN_MARKS: Record<Kind, string> = { good: '+', refused: 'o', bad: '!' };
const COLOURS: Record<Kind, Parameters<Paint>[0]> = { good: 'green', refused: 'yellow', bad: 'red' };

function kindOf({ outcome }: TapLine, isRight: boolean): Kind {
  if (!isRight) return 'bad';
  return outcome === Outcome.filled || outcome === Outcome.filledUnverified ? 'good' : 'refused';
}

/** Ends that no actor tells of. */
const LOCAL: Readonly<Record<string, string>> = {
  'no-listener': 'No actor listens to the Nymi Agent. See `npm run status`.',
  'no-end': 'The tap has not ended in time. See the logs.',
  'bounce': 'The same band tapped again too soon: it counts once.',
  'paired': 'The other radio of the same gesture: it counts once.',
  'two-bands': 'Two bands tapped at the same time: neither counts.',
  'unreadable': 'The tag cannot be read as a band: it does not count.',
};
