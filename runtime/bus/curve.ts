// CURVE key pairs of a zone: each made once, in a file of its own that the zone's own user alone may read.
// zeromq takes keys as Z85 text only, so these are the one secret that is not bytes.
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';
import { z } from 'zod';
import { actorsOf, type ActorName, type Zone } from '../../contracts/actors.ts';

const KEY_CHARACTERS = 40;
const RIGHTS_OF_OTHERS = 0o077;

const Pair = z.strictObject({ publicKey: z.string().length(KEY_CHARACTERS), secretKey: z.string().length(KEY_CHARACTERS) });
export type CurvePair = z.infer<typeof Pair>;

/** `observer` may listen to outlets and send nothing: recorder, console and the command line use it. */
export type KeyHolder = ActorName | 'observer';

/**
 * Key pairs of every actor of the zone. Creates what is missing, whoever of several processes comes first.
 * Throws `KeysExposedError` where somebody else could read or replace them.
 */
export function zoneKeys(zone: Zone, keysDir: string): ReadonlyMap<KeyHolder, CurvePair> {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  refuseExposed(keysDir);
  const holders: KeyHolder[] = [...actorsOf(zone), 'observer'];
  return new Map(holders.map((holder) => [holder, pairIn(join(keysDir, `${holder}.curve`))]));
}

export class KeysExposedError extends Error {
  override readonly name = 'KeysExposedError';
  readonly code = 'KEYS_EXPOSED';

  constructor() {
    super('the folder of the keys must belong to the user of the zone, and to nobody else');
  }
}

function refuseExposed(keysDir: string): void {
  if (process.getuid === undefined) return; // on Windows the installer sets the rights
  const { uid, mode } = statSync(keysDir);
  if (uid !== process.getuid() || (mode & RIGHTS_OF_OTHERS) !== 0) throw new KeysExposedError();
}

function pairIn(file: string): CurvePair {
  createOnce(file, () => JSON.stringify(curveKeyPair()));
  return Pair.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Writes a file with mode 0600 unless it is there, atomically among processes. */
export function createOnce(file: string, content: () => string): void {
  const draft = `${file}.${process.pid}`;
  try {
    readFileSync(file);
    return;
  } catch {
    writeFileSync(draft, content(), { mode: 0o600, flush: true });
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** The 32 bytes of a public key in Z85 (ZeroMQ RFC 32); throws `RangeError` on anything else. */
export function keyBytes(z85: string): Uint8Array {
  if (z85.length !== KEY_CHARACTERS) throw new RangeError(`a CURVE key has ${KEY_CHARACTERS} characters`);
  const bytes = Buffer.alloc(32);
  for (let block = 0; block < 8; block++) {
    let value = 0;
    for (const character of z85.slice(block * 5, block * 5 + 5)) {
      const digit = Z85.indexOf(character);
      if (digit < 0) throw new RangeError('not Z85');
      value = value * 85 + digit;
    }
    bytes.writeUInt32BE(value, block * 4);
  }
  return bytes;
}

/** Is it a public key in Z85? */
export function isKey(z85: string): boolean {
  try {
    keyBytes(z85);
    return true;
  } catch {
    return false;
  }
}
