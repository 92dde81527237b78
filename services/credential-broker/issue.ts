// From the stored password to a box that one injector can open once, for one tap and one target.
import { targetHash } from '../../contracts/target.ts';
import { packCredential } from '../../runtime/credential.ts';
import { publicKeyOf, seal, type SealKeys } from '../../runtime/seal.ts';
import type { Prekeys } from './prekeys.ts';
import type { Issued, NotSealed, SealOrder } from './taps.ts';
import { openPassword } from './vault.ts';

export interface IssueOptions {
  readonly keys: SealKeys;
  readonly prekeys: Prekeys;
  readonly nowUs: () => number;
  /** The session has no one-use key left. */
  readonly wanting: (session: string) => void;
}

/** Opens the stored password and seals it for the injector; both copies are wiped before this resolves. */
export async function issue({ keys, prekeys, nowUs, wanting }: IssueOptions, { opening, holder, key, blob }: SealOrder): Promise<Issued | NotSealed> {
  const { tap, session, target } = opening;
  const password = openPassword(key, holder.userId, blob);
  if (password === 'unreadable' || target === null) return { leg: 'vault', reason: 'password-unreadable' };
  const packed = packCredential({ ...holder, password });
  password.wipe();
  try {
    const prekey = prekeys.take(session, nowUs());
    if (prekey === null) {
      wanting(session);
      return { leg: 'prekey', reason: 'no-prekey' };
    }
    const hash = targetHash(target);
    const box = await seal(packed, keys, await publicKeyOf(prekey.publicKey), { purpose: 'credential', binding: [tap, hash, session] });
    return { targetHash: hash, prekey: prekey.id, ...box, sealedUs: nowUs() };
  } catch {
    return { leg: 'prekey', reason: 'no-prekey' }; // the session offered something that is no X25519 key
  } finally {
    packed.wipe();
  }
}
