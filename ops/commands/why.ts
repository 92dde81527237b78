// `tapline why`: what a tap would do, with each rule and each field, and without a tap; on the window in front, or on any other.
import { setTimeout as after } from 'node:timers/promises';
import { APPLICATIONS_UNTIL_THEN, loadApplications, type ApplicationRules } from '../../config/applications.ts';
import type { Config } from '../../config/load.ts';
import { isProblem, problemLine, type ConfigProblem } from '../../config/problem.ts';
import { platformFor } from '../../platform/index.ts';
import { MissingLibraryError, isTrouble, type Look, type Sighting, type Trouble, type WindowFacts } from '../../platform/port.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { resolveUnseen } from '../../services/window-resolver/decide.ts';
import { why as explain } from '../../services/window-resolver/why.ts';
import { Exit } from '../exit.ts';
import { configInUse } from '../lab/control.ts';
import type { Terminal } from '../terminal.ts';
import { refusal, unseenLines, whyLines, windowLines } from '../why-report.ts';

export interface WhyOptions {
  readonly json: boolean;
  /** Seconds until it looks. */
  readonly in: string;
  /** Id, process name or a part of the title; the window in front if not given. */
  readonly window?: string | undefined;
  /** Only tells which windows there are. */
  readonly list: boolean;
}

/** No window, or several, go by what was given for one. */
interface Unclear {
  readonly candidates: readonly WindowFacts[];
}

const SECONDS_MAX = 600;

/** 0: a tap would fill, or the list; 1: it would not, and why; 2: no such number or window; 4: rules or settings cannot be used. */
export async function why(options: WhyOptions, terminal: Terminal): Promise<Exit> {
  const { json, window, list } = options;
  const seconds = Number(options.in);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > SECONDS_MAX) return misused(`--in takes whole seconds from 0 to ${SECONDS_MAX}.`, terminal);
  if (list && window !== undefined) return misused('--list tells of all windows, --window of one: give one of the two.', terminal);
  const config = configInUse();
  if (isProblem(config)) return unusable(config, 'Every tap is refused until it is mended.', { json, terminal });
  const rules = loadApplications(config.applications.file);
  if (isProblem(rules) && !list) return unusable(rules, APPLICATIONS_UNTIL_THEN, { json, terminal });
  await countDown(seconds, terminal);
  if (isProblem(rules) || list) return listed(config, json, terminal);
  const seen = await looking(config, (look) => (window === undefined ? inFront(look) : named(look, window)));
  if ('candidates' in seen) return unclear(seen, terminal);
  if (isTrouble(seen)) return unsighted(rules, seen, config, { json, terminal, inFront: window === undefined });
  const answer = explain(rules, seen);
  if (json) terminal.print(JSON.stringify(answer));
  else whyLines(answer, { product: config.product, file: config.applications.file, paint: terminal.paint }).forEach(terminal.print);
  return answer.refused === null ? Exit.ok : Exit.failed;
}

async function listed(config: Config, json: boolean, terminal: Terminal): Promise<Exit> {
  const seen = await looking(config, listOf);
  if (isTrouble(seen)) return troubled(seen, config, { json, terminal });
  const { windows, front } = seen;
  if (json) terminal.print(JSON.stringify(windows.map((window) => ({ ...window, inFront: window.id === front }))));
  else windowLines(windows, front).forEach(terminal.print);
  return Exit.ok;
}

async function listOf(look: Look): Promise<{ readonly windows: readonly WindowFacts[]; readonly front: string | null } | Trouble> {
  const [windows, front] = [await look.windows(), await look.foreground()];
  return isTrouble(windows) ? windows : { windows, front: isTrouble(front) ? null : front.id };
}

/** A trouble, and the window that it was met in, as far as that is known. */
interface Unsighted extends Trouble {
  readonly window?: WindowFacts;
}

async function inFront(look: Look): Promise<Sighting | Unsighted> {
  const context = await look.context();
  if (!isTrouble(context)) return { ...context, inFront: true, focusKnown: true };
  const window = await look.foreground();
  return isTrouble(window) ? context : { ...context, window };
}

