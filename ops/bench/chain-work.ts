// What an actor cannot leave out when a message comes or goes: pack, unpack and check it, log it, remember it, read what NES
// says, open the stored password, seal it and open the seal. Nothing decides, looks, or keeps a promise to anybody.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { contractOf } from '../../contracts/catalogue.ts';
import { Envelope } from '../../contracts/envelope.ts';
import { CredentialAnswer } from '../../contracts/external/nes.ts';
import { Secret } from '../../contracts/secret.ts';
import { pack, unpack } from '../../runtime/codec.ts';
import { openLog } from '../../runtime/log.ts';
import { newSealKeys, openerFor, sealerFor, type Box } from '../../runtime/seal.ts';

export type Frames = readonly [Uint8Array, Uint8Array];

/** What is done beside the ways. Every step of the yardstick goes through it. */
export interface Work {
  outgoing(): Frames;
  incoming(frames: Frames): void;
  /** One line for a successor. */
  remember(): void;
  question(): Uint8Array | string;
  answered(data: string): void;
  holder(json: string): void;
  unlock(): void;
  seal(): Promise<unknown>;
  unseal(): Promise<unknown>;
}

const NOTHING = Promise.resolve();
/** Frames of the size of a message, and nothing done with them. */
export const NO_WORK: Work = {
  outgoing: () => [Buffer.alloc(240, 1), Buffer.alloc(100, 2)],
  incoming: () => {},
  remember: () => {},
  question: () => Buffer.alloc(60, 3),
  answered: () => {},
  holder: () => {},
  unlock: () => {},
  seal: () => NOTHING,
  unseal: () => NOTHING,
};

const ID = '0198f2a1-7c3e-7000-8000-0123456789ab';
const FIELD = { ref: 'OjEuNDIK', role: 'text', label: 'User name', htmlId: 'user', htmlName: 'user', autocomplete: '', form: 'login', visible: true, editable: true, empty: true };
const WINDOW = { id: '10', pid: 42, executable: '/usr/bin/browser', processName: 'browser', title: 'Sign in' };
const CONTEXT = JSON.stringify({ window: WINDOW, url: 'https://site.example/login', fields: [FIELD, FIELD], focused: 0 });
const RESOLVED = {
  band: '02:4E:42:00:00:01', via: 'nfc', focusOn: 'user', userEmpty: true, userEditable: true, credentialByUs: 1, leaseUs: 2,
  target: { window: { id: '10', pid: 42 }, url: 'https://site.example/login', user: { ref: FIELD.ref, role: 'text' }, password: { ref: FIELD.ref } },
  application: { process: 'browser', origin: 'https://site.example' },
};
export const NES_ANSWER = JSON.stringify({
  IsActive: true, NymiBandID: 'NB-01', UserCore: { ID: 'u-1', Username: 'ada', Domain: 'LAB', IsActive: true }, EncryptedPassword: 'A'.repeat(280),
});
const BOUND_TO = [ID, ID, 's-1'];

/** `taps`: how many there will be at most. */
export async function worker(dir: string, role: string, taps: number): Promise<Work> {
  const { body } = contractOf('target.resolved');
  const log = openLog({ actor: role, dir, kind: 'App', level: 'info', keepDays: 1 });
  const journal = openSync(join(dir, `${role}.jsonl`), 'a');
  const seals = await Promise.all(Array.from({ length: taps }, preparedSeal));
  const credential = new Secret(new Uint8Array(64));
  let [sealed, opened] = [0, 0];
  const unlock = lockedPassword();
  return {
    outgoing: () => [
      pack({ id: ID, kind: 'target.resolved', v: 1, tap: ID, cause: ID, from: 'window-resolver', session: 's-1', at: 1, deadline: 2, wall: 3 }),
      pack(RESOLVED),
    ],
    incoming: ([envelope, frame]) => {
      Envelope.parse(unpack(envelope));
      body.parse(unpack(frame));
      log.info({ tap: ID, tookMs: 1 }, 'taken');
    },
    remember: () => void writeSync(journal, `${JSON.stringify({ e: 'open', tap: ID, open: RESOLVED })}\n`),
    question: () => CONTEXT,
    answered: (data) => void JSON.parse(data),
    holder: (json) => void CredentialAnswer.parse(JSON.parse(json)),
    unlock,
    seal: async () => seals[sealed++]?.seal(credential),
    unseal: async () => seals[opened++]?.unseal(),
  };
}

/** Key agreement is done ahead, as it is for a tap. */
async function preparedSeal(): Promise<{ seal(content: Secret): Promise<Box>; unseal(): Promise<Secret | null> }> {
  const [recipient, sender] = await Promise.all([newSealKeys(), newSealKeys()]);
  const [used, spare] = await Promise.all([sealerFor(sender, recipient.publicKey, 'bench'), sealerFor(sender, recipient.publicKey, 'bench')]);
  const opener = await openerFor(spare.enc, recipient, sender.publicKey, 'bench');
  const { box } = await spare.seal(new Secret(new Uint8Array(64)), BOUND_TO);
  return { seal: (content) => used.seal(content, BOUND_TO), unseal: () => opener(box, BOUND_TO) };
}

function lockedPassword(): () => void {
  const [key, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const locked = Buffer.concat([cipher.update(Buffer.alloc(128)), cipher.final()]);
  const tag = cipher.getAuthTag();
  return () => {
    const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(tag);
    Buffer.concat([decipher.update(locked), decipher.final()]);
  };
}
