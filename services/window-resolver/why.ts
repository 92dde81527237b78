// Why a tap on a window would fill, or would not: every rule and every field with what was made of it. Pure; the
// decision is the very one that a tap gets.
import type { ApplicationRules } from '../../config/applications.ts';
import type { Reason } from '../../contracts/reasons.ts';
import type { Context, Field, Sighting } from '../../platform/port.ts';
import { compare, suppressedBy, type Compared } from './applications.ts';
import { isOfPage, resolve } from './decide.ts';
import { passwordUse, UserRank, userRank } from './hints.ts';

export interface WhyRule {
  readonly list: 'suppressed' | 'included';
  /** From 1, as one counts in the file. */
  readonly entry: number;
  readonly compared: readonly Compared[];
  readonly matches: boolean;
  /** It is the one that decided. */
  readonly decides: boolean;
}

export interface WhyField {
  readonly label: string;
  readonly role: Field['role'];
  readonly focused: boolean;
  readonly visible: boolean;
  readonly editable: boolean;
  /** What its words say: of a password field its use, of another one how likely it holds the user name. */
  readonly taken: string;
  readonly part: 'user' | 'password' | null;
}

export interface Why {
  readonly window: { readonly processName: string; readonly title: string; readonly pid: number };
  readonly inFront: boolean;
  /** The program does not tell from behind which field has the focus: it is taken to be one with which a tap would fill. */
  readonly focusAssumed: boolean;
  readonly url: string | null;
  /** Of the page around it, if the focus is in a frame of another origin: only an entry that names the frame's own address counts. */
  readonly frameOf: string | null;
  readonly rules: readonly WhyRule[];
  readonly fields: readonly WhyField[];
  /** Null: a tap would fill, unless the user field holds another person's name. */
  readonly refused: Reason | null;
}

export function why(rules: ApplicationRules, seen: Sighting): Why {
  const context = seen.focusKnown ? seen : assuming(rules, seen);
  const { window, url, fields, focused } = context;
  const result = resolve(rules, context);
  const target = 'refused' in result ? null : result.target;
  return {
    window: { processName: window.processName, title: window.title, pid: window.pid },
    inFront: seen.inFront,
    focusAssumed: !seen.focusKnown,
    url,
    frameOf: isOfPage(context) ? null : context.pageUrl,
    rules: rulesOf(rules, context),
    fields: fields.map((field, index) => ({
      label: field.label,
      role: field.role,
      focused: index === focused,
      visible: field.visible,
      editable: field.editable,
      taken: field.role === 'password' ? passwordUse(field) : RANK_NAMES[userRank(field)],
      part: field.ref === target?.user.ref ? 'user' : field.ref === target?.password.ref ? 'password' : null,
    })),
    refused: 'refused' in result ? result.refused : null,
  };
}

function assuming(rules: ApplicationRules, context: Context): Context {
  const focused = context.fields.findIndex((_, index) => !('refused' in resolve(rules, { ...context, focused: index })));
  return focused < 0 ? context : { ...context, focused };
}

function rulesOf(rules: ApplicationRules, { window, url, pageUrl }: Context): WhyRule[] {
  const { suppressed, included } = rules;
  const names = suppressed.map((processName) => compare({ processName, windowTitle: null, url: null }, window, url));
  const entries = included.map((entry) => compare(entry, window, url));
  const silencing = suppressedBy(rules, window.processName);
  const counts = (index: number): boolean => isOfPage({ url, pageUrl }) || included[index]?.url !== null;
  const allowing = silencing === null ? entries.findIndex((entry, index) => counts(index) && matchesAll(entry)) : null;
  return [...names.map(ruleOf('suppressed', silencing)), ...entries.map(ruleOf('included', allowing))];
}

const ruleOf = (list: WhyRule['list'], deciding: number | null) => (compared: readonly Compared[], index: number): WhyRule =>
  ({ list, entry: index + 1, compared, matches: matchesAll(compared), decides: index === deciding });

const matchesAll = (compared: readonly Compared[]): boolean => compared.every(({ matches }) => matches);

const RANK_NAMES: Readonly<Record<UserRank, string>> = {
  [UserRank.never]: 'no user name',
  [UserRank.unlikely]: 'a setting, no user name',
  [UserRank.unknown]: 'may be a user name',
  [UserRank.email]: 'an address, may be a user name',
  [UserRank.user]: 'a user name',
  [UserRank.declared]: 'a user name, as the page declares',
};
