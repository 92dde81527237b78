// How `why` speaks: what a tap on a window would do, with its grounds; and the windows that one may ask for. Titles, labels
// and addresses are the words of other programs: none of them moves the cursor of a terminal.
import { REASONS, type Reason, type Remedy } from '../contracts/reasons.ts';
import { messagesFor } from '../insight/messages.ts';
import type { WindowFacts } from '../platform/port.ts';
import type { Why, WhyField, WhyRule } from '../services/window-resolver/why.ts';
import type { Paint } from './terminal.ts';

export interface Reported {
  /** Name of the product in what a person reads. */
  readonly product: string;
  /** File of the rules. */
  readonly file: string;
  readonly paint: Paint;
}

/** The decision first, then what it was made from. */
export function whyLines(answer: Why, { product, file, paint }: Reported): string[] {
  const { window, inFront, url, frameOf, rules, fields, refused } = answer;
  const verdict = refused === null ? `${subject(inFront)} fills, unless the user field holds another person's name.` : refusal({ reason: refused, product, inFront });
  return [
    paint(['bold', refused === null ? 'green' : 'yellow'], verdict),
    ...(inFront ? [] : [`  ${behind(answer)}`]),
    '',
    windowLine(window, paint),
    `${paint('bold', 'page')}    ${url === null ? 'none: the focus is not in a document' : plain(url)}`,
    ...(frameOf === null ? [] : [`        a frame in ${plain(frameOf)}, of another origin: only an entry that names the frame's own address allows it`]),
    `${paint('bold', 'rules')}   ${rules.length === 0 ? 'none: every application may be filled' : file}`,
    ...rules.map((rule) => `  ${ruleLine(rule)}`),
    `${paint('bold', 'fields')}  ${fields.length === 0 ? 'none' : 'in reading order'}`,
    ...fields.map((field) => `  ${fieldLine(field)}`),
  ];
}

export interface UnseenReported {
  readonly tabs: number;
  readonly inFront: boolean;
  readonly paint: Paint;
}

/** Of a window that shows no fields, where the settings say how it is filled. */
export function unseenLines(window: WindowFacts, { tabs, inFront, paint }: UnseenReported): string[] {
  return [
    paint(['bold', 'green'], `${subject(inFront)} types user name, Tab${tabs === 1 ? '' : ` (${tabs} times)`} and password, and tells the person to check both.`),
    '  It shows no fields, and `unseenForms` of the settings names it: what has the focus there is not known.',
    '',
    windowLine(window, paint),
  ];
}

interface Refusal {
  readonly reason: Reason;
  readonly remedy?: Remedy | undefined;
  readonly product: string;
  readonly inFront: boolean;
}

/** The person's words for a refusal, and what the code means. */
export function refusal({ reason, remedy, product, inFront }: Refusal): string {
  const { reasons, remedies } = messagesFor({ product });
  if (reason === 'suppressed') return `${subject(inFront)} does nothing, and says nothing (suppressed).`;
  return `${subject(inFront)} fills nothing (${reason}: ${REASONS[reason]}).\n  The person reads: ${(remedy === undefined ? reasons[reason] : remedies[remedy]).message}`;
}

/** One line for each window, the one in front marked; ids are what `--window` takes. */
export function windowLines(windows: readonly WindowFacts[], front: string | null): string[] {
  const widths = (cells: readonly string[]): number => Math.max(0, ...cells.map((cell) => cell.length));
  const [ids, processes] = [windows.map(({ id }) => id), windows.map(processOf)];
  const [idWidth, processWidth] = [widths(ids), widths(processes)];
  return windows.map(({ id, title }, index) => `${id === front ? '●' : ' '} ${id.padEnd(idWidth)}  ${processes[index]!.padEnd(processWidth)}  "${plain(title)}"`);
}

const subject = (inFront: boolean): string => (inFront ? 'A tap here' : 'A tap with this window in front');

const windowLine = ({ processName, pid, title }: Pick<WindowFacts, 'processName' | 'pid' | 'title'>, paint: Paint): string =>
  `${paint('bold', 'window')}  ${plain(processName)} (process ${pid}), "${plain(title)}"`;

const processOf = ({ processName, pid }: WindowFacts): string => (pid === 0 ? 'a program that does not name itself' : `${plain(processName)} (${pid})`);

/** What cannot be known of a window that is not in front. */
function behind({ focusAssumed, fields }: Why): string {
  if (!focusAssumed) return 'It is behind other windows: what its program changes when it comes to the front is not known.';
  const field = fields.find(({ focused }) => focused);
  return `It is behind other windows, where its program does not tell which field has the focus: ${field === undefined ? 'with none of them a tap would fill.' : `assumed is "${plain(field.label)}".`}`;
}

function ruleLine({ list, entry, compared, matches, decides }: WhyRule): string {
  const parts = compared.map(({ attribute, wanted, found, matches: same }) => `${attribute} "${plain(wanted)}" ${same ? 'matches' : found === null ? 'has nothing to match' : `does not match "${plain(found)}"`}`);
  return `${matches ? '✔' : '✘'} ${list} ${entry}: ${parts.join(', ')}${decides ? '  ← decides' : ''}`;
}

function fieldLine({ label, role, focused, visible, editable, taken, part }: WhyField): string {
  const states = [focused ? 'has the focus' : '', visible ? '' : 'hidden', editable ? '' : 'not editable'].filter(Boolean);
  const filled = part === null ? ' ' : '●';
  return `${filled} ${role} "${plain(label)}": ${[taken, ...states].join(', ')}${part === null ? '' : `  ← ${PARTS[part]}`}`;
}

const PARTS = { user: 'user name', password: 'password' } as const;

const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·');
