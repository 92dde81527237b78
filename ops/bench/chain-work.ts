// What an actor cannot leave out when a message comes or goes, done by the libraries alone: pack, unpack and check it, log
// it, remember it, read what NES says, open the stored password, seal it and open the seal. None of our own code runs.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { Packr } from 'msgpackr';
import { pino, type Logger } from 'pino';
import { contractOf } from '../../contracts/catalogue.ts';
import { Envelope } from '../../contracts/envelope.ts';
import { CredentialAnswer } from '../../contracts/external/nes.ts';

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
const CREDENTIAL = new Uint8Array(1024).buffer;
const BOUND_TO = new Uint8Array(120).buffer;

/** `taps`: how many there will be at most; boxes open in the order in which they were made. */
export async function worker(file: string, taps: number): Promise<Work> {
  const packr = new Packr({ useRecords: false, int64AsType: 'number' });
  const { body } = contractOf('target.resolved');
  const log: Logger = pino(pino.destination({ dest: `${file}.log`, sync: true }));
  const journal = openSync(`${file}.jsonl`, 'a');
  const { sealer, opener, boxes } = await seals(taps);
  const unlock = lockedPassword();
  return {
    outgoing: () => [
      packr.pack({ id: ID, kind: 'target.resolved', v: 1, tap: ID, cause: ID, from: 'window-resolver', session: 's-1', at: 1, deadline: 2, wall: 3 }),
      packr.pack(RESOLVED),
    ],
    incoming: ([envelope, frame]) => {
      Envelope.parse(packr.unpack(envelope));
      body.parse(packr.unpack(frame));
      log.info({ tap: ID, tookMs: 1 }, 'taken');
    },
    remember: () => void writeSync(journal, `${JSON.stringify({ e: 'open', tap: ID, open: RESOLVED })}\n`),
    question: () => CONTEXT,
    answered: (data) => void JSON.parse(data),
    holder: (json) => void CredentialAnswer.parse(JSON.parse(json)),
    unlock,
    seal: () => sealer.seal(CREDENTIAL, BOUND_TO),
    unseal: () => opener.open(boxes.shift()!, BOUND_TO),
  };
}

/** Key agreement is done ahead, as it is for a tap. */
async function seals(taps: number) {
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const [recipient, senderKey] = await Promise.all([suite.kem.generateKeyPair(), suite.kem.generateKeyPair()]);
  const sealer = await suite.createSenderContext({ recipientPublicKey: recipient.publicKey, senderKey });
  const opener = await suite.createRecipientContext({ recipientKey: recipient, enc: sealer.enc, senderPublicKey: senderKey.publicKey });
  const boxes: ArrayBuffer[] = [];
  for (let tap = 0; tap < taps; tap++) boxes.push(await sealer.seal(CREDENTIAL, BOUND_TO));
  return { sealer, opener, boxes };
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
