// Finds the pair of fields that a tap may fill: the one with the focus and the one that belongs to it. Pure. After what
// form parsers of browsers learnt: reachable fields before mark-up order, words before position, position before
// nothing, and rather no pair than a wrong one.
//
//   [First User][Password] [Second User][Password]      each password belongs to the best user field between it and the
//    └──────────┘           └───────────┘               password before it: the pair of the focused field is filled
import type { UserFieldType } from '../../config/applications.ts';
import type { Reason } from '../../contracts/reasons.ts';
import type { Context, Field } from '../../platform/port.ts';
import { PasswordUse, passwordUse, UserRank, userRank } from './hints.ts';

/** Fields on either side of the focus that are looked at. */
const NEAR_MAX = 150;

export interface Pair {
  /** May hold another name or be read-only: the injector, who knows the person, judges that. */
  readonly user: Field;
  /** Visible and editable. */
  readonly password: Field;
  readonly focusOn: 'user' | 'password';
}

/** The pair of the focused field, or why there is none. `expected` comes from the rule that allowed the application. */
export function findPair({ fields, focused }: Pick<Context, 'fields' | 'focused'>, expected: UserFieldType): Pair | Reason {
  const focus = focused === null ? undefined : fields[focused];
  if (focused === null || focus === undefined || !focus.visible) return 'no-user-field';
  const near = fields.slice(Math.max(0, focused - NEAR_MAX), focused + NEAR_MAX + 1);
  const reachable = near.filter(({ form, visible }) => visible && form === focus.form);
  const pairs = pairsOf(reachable, expected);
  const pair = pairs.find(({ user, password }) => user === focus || password === focus);
  return pair === undefined ? whyNone(focus, reachable, pairs, expected) : usable(pair, focus, expected);
}

function usable({ user, password }: Owned, focus: Field, expected: UserFieldType): Pair | Reason {
  if (user === null || user.role !== expected) return 'no-user-field';
  if (!password.editable) return 'no-password-field';
  return { user, password, focusOn: focus === password ? 'password' : 'user' };
}

/** A possible user field that no password follows lacks the password; any other focus is beside the pairs. */
function whyNone(focus: Field, reachable: readonly Field[], pairs: readonly Owned[], expected: UserFieldType): Reason {
  const possible = focus.role === expected && rankAs(focus, expected) > UserRank.unlikely;
  const followed = pairs.some(({ password }) => reachable.indexOf(password) > reachable.indexOf(focus));
  return possible && !followed ? 'no-password-field' : 'no-user-field';
}

interface Owned {
  readonly user: Field | null;
  readonly password: Field;
}

interface Candidate {
  readonly field: Field;
  readonly rank: UserRank;
}

/** Walks one form in reading order: possible user fields, then a run of passwords, of which at most one may be filled. */
function pairsOf(fields: readonly Field[], expected: UserFieldType): readonly Owned[] {
  const pairs: Owned[] = [];
  let candidates: Candidate[] = [];
  let run: Field[] = [];
  const close = () => {
    if (run.length === 0) return;
    const password = currentOf(run);
    if (password !== null) pairs.push({ user: ownerOf(candidates), password });
    candidates = [];
    run = [];
  };
  for (const field of fields) {
    if (field.role === 'password') {
      if (passwordUse(field) !== PasswordUse.other) run.push(field);
      continue;
    }
    const rank = rankAs(field, expected);
    if (rank <= UserRank.unlikely) continue;
    close();
    candidates.push({ field, rank });
  }
  close();
  return pairs;
}

/** Of passwords in a row the only one, or the only one that says it is the current one: else it may be a new one. */
function currentOf(run: readonly Field[]): Field | null {
  const current = run.filter((field) => passwordUse(field) === PasswordUse.current);
  const [only] = current.length === 1 ? current : run;
  if (only === undefined || (current.length !== 1 && run.length > 1)) return null;
  return passwordUse(only) === PasswordUse.fresh ? null : only;
}

/** The best-ranked field, of equals the nearest to the password; null if there is none. */
function ownerOf(candidates: readonly Candidate[]): Field | null {
  return candidates.reduce<Candidate | null>((best, next) => (best === null || next.rank >= best.rank ? next : best), null)?.field ?? null;
}

/** A field of the other kind counts only where its words say that it is the user field; then it stands in the way. */
function rankAs(field: Field, expected: UserFieldType): UserRank {
  const rank = userRank(field);
  return field.role !== expected && rank < UserRank.user ? UserRank.never : rank;
}
