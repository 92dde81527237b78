// CURVE key pairs of a zone: made once, kept in one file that the zone's own user alone may read.
// zeromq takes keys as Z85 text only, so these are the one secret that is not bytes.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';
import { z } from 'zod';
import { actorsOf, type ActorName, type Zone } from '../../contracts/actors.ts';

const FILE = 'curve.json';
const Pair = z.strictObject({ publicKey: z.string().length(40), secretKey: z.string().length(40) });
export type CurvePair = z.infer<typeof Pair>;
const Pairs = z.record(z.string(), Pair);

/** `observer` may listen to outlets and send nothing: recorder, console and the command line use it. */
export type KeyHolder = ActorName | 'observer';

/** Key pairs of every actor of the zone. Creates them at the first call, whoever of several processes comes first. */
export function zoneKeys(zone: Zone, keysDir: string): ReadonlyMap<KeyHolder, CurvePair> {
  const file = join(keysDir, FILE);
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  createOnce(file, () => JSON.stringify(Object.fromEntries([...actorsOf(zone), 'observer'].map((name) => [name, curveKeyPair()]))));
  const pairs = Pairs.parse(JSON.parse(readFileSync(file, 'utf8')));
  return new Map(Object.entries(pairs) as [KeyHolder, CurvePair][]);
}

/** Writes a file with mode 0600 unless it is there, atomically among processes. */
export function createOnce(file: string, content: () => string): void {
  const draft = `${file}.${process.pid}`;
  try {
    readFileSync(file);
    return;
  } catch {
    writeFileSync(draft, content(), { mode: 0o600 });
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
  if (z85.length !== 40) throw new RangeError('a CURVE key has 40 characters');
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
