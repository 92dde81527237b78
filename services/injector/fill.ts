// The two values into the two fields: check, user name, read back, move, password, look how long it became, and whether the
// name is still there. Each write checks its field again by itself, right before its keys.
// Whoever reads this should be able to say at each line what a person would find in the form if it ended there.
import { Outcome, outcomeUnwritten, type Reason } from '../../contracts/reasons.ts';
import { Secret } from '../../contracts/secret.ts';
import { isTrouble, type Act, type Target, type Trouble, type Written } from '../../platform/port.ts';
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
  /** Told right before a name is written. */
  readonly naming?: () => void;
}

export interface Filled {
  readonly outcome: Outcome;
  readonly reason: Reason;
  /** Cause for the log, never a value. */
  readonly detail: string;
}

/** Takes one thing back that was written, if it can still be reached. */
type Undo = () => Promise<unknown>;
/** A write that ends so has not begun: what is in the field is not ours to clear. */
const UNTOUCHED: readonly Reason[] = ['untypable', 'option-missing'];

/** Fills, or says why not. After any trouble what was written is taken back where it can still be reached. */
export async function fill(act: Act, order: FillOrder): Promise<Filled> {
  if (order.target.unseen !== undefined) return fillUnseen(act, order);
  const undos: Undo[] = [];
  const result = await write(act, order, undos);
  if (!isTrouble(result)) return result.verified ? { outcome: Outcome.filled, reason: 'ok', detail: '' } : { outcome: Outcome.filledUnverified, reason: 'ok-unverified', detail: '' };
  for (const undo of undos.reverse()) await undo();
  const { trouble: reason, detail } = result;
  return { outcome: undos.length === 0 ? outcomeUnwritten(reason) : Outcome.failed, reason, detail };
}

/** Types into a window that shows no fields: never verified, and what was typed when it stops stays there. */
async function fillUnseen(act: Act, { target, credential, signal, naming }: FillOrder): Promise<Filled> {
  if (signal.aborted) return { outcome: outcomeUnwritten(signal.reason as Reason), reason: signal.reason as Reason, detail: 'over before it began' };
  const user = new Secret(new TextEncoder().encode(credential.user));
  let begun = false;
  const result = await act.writeUnseen(target, { user, password: credential.password }, signal, () => {
    begun = true;
    naming?.();
  });
  user.wipe();
  if (!isTrouble(result)) return { outcome: Outcome.filledUnverified, reason: 'ok-unverified', detail: '' };
  const { trouble: reason, detail } = result;
  return { outcome: begun ? Outcome.failed : outcomeUnwritten(reason), reason, detail };
}

/** `undos` tells, also after a trouble, what may be left of ours. */
async function write(act: Act, order: FillOrder, undos: Undo[]): Promise<Written | Trouble> {
  const { target, credential, signal } = order;
  const { ref } = target.password;
  if (signal.aborted) return { trouble: signal.reason as Reason, detail: 'over before it began' };
  // Looked at in the order for which the desktop was prepared.
  const [unseen, wrong, present, unfit] = await Promise.all([
    act.check(target, ref, { focused: order.focusOn === 'password' }),
    act.check(target, target.user.ref, { focused: order.focusOn === 'user' }),
    act.read(target, target.user.ref),
    act.fits(target, ref, credential.password),
  ]);
  if (wrong !== null) return wrong;
  if (typeof present !== 'string') return present;
  const unready = unseen ?? unfit;
  if (unready !== null) return unready;
  const user = await writeUser(act, order, present, undos);
  if (isTrouble(user)) return user;
  if (order.focusOn === 'user') {
    const moved = await act.focus(target, ref, signal);
    if (moved !== null) return moved;
  }
  const password = await act.write(target, ref, credential.password, signal);
  if (mayHaveWritten(password)) undos.push(() => act.clear(target, ref));
  if (isTrouble(password) || !user.verified) return isTrouble(password) ? password : { verified: false };
  return (await nameLost(act, order)) ?? password;
}

/** A page may empty or replace the name while the password is typed. */
async function nameLost(act: Act, { target, credential }: FillOrder): Promise<Trouble | null> {
  const shown = await act.read(target, target.user.ref);
  if (typeof shown !== 'string') return shown;
  return samePerson(shown, credential) ? null : { trouble: 'not-applied', detail: 'the user-name field changed meanwhile' };
}

const AS_IT_IS: Written = { verified: true };

/** Leaves the right name alone, writes into an empty field, touches no other person's name. */
async function writeUser(act: Act, order: FillOrder, present: string, undos: Undo[]): Promise<Written | Trouble> {
  const { target, focusOn, credential, signal } = order;
  const { ref, role } = target.user;
  if (samePerson(present, credential)) return AS_IT_IS;
  if (role === 'select' && focusOn === 'user' && order.userEditable) {
    const chosen = await act.choose(target, ref, credential.user, signal);
    if (mayHaveWritten(chosen)) undos.push(async () => (await act.focus(target, ref, NEVER)) ?? act.choose(target, ref, present, NEVER));
    return chosen;
  }
  if (present.trim() === '' && focusOn === 'password') return { trouble: 'no-user-field', detail: 'the user-name field is empty and has not the focus' };
  if (present.trim() !== '' || !order.userEditable) return { trouble: 'other-user', detail: 'the user-name field is not free for this person' };
  const name = new Secret(new TextEncoder().encode(credential.user));
  try {
    const unfit = await act.fits(target, ref, name);
    if (unfit !== null) return unfit;
    order.naming?.();
    const written = await act.write(target, ref, name, signal);
    if (mayHaveWritten(written)) undos.push(() => act.clear(target, ref));
    // A page that goes on by itself has the rest of the name in the password field, where nobody sees what it is.
    if (isTrouble(written) && written.trouble === 'focus-lost') undos.push(() => act.clear(target, target.password.ref));
    return written;
  } finally {
    name.wipe();
  }
}

/** What was written is taken back also after the time for writing. */
const NEVER = new AbortController().signal;
const mayHaveWritten = (result: Written | Trouble): boolean => !isTrouble(result) || !UNTOUCHED.includes(result.trouble);
