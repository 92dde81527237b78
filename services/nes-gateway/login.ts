// How this machine proves itself to the login service of NES. One function for each scheme; Negotiate joins Basic here.
import { readFile } from 'node:fs/promises';
import { Secret } from '../../contracts/secret.ts';

export interface Login {
  /**
   * The `Authorization` header for one token request to `host`. Null: there is nothing to log in with.
   * HTTP wants a string; it lives as short as the request.
   */
  authorization(host: string): Promise<string | null>;
}

/**
 * Basic, insecure and for the lab only. `file`, which only this actor may read and which is read anew each time, holds the
 * password of `user`; without `user` it holds `user:password`.
 */
export function basicLogin(file: string, user?: string): Login {
  return {
    async authorization() {
      const credentials = await readCredentials(file, user === undefined ? '' : `${user}:`);
      if (credentials === null) return null;
      try {
        return credentials.reveal((bytes) => `Basic ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`);
      } finally {
        credentials.wipe();
      }
    },
  };
}

const CREDENTIALS_BYTES_MAX = 1024;
const COLON = 0x3a;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A line end after the password belongs to the editor, not to the password. */
async function readCredentials(file: string, prefix: string): Promise<Secret | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return null;
  }
  let end = bytes.byteLength;
  while (end > 0 && (bytes[end - 1] === LINE_FEED || bytes[end - 1] === CARRIAGE_RETURN)) end -= 1;
  const credentials = Buffer.concat([Buffer.from(prefix), bytes.subarray(0, end)]);
  bytes.fill(0);
  if (end > 0 && credentials.byteLength <= CREDENTIALS_BYTES_MAX && credentials.includes(COLON)) return new Secret(credentials);
  credentials.fill(0);
  return null;
}
