// Names for bands in recordings: the same band has the same name as long as the key lives, and nobody without the key can
// tell whose it is.
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnce } from './bus/curve.ts';

/** As many as a usual NFC id has, so that it is of the same class. */
const PSEUDONYM_BYTES = 7;
/** Names that are kept ready; a band that taps is usually one of the last few. */
const READY_MAX = 256;

/** Gives the pseudonym of an id: 14 hex digits. The key is made at the first call, readable by the zone's own user alone. */
export function pseudonymsWith(keysDir: string): (id: string) => string {
  const file = join(keysDir, 'recording.hmac');
  createOnce(file, () => randomBytes(32).toString('hex'));
  const key = readFileSync(file);
  const ready = new Map<string, string>();
  return (id) => {
    const known = ready.get(id);
    if (known !== undefined) return known;
    const name = createHmac('sha256', key).update(id).digest('hex').slice(0, 2 * PSEUDONYM_BYTES).toUpperCase();
    if (ready.size >= READY_MAX) ready.clear();
    ready.set(id, name);
    return name;
  };
}