/** By the id; else by the name of the process; else by a part of the title. Letters are not told apart by case. */
async function named(look: Look, wanted: string): Promise<Sighting | Unsighted | Unclear> {
  const windows = await look.windows();
  if (isTrouble(windows)) return windows;
  const [own, part] = [wanted.trim(), wanted.trim().toLowerCase()];
  const kinds = [
    windows.filter(({ id }) => id === own),
    windows.filter(({ processName }) => part !== '' && processName.toLowerCase() === part),
    windows.filter(({ title }) => part !== '' && title.toLowerCase().includes(part)),
  ];
  const found = kinds.find((kind) => kind.length > 0) ?? [];
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return { candidates: found };
  const sighted = await look.contextOf(only.id);
  return isTrouble(sighted) ? { ...sighted, window: only } : sighted;
}

function unclear({ candidates }: Unclear, terminal: Terminal): Exit {
  if (candidates.length === 0) return misused('No window has that id, process or title. `why --list` tells which there are.', terminal);
  return misused(['Several windows go by that; give the id of one:', ...windowLines(candidates, null)].join('\n'), terminal);
}

/** A window that shows no fields may be filled all the same, or be refused for what the rules say of it. */
function unsighted(rules: ApplicationRules, { window, ...trouble }: Unsighted, config: Config, telling: Telling): Exit {
  const { trouble: refused, remedy } = trouble;
  const result = window === undefined ? null : resolveUnseen(rules, { refused, application: null, ...(remedy && { remedy }) }, window, config.unseenForms);
  if (result === null || window === undefined) return troubled(trouble, config, telling);
  if ('refused' in result) return troubled({ ...trouble, trouble: result.refused }, config, telling);
  const { json, terminal, inFront: front = true } = telling;
  const tabs = result.target.unseen?.tabs ?? 0;
  if (json) terminal.print(JSON.stringify({ window, inFront: front, unseen: { tabs }, refused: null }));
  else unseenLines(window, { tabs, inFront: front, paint: terminal.paint }).forEach(terminal.print);
  return Exit.ok;
}

interface Telling {
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly inFront?: boolean;
}

function troubled({ trouble, detail, remedy }: Trouble, { product }: Config, { json, terminal, inFront: front = true }: Telling): Exit {
  if (json) terminal.print(JSON.stringify({ refused: trouble, detail }));
  else terminal.print(`${refusal({ reason: trouble, remedy, product, inFront: front })}\n  ${detail}`);
  return Exit.failed;
}

function unusable(problem: ConfigProblem, untilThen: string, { json, terminal }: Telling): Exit {
  if (json) terminal.print(JSON.stringify({ refused: 'settings-broken', detail: problemLine(problem) }));
  else terminal.note(`${problem.message} (${problemLine(problem)})\n${untilThen} Check with: npm run tapline -- config check`);
  return Exit.configuration;
}

function misused(sentence: string, terminal: Terminal): Exit {
  terminal.note(sentence);
  return Exit.usage;
}

/** Time to click into the form: the window in front is this terminal now. */
async function countDown(seconds: number, terminal: Terminal): Promise<void> {
  for (let left = seconds; left > 0; left--) {
    terminal.progress(`Click into the form; looking in ${left} s`);
    await after(1000);
  }
  terminal.progress(null);
}

async function looking<T>(config: Config, use: (look: Look) => Promise<T>): Promise<T | Trouble> {
  const address = desktopAddress(config);
  try {
    const look = await (await platformFor(address)).look(address);
    return await use(look).finally(() => look.close());
  } catch (error) {
    if (error instanceof MissingLibraryError) return { trouble: 'no-desktop', detail: error.message };
    return { trouble: 'no-desktop', detail: `no desktop can be reached (${address.kind}${address.display === undefined ? '' : ` ${address.display}`}): run it in the session of the person` };
  }
}
