// The two values into the two fields: check, user name, read back, move, check, password, look how long it became.
// Whoever reads this should be able to say at each line what a person would find in the form if it ended there.
import { Outcome, type Reason } from '../../contracts/reasons.ts';
import { Secret } from '../../contracts/secret.ts';
import { isTrouble, type Act, type FieldRef, type Target, type Trouble, type Written } from '../../platform/port.ts';
import type { Credential } from '../../runtime/credential.ts';
import { samePerson } from './person.ts';

export interface FillOrder {
  readonly target: Target;
  readonly focusOn: 'user' | 'password';
  readonly userEditable: boolean;
  /** Wiped by the caller. */
  readonly credential: Credential;
  /** Ends the fill with its reason: deadline or cancellation. */
  readonly signal: AbortSignal;
}

export interface Filled {
  readonly outcome: Outcome;
  readonly reason: Reason;
  /** Cause for the log, never a value. */
  readonly detail: string;
}

/** Fills, or says why not. After any trouble what was written is cleared where it can still be reached. */
export async function fill(act: Act, order: FillOrder): Promise<Filled> {
  const written: FieldRef[] = [];
  const trouble = await write(act, order, written);
  if (!isTrouble(trouble)) return { outcome: trouble.verified ? Outcome.filled : Outcome.filledUnverified, reason: trouble.verified ? 'ok' : 'ok-unverified', detail: '' };
  for (const field of written.reverse()) await act.clear(order.target, field);
  return { outcome: written.length === 0 ? Outcome.refused : Outcome.failed, reason: trouble.trouble, detail: trouble.detail };
}

/** `written` tells, also after a trouble, which fields may hold something of ours. */
async function write(act: Act, order: FillOrder, written: FieldRef[]): Promise<Written | Trouble> {
  const { target, credential, signal } = order;
  const user = await writeUser(act, order, written);
  if (isTrouble(user)) return user;
  if (order.focusOn === 'user') {
    const moved = await act.focus(target, target.password.ref, signal);
    if (moved !== null) return moved;
  }
  const wrong = await act.check(target, target.password.ref, { focused: true });
  if (wrong !== null) return wrong;
  written.push(target.password.ref);
  const password = await act.write(target, target.password.ref, credential.password, signal);
  return isTrouble(password) ? password : { verified: user.verified && password.verified };
}

const AS_IT_IS: Written = { verified: true };

/** Leaves the right name alone, writes into an empty field, touches no other person's name. */
async function writeUser(act: Act, order: FillOrder, written: FieldRef[]): Promise<Written | Trouble> {
  const { target, focusOn, credential, signal } = order;
  const { ref, role } = target.user;
  const wrong = await act.check(target, ref, { focused: focusOn === 'user' });
  if (wrong !== null) return wrong;
  const present = await act.read(target, ref);
  if (typeof present !== 'string') return present;
  if (samePerson(present, credential)) return AS_IT_IS;
  if (role === 'select' && focusOn === 'user') {
    const chosen = await act.choose(target, ref, credential.user, signal);
    if (!isTrouble(chosen)) written.push(ref);
    return chosen;
  }
  if (present.trim() !== '' || focusOn === 'password' || !order.userEditable) return { trouble: 'other-user', detail: 'the user-name field is not free for this person' };
  const name = new Secret(new TextEncoder().encode(credential.user));
  written.push(ref);
  const result = await act.write(target, ref, name, signal);
  name.wipe();
  return result;
}
