// Message and tap ids: UUIDv7 (RFC 9562), so that they sort by time.
import { randomFillSync } from 'node:crypto';

const ID_BYTES = 10;
/** Drawn for many ids at once: the call costs more than the bytes. */
const pool = new Uint8Array(64 * ID_BYTES);
let used = pool.length;

/** A new UUIDv7 for the wall time `wallMs`. */
export function newId(wallMs: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, (used += ID_BYTES));
  const time = Math.floor(wallMs).toString(16).padStart(12, '0');
  const tail = Buffer.from(random).toString('hex');
  const variant = (0x8 | (random[2]! & 0x3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(1, 4)}-${variant}${tail.slice(5, 8)}-${tail.slice(8, 20)}`;
}
