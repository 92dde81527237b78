// May this tap fill, and where? Pure: what is in front and the rules go in, a target or one reason comes out.
import type { ApplicationRules } from '../../config/applications.ts';
import { isProblem, type ConfigProblem } from '../../config/problem.ts';
import type { UnseenForm } from '../../config/schema.ts';
import type { Reason, Remedy } from '../../contracts/reasons.ts';
import { UNSEEN_TITLE_MAX, type Target } from '../../contracts/target.ts';
import { isTrouble, type Context, type Trouble, type WindowFacts } from '../../platform/port.ts';
import { compare, judge, suppressedBy, type Verdict } from './applications.ts';
import { findPair } from './fields.ts';

export interface Application {
  readonly process: string;
  readonly origin: string | null;
}

export interface Resolved {
  readonly target: Target;
  readonly focusOn: 'user' | 'password';
  readonly userEmpty: boolean;
  readonly userEditable: boolean;
  readonly application: Application;
}
export interface Refused {
  readonly refused: Reason;
  readonly remedy?: Remedy;
  readonly application: Application | null;
}

/** First look, before anything is shown: is this window to be left alone without a word? */
export function isSuppressed(rules: ApplicationRules | ConfigProblem, window: WindowFacts | Trouble): boolean {
  return !isProblem(rules) && !isTrouble(window) && suppressedBy(rules, window.processName) !== null;
}

export function resolve(rules: ApplicationRules | ConfigProblem, context: Context | Trouble): Resolved | Refused {
  if (isProblem(rules)) return { refused: 'settings-broken', application: null };
  if (isTrouble(context)) return { refused: context.trouble, application: null, ...(context.remedy && { remedy: context.remedy }) };
  const { window, url } = context;
  const application = { process: window.processName, origin: originOf(url) };
  const verdict = judgeDocument(rules, context);
  if (verdict.verdict === 'suppressed') return { refused: 'suppressed', application };
  if (verdict.verdict === 'not-configured') return { refused: 'not-configured', application };
  const pair = findPair(context, verdict.usernameFieldType);
  if (typeof pair === 'string') return { refused: pair, application };
  const { user, password, focusOn } = pair;
  return {
    target: { window: { id: window.id, pid: window.pid }, url, user: { ref: user.ref, role: user.role }, password: { ref: password.ref } },
    focusOn,
    userEmpty: user.empty,
    userEditable: user.editable,
    application,
  };
}

/**
 * The same for a window that shows no fields, so that `resolve` refused it: only where an administrator has told how its
 * login form is filled blindly, and no flag would make it show its fields.
 */
export function resolveUnseen(
  rules: ApplicationRules | ConfigProblem, refused: Refused, front: WindowFacts | Trouble, forms: readonly UnseenForm[],
): Resolved | Refused {
  if (isProblem(rules) || isTrouble(front) || refused.refused !== 'no-accessibility' || refused.remedy !== undefined) return refused;
  const application = { process: front.processName, origin: null };
  const form = forms.find(({ processName, windowTitle }) => compare({ processName, windowTitle, url: null }, front, null).every(({ matches }) => matches));
  const { id, pid, title } = front;
  if (form === undefined || title.length > UNSEEN_TITLE_MAX) return { ...refused, application };
  const verdict = judge(rules, front, null);
  if (verdict.verdict !== 'allowed') return { refused: verdict.verdict, application };
  if (verdict.usernameFieldType !== 'text') return { ...refused, application };
  const unseen = { title, tabs: form.tabs };
  const target = { window: { id, pid }, url: null, user: { ref: 'unseen:user', role: 'text' }, password: { ref: 'unseen:password' }, unseen } as const;
  return { target, focusOn: 'user', userEmpty: true, userEditable: true, application };
}

/**
 * A frame of another origin is not what the address bar shows, and whoever made it hears what is typed there: it is judged
 * by its own URL, and only an entry that names one allows it.
 */
function judgeDocument(rules: ApplicationRules, { window, url, pageUrl }: Context): Verdict {
  if (isOfPage({ url, pageUrl })) return judge(rules, window, url);
  const included = rules.included.filter((entry) => entry.url !== null);
  const verdict = judge({ ...rules, included }, window, url);
  return verdict.verdict === 'allowed' && included.length === 0 ? { verdict: 'not-configured' } : verdict;
}

/** Has the document with the focus the origin of its page? One without a host, as a script writes it, is only the same as itself. */
export function isOfPage({ url, pageUrl }: Pick<Context, 'url' | 'pageUrl'>): boolean {
  if (url === pageUrl) return true;
  const origins = [url, pageUrl].map((one) => (one === null ? null : URL.parse(one)?.origin ?? null));
  return origins[0] === origins[1] && origins[0] !== null && origins[0] !== 'null';
}

/** Scheme, host and port; files and other documents without a host are named by their scheme. */
function originOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { origin, protocol } = new URL(url);
  return origin === 'null' ? protocol : origin;
}
