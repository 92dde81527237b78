// What a case of the suite is: a page, where the focus is, and what must be in its fields when the tap is over.
import { parseApplications, type ApplicationRules } from '../../../config/applications.ts';
import { isProblem } from '../../../config/problem.ts';
import type { Outcome, Reason } from '../../../contracts/reasons.ts';

export const NAME = 'operator.one';
export const PASSWORD = 'Sesame-7{Open}|"~^Z';

export interface Expected {
  readonly outcomes: readonly Outcome[];
  /** Any of them: where two things happen at once, either may be seen first. */
  readonly reasons: readonly Reason[];
  /** Fields that keys may reach, and the only ones that may differ from what they were at the start. */
  readonly pair: readonly [user: string, password: string];
  /** The name is chosen from a list; keys, where nothing else works there, are a beginning of the option, then arrows. */
  readonly chosen?: true;
  /** A list of the page is closed by this key, where the name is not in it. */
  readonly closes?: 'Escape';
  /** Text of fields at the end; any other field is as it was at the start. */
  readonly fields: Readonly<Record<string, string>>;
  /** Fields to which a script of the page takes the focus in the middle: they may keep one character. */
  readonly astray: readonly string[];
}

export interface More {
  /** Bodies of frames by their names. */
  readonly frames?: Readonly<Record<string, string>>;
  /** Bodies of further documents, to which a script of the page may go. */
  readonly documents?: Readonly<Record<string, string>>;
  /** Rules of `appsettings.json`; without them every application is allowed. */
  readonly rules?: (site: Origins) => ApplicationRules;
  /** Keys that the person presses after the focus: X keysyms by name. */
  readonly keys?: readonly ('Down' | 'Bar')[];
}

/** Where the pages of a case come from. */
export interface Origins {
  readonly page: string;
  readonly other: string;
}

export type Case = readonly [title: string, page: string, focus: string, expected: Expected, more?: More];

/** Name and password arrive. */
export const filled = (userField = 'user', passwordField = 'password'): Expected =>
  ({ outcomes: ['filled'], reasons: ['ok'], pair: [userField, passwordField], fields: { [userField]: NAME, [passwordField]: PASSWORD }, astray: [] });
/** The name is chosen from a list, the password arrives. */
export const chosen = (): Expected => ({ ...filled(), chosen: true });
/** The name stays as it is, the password arrives. */
export const passwordOnly = (userField = 'user', passwordField = 'password'): Expected =>
  ({ ...filled(userField, passwordField), fields: { [passwordField]: PASSWORD } });
/** Not one key is pressed. */
export const refused = (...reasons: readonly Reason[]): Expected => ({ outcomes: ['refused'], reasons, pair: ['', ''], fields: {}, astray: [] });
/** Something was typed and is taken back. */
export const failed = (...reasons: readonly Reason[]): Expected => ({ outcomes: ['failed'], reasons, pair: ['user', 'password'], fields: {}, astray: [] });
/** Refused before the first key, or, where the program tells so late, taken back. */
export const kept = (...reasons: readonly Reason[]): Expected => ({ ...failed(...reasons), outcomes: ['refused', 'failed'] });

/** Rules of one entry. */
export const only = (entry: (site: Origins) => Readonly<Record<string, string>>): Required<Pick<More, 'rules'>> => ({
  rules: (site) => {
    const rules = parseApplications('appsettings.json', JSON.stringify({ included: [entry(site)] }));
    if (isProblem(rules)) throw new Error(rules.message);
    return rules;
  },
});
