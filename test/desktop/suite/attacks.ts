// What the adversary may do while a tap fills: with the windows of the desktop, or by a script of the page itself.
import type { Case } from './case.ts';
import { filled } from './case.ts';
import { field, form, password, user } from './html.ts';

/** The windows that the adversary plays with. */
export interface Windows {
  readonly tested: number;
  readonly other: number;
  readonly plain: number;
}

export interface Attack {
  readonly name: string;
  /** `windows` and `document` leave no character astray; a `script` in the page moves the focus between two keys. */
  readonly kind: 'none' | 'windows' | 'document' | 'script';
  /** Moments and windows that get the keyboard; `at` is a number from 0 to 1. */
  readonly steal?: (windows: Windows, afterMs: number, at: number) => (readonly [ms: number, window: number])[];
  /** Afterwards the password cannot be reached: what is in it stays, and the person is told. */
  readonly seals?: true;
  /** Runs in the page. */
  readonly run?: string;
}

/** A tap takes about so long; the adversary strikes at any moment of it. */
export const STRIKE_WITHIN_MS = 190;
const FLIPS = 12;
const FLIP_MS_MAX = 3;

const flips = ({ tested, plain }: Windows, afterMs: number, at: number): (readonly [number, number])[] =>
  Array.from({ length: 2 * FLIPS }, (_, index) => [index === 0 ? afterMs : at * FLIP_MS_MAX, index % 2 === 0 ? plain : tested] as const);
const anew = (id: string, focused: boolean): string =>
  `const old = document.getElementById('${id}'); const fresh = old.cloneNode(); fresh.value = ''; old.replaceWith(fresh);${focused ? ' fresh.focus();' : ''}`;

export const ATTACKS: readonly Attack[] = [
  { name: 'nothing', kind: 'none' },
  { name: 'the plain window takes the keyboard', kind: 'windows', steal: ({ plain }, afterMs) => [[afterMs, plain]] },
  { name: 'the other window of the browser takes the keyboard', kind: 'windows', steal: ({ other }, afterMs) => [[afterMs, other]] },
  { name: 'the keyboard is taken and given back', kind: 'windows', steal: ({ tested, plain }, afterMs, at) => [[afterMs, plain], [at * 40, tested]] },
  { name: 'the keyboard goes to and fro', kind: 'windows', steal: flips },
  { name: 'the page goes to another document', kind: 'document', run: "location.replace('away');" },
  { name: 'the name is rendered anew', kind: 'script', run: anew('user', false) },
  { name: 'the name is rendered anew, with the focus', kind: 'script', run: anew('user', true) },
  { name: 'the password is rendered anew', kind: 'script', run: anew('password', false) },
  { name: 'the password is rendered anew, with the focus', kind: 'script', run: anew('password', true) },
  { name: 'the focus goes to a comment', kind: 'script', run: "document.getElementById('comment').focus();" },
  { name: 'the focus goes to the name', kind: 'script', run: "document.getElementById('user').focus();" },
  { name: 'the focus goes to the password', kind: 'script', run: "document.getElementById('password').focus();" },
  { name: 'the focus goes nowhere', kind: 'script', run: 'document.activeElement.blur();' },
  { name: 'the password is hidden', kind: 'script', seals: true, run: "document.getElementById('password').style.display = 'none';" },
  { name: 'a dialog opens', kind: 'script', seals: true, run: "document.getElementById('box').showModal();" },
];

const comment = field('comment', 'Comment');
/** The document that the page may go to invites whatever is typed. */
const away = form(user('', 'trap1'), password('autofocus', 'trap2'));

export const PAGE: Case = ['a page under attack', `${form(user(), password(), comment)}<dialog id="box">${field('question', 'Question', 'autofocus')}</dialog>`,
  'user', filled(), { documents: { away } }];
