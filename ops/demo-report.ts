// The words of the demo: what it is about, each tap, and what remains to look at.
import type { Audited, Played } from './commands/demo.ts';
import { formLine, sentenceOf, stageLines, tapLine } from './tap-report.ts';
import type { Terminal } from './terminal.ts';

type Style = Pick<Terminal, 'paint' | 'isInteractive' | 'columns'>;

export interface Summary {
  readonly taps: readonly Played[];
  readonly audit: Audited;
  /** Folder of logs and pictures. */
  readonly kept: string;
  readonly screenshot: string | null;
  readonly isRight: boolean;
}

/** Milliseconds across all bars, so that the taps compare; more for a tap that took longer. */
const SCALE_MS = 250;
const INDENT = '    ';
const WITHOUT_BROWSER = 'Without a browser: npm run demo -- --desktop virtual';
const WITH_BROWSER = 'On a real one: npm run demo -- --desktop x11';

export function headline(desktop: 'x11' | 'virtual', missing: readonly string[], { paint }: Style): string[] {
  const where = desktop === 'x11'
    ? 'On a real desktop of its own: Chromium on Xvfb, seen through AT-SPI, typed with XTEST.'
    : 'On the virtual desktop, in memory: same actors, same messages, no browser.';
  return ['', `${paint('bold', 'Tapline')}  a tap fills the login form in front`, paint('dim', where), paint('dim', desktop === 'x11' ? WITHOUT_BROWSER : missing.length === 0 ? WITH_BROWSER : howToGetX11(missing)), ''];
}

export const howToGetX11 = (missing: readonly string[]): string =>
  process.platform === 'linux' ? `For a real one: apt-get install -y ${missing.join(' ')}` : 'A real one needs Linux with Chromium, Xvfb and AT-SPI.';

export function actLines(played: Played, product: string, style: Style): string[] {
  const { paint } = style;
  const { act, arrived, shown } = played;
  const sentence = sentenceOf(played, product);
  return [
    `${paint('bold', act.title)}  ${paint('dim', PAGES[act.page] ?? '')}`,
    tapLine(played, style),
    ...stageLines(played, style, Math.max(SCALE_MS, played.line.ms.total ?? 0)).map((line) => INDENT + line),
    `${INDENT}${paint('dim', 'in the form:')}      ${formLine(shown)}`,
    ...(arrived ? [] : [INDENT + paint('red', 'the fields do not hold what they should')]),
    ...(sentence === null ? [] : [`${INDENT}${paint('dim', 'the person reads:')} ${sentence}`]),
    '',
  ];
}

export function summaryLines({ taps, audit, kept, screenshot, isRight }: Summary, { paint }: Style): string[] {
  const checked = taps.every(({ arrived }) => arrived) ? 'exactly the right characters in the right fields, nothing elsewhere, nothing submitted' : 'something else arrived than should';
  return [
    `${paint('bold', 'Fields')}      ${checked}`,
    `${paint('bold', 'Audit log')}   ${audit.verified ? `${audit.events} records, hash chain verified` : paint('red', 'NOT VERIFIED')}`,
    ...(screenshot === null ? [] : [`${paint('bold', 'Screenshot')}  ${screenshot}`]),
    `${paint('bold', 'Logs')}        ${kept}`,
    '',
    isRight ? paint('green', 'All as it should be; everything is stopped.') : paint('red', 'Not all was as it should be; everything is stopped.'),
    paint('dim', 'Next: `npm run lab`, and in another terminal `npm run tapline -- tap --band NB-01`.'),
  ];
}

const PAGES: Readonly<Record<string, string>> = { login: 'a login page, the cursor in the user field', dual: 'a signature page for two' };
