// The pages that the lab, the demo and the acceptance suite open, as plain data, so that a virtual desktop and a
// real page show the same fields under the same names.
import { FieldRole } from '../port.ts';

export interface FieldSpec {
  /** The HTML `name` and `id`; unique within the page. */
  readonly name: string;
  /** Accessible name. */
  readonly label: string;
  readonly role: FieldRole;
  readonly autocomplete?: string | undefined;
  /** Name of the enclosing form; `main` unless told. */
  readonly form?: string | undefined;
  /** What the field holds when the page opens; for a drop-down the chosen option. */
  readonly value?: string | undefined;
  /** Options of a drop-down in order; the first is chosen unless `value` says otherwise. */
  readonly options?: readonly string[] | undefined;
  readonly readOnly?: boolean | undefined;
  readonly hidden?: boolean | undefined;
  /** As the HTML attribute: UTF-16 units. */
  readonly maxLength?: number | undefined;
}

export interface PageSpec {
  readonly title: string;
  /** Path below the origin of the lab. */
  readonly path: string;
  /** In reading order. */
  readonly fields: readonly FieldSpec[];
}

export const SceneName = {
  login: 'login',
  /** Inputs whose value a script owns, as React's controlled inputs. */
  controlled: 'controlled',
  /** Electronic signature of two people: two pairs in one form. */
  dual: 'dual',
  select: 'select',
  search: 'search',
  prefilled: 'prefilled',
  readonly: 'readonly',
  nopassword: 'nopassword',
  /** The password field takes eight characters. */
  short: 'short',
} as const;
export type SceneName = (typeof SceneName)[keyof typeof SceneName];
export const SCENE_NAMES = Object.keys(SceneName) as [SceneName, ...SceneName[]];

const user: FieldSpec = { name: 'user', label: 'User name', role: FieldRole.text, autocomplete: 'username' };
const password: FieldSpec = {
  name: 'password', label: 'Password', role: FieldRole.password, autocomplete: 'current-password',
};

export const SCENES: Readonly<Record<SceneName, PageSpec>> = {
  login: { title: 'Sign in', path: '/login', fields: [user, password] },
  controlled: { title: 'Sign in (controlled)', path: '/controlled', fields: [user, password] },
  dual: {
    title: 'Electronic signature',
    path: '/dual',
    fields: [
      { ...user, name: 'user1', label: 'Performed by' },
      { ...password, name: 'password1', label: 'Password of the performer' },
      { ...user, name: 'user2', label: 'Verified by' },
      { ...password, name: 'password2', label: 'Password of the verifier' },
    ],
  },
  select: {
    title: 'Sign in (list)',
    path: '/select',
    fields: [
      { ...user, role: FieldRole.select, options: ['Choose…', 'operator.one', 'operator.two', 'operator.one.deputy'] },
      password,
    ],
  },
  search: {
    title: 'Batch records',
    path: '/search',
    fields: [
      { name: 'search', label: 'Search', role: FieldRole.text, form: 'search', autocomplete: 'off' },
      user,
      password,
    ],
  },
  prefilled: {
    title: 'Unlock', path: '/prefilled', fields: [{ ...user, value: 'operator.seven' }, password],
  },
  readonly: {
    title: 'Confirm', path: '/readonly', fields: [{ ...user, value: 'operator.seven', readOnly: true }, password],
  },
  nopassword: {
    title: 'Comment',
    path: '/nopassword',
    fields: [user, { name: 'comment', label: 'Comment', role: FieldRole.text }],
  },
  short: { title: 'Sign in (short)', path: '/short', fields: [user, { ...password, maxLength: 8 }] },
};
