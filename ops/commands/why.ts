// `tapline why`: what a tap on the window in front would do, with each rule and each field, and without a tap.
import { setTimeout as after } from 'node:timers/promises';
import { APPLICATIONS_UNTIL_THEN, loadApplications } from '../../config/applications.ts';
import type { Config } from '../../config/load.ts';
import { isProblem, problemLine, type ConfigProblem } from '../../config/problem.ts';
import { REASONS, type Reason } from '../../contracts/reasons.ts';
import { messagesFor } from '../../insight/messages.ts';
import { platformFor } from '../../platform/index.ts';
import { isTrouble, type Context, type Trouble } from '../../platform/port.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { why as explain, type Why, type WhyField, type WhyRule } from '../../services/window-resolver/why.ts';
import { Exit } from '../exit.ts';
import { configInUse } from '../lab/control.ts';
import type { Terminal } from '../terminal.ts';

export interface WhyOptions {
  readonly json: boolean;
  /** Seconds until it looks. */
  readonly in: string;
}

const SECONDS_MAX = 600;

/** 0: a tap would fill; 1: it would not, and why; 2: no such number; 4: the rules or settings cannot be used. */
export async function why({ json, in: given }: WhyOptions, terminal: Terminal): Promise<Exit> {
  const seconds = Number(given);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > SECONDS_MAX) {
    terminal.note(`--in takes whole seconds from 0 to ${SECONDS_MAX}.`);
    return Exit.usage;
  }
  const config = configInUse();
  if (isProblem(config)) return unusable(config, 'Every tap is refused until it is mended.', { json, terminal });
  const rules = loadApplications(config.applications.file);
  if (isProblem(rules)) return unusable(rules, APPLICATIONS_UNTIL_THEN, { json, terminal });
  await countDown(seconds, terminal);
  const context = await inFront(config);
  if (isTrouble(context)) {
    if (json) terminal.print(JSON.stringify({ refused: context.trouble, detail: context.detail }));
    else terminal.print(`${refusal(context.trouble, config.product)}\n  ${context.detail}`);
    return Exit.failed;
  }
  const answer = explain(rules, context);
  if (json) terminal.print(JSON.stringify(answer));
  else lines(answer, config, terminal).forEach(terminal.print);
  return answer.refused === null ? Exit.ok : Exit.failed;
}

function unusable(problem: ConfigProblem, untilThen: string, { json, terminal }: { readonly json: boolean; readonly terminal: Terminal }): Exit {
  if (json) terminal.print(JSON.stringify({ refused: 'settings-broken', detail: problemLine(problem) }));
  else terminal.note(`${problem.message} (${problemLine(problem)})\n${untilThen} Check with: npm run tapline -- config check`);
  return Exit.configuration;
}

/** Time to click into the form: the window in front is this terminal now. */
async function countDown(seconds: number, terminal: Terminal): Promise<void> {
  for (let left = seconds; left > 0; left--) {
    terminal.progress(`Click into the form; looking in ${left} s`);
    await after(1000);
  }
  terminal.progress(null);
}

async function inFront(config: Config): Promise<Context | Trouble> {
  const address = desktopAddress(config);
  try {
    const look = await (await platformFor(address)).look(address);
    return await look.context().finally(() => look.close());
  } catch {
    return { trouble: 'no-desktop', detail: `no desktop can be reached (${address.kind}${address.display === undefined ? '' : ` ${address.display}`}): run it in the session of the person` };
  }
}

function lines({ window, url, rules, fields, refused }: Why, { product, applications }: Config, { paint }: Terminal): string[] {
  const verdict = refused === null ? 'A tap here fills, unless the user field holds another person\'s name.' : refusal(refused, product);
  return [
    paint(['bold', refused === null ? 'green' : 'yellow'], verdict),
    '',
    `${paint('bold', 'window')}  ${window.processName} (process ${window.pid}), "${window.title}"`,
    `${paint('bold', 'page')}    ${url ?? 'none: the focus is not in a document'}`,
    `${paint('bold', 'rules')}   ${rules.length === 0 ? 'none: every application may be filled' : applications.file}`,
    ...rules.map((rule) => `  ${ruleLine(rule)}`),
    `${paint('bold', 'fields')}  ${fields.length === 0 ? 'none' : 'in reading order'}`,
    ...fields.map((field) => `  ${fieldLine(field)}`),
  ];
}

function ruleLine({ list, entry, compared, matches, decides }: WhyRule): string {
  const parts = compared.map(({ attribute, wanted, found, matches: same }) => `${attribute} "${wanted}" ${same ? 'matches' : found === null ? 'has nothing to match' : `does not match "${found}"`}`);
  return `${matches ? '✔' : '✘'} ${list} ${entry}: ${parts.join(', ')}${decides ? '  ← decides' : ''}`;
}

function fieldLine({ label, role, focused, visible, editable, taken, part }: WhyField): string {
  const states = [focused ? 'has the focus' : '', visible ? '' : 'hidden', editable ? '' : 'not editable'].filter(Boolean);
  const filled = part === null ? ' ' : '●';
  return `${filled} ${role} "${label}": ${[taken, ...states].join(', ')}${part === null ? '' : `  ← ${PARTS[part]}`}`;
}

const PARTS = { user: 'user name', password: 'password' } as const;

/** The person's words for it, and what the code means. */
function refusal(reason: Reason, product: string): string {
  if (reason === 'suppressed') return 'A tap here does nothing, and says nothing (suppressed).';
  return `A tap here fills nothing (${reason}: ${REASONS[reason]}).\n  The person reads: ${messagesFor({ product }).reasons[reason].message}`;
}
