// From the stored password to a box that one injector can open once, for one tap and one target.
import { targetHash } from '../../contracts/target.ts';
import { packCredential } from '../../runtime/credential.ts';
import type { Prekeys } from './prekeys.ts';
import type { Issued, NotSealed, SealOrder } from './taps.ts';
import { openPassword } from './vault.ts';

export interface IssueOptions {
  readonly prekeys: Prekeys;
  readonly nowUs: () => number;
  /** The session has no one-use key left. */
  readonly wanting: (session: string) => void;
}

/** A tap waits for an injector that has just begun, and ends by itself before its time for the credential is over. */
const ENDS_BEFORE_MS = 50;

/** Opens the stored password and seals it for the injector; both copies are wiped before this resolves. */
export async function issue({ prekeys, nowUs, wanting }: IssueOptions, { opening, holder, key, blob }: SealOrder): Promise<Issued | NotSealed> {
  const { tap, session, target } = opening;
  const password = openPassword(key, holder.userId, blob);
  if (password === 'unreadable' || target === null) return { leg: 'vault', reason: 'password-unreadable' };
  const packed = packCredential({ ...holder, password });
  password.wipe();
  try {
    let prekey = prekeys.take(session, nowUs());
    if (prekey === null) {
      wanting(session);
      await prekeys.restocked(session, (opening.credentialByUs - nowUs()) / 1000 - ENDS_BEFORE_MS);
      prekey = prekeys.take(session, nowUs());
    }
    const sealer = (await prekey?.sealer) ?? null;
    if (prekey === null || sealer === null) return { leg: 'prekey', reason: 'no-prekey' };
    const hash = targetHash(target);
    return { targetHash: hash, prekey: prekey.id, ...(await sealer.seal(packed, [tap, hash, session])), sealedUs: nowUs() };
  } finally {
    packed.wipe();
  }
}
