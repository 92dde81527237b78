// Judges the window in front by the rules of `appsettings.json`. Pure: rules and facts in, verdict out.
import type { ApplicationRules, IncludedEntry, UserFieldType } from '../../config/applications.ts';
import { urlMatches } from '../../config/url-pattern.ts';
import type { WindowFacts } from '../../platform/port.ts';

const TITLE_CHARACTERS_MAX = 4_096;

/** What the rules say of a window; `entry` is an index into the list that decided. */
export type Verdict =
  | { readonly verdict: 'suppressed'; readonly entry: number }
  | { readonly verdict: 'not-configured' }
  /** `entry` is null where no list restricts. */
  | { readonly verdict: 'allowed'; readonly entry: number | null; readonly usernameFieldType: UserFieldType };

export type WindowNames = Pick<WindowFacts, 'processName' | 'title'>;

/** Index of the suppressing entry, or null. Needs no document, so it can be asked before anything else is looked at. */
export function suppressedBy(rules: ApplicationRules, processName: string): number | null {
  const index = rules.suppressed.findIndex((name) => processKey(name) === processKey(processName));
  return index < 0 ? null : index;
}

/** The whole verdict. `url` is that of the focused document, null outside of documents. Suppression wins; the first included entry that matches decides. */
export function judge(rules: ApplicationRules, window: WindowNames, url: string | null): Verdict {
  const suppressed = suppressedBy(rules, window.processName);
  if (suppressed !== null) return { verdict: 'suppressed', entry: suppressed };
  if (rules.included.length === 0) return { verdict: 'allowed', entry: null, usernameFieldType: 'text' };
  const entry = rules.included.findIndex((candidate) => entryMatches(candidate, window, url));
  const found = rules.included[entry];
  return found === undefined ? { verdict: 'not-configured' } : { verdict: 'allowed', entry, usernameFieldType: found.usernameFieldType };
}

/** One attribute of an entry beside what the window has. */
export interface Compared {
  readonly attribute: 'processName' | 'windowTitle' | 'applicationUrl';
  readonly wanted: string;
  /** Null: the window has none. */
  readonly found: string | null;
  readonly matches: boolean;
}

/** The attributes that an entry names; it matches if all of them do. */
export function compare({ processName, windowTitle, url: pattern }: Omit<IncludedEntry, 'usernameFieldType'>, window: WindowNames, url: string | null): Compared[] {
  const compared: Compared[] = [];
  if (processName !== null) {
    compared.push({ attribute: 'processName', wanted: processName, found: window.processName, matches: processKey(processName) === processKey(window.processName) });
  }
  if (windowTitle !== null) {
    compared.push({ attribute: 'windowTitle', wanted: windowTitle, found: window.title, matches: titleKey(window.title).includes(titleKey(windowTitle)) });
  }
  if (pattern !== null) compared.push({ attribute: 'applicationUrl', wanted: pattern.text, found: url, matches: urlMatches(pattern, url) });
  return compared;
}

const entryMatches = (entry: IncludedEntry, window: WindowNames, url: string | null): boolean => compare(entry, window, url).every(({ matches }) => matches);

/** Program names do not tell letters apart by case, and a rule may name the file. */
function processKey(name: string): string {
  return name.trim().toLowerCase().replace(/\.exe$/, '');
}

/** Browsers put zero-width and no-break spaces into titles that nobody sees and nobody types into a rule. */
function titleKey(title: string): string {
  return title.slice(0, TITLE_CHARACTERS_MAX).normalize('NFKC').replace(/[\u200b-\u200f\u2060\ufeff]/g, '').replace(/\s+/g, ' ').trim().toLowerCase();
}
