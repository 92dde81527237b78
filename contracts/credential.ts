// What credential-broker and injector say to each other, and what the broker asks of the tray.
import { REASON_CODES } from './reasons.ts';
import { bytes, count, Delivery, flag, list, message, nullable, oneOf, optional, record, stampUs, text } from './schema.ts';

export const PREKEYS_MAX = 8;
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const BOX_BYTES_MAX = 2048;

export const PrekeysOffered = message('prekeys.offered', {
  v: 2,
  doc: 'One-use X25519 keys of this boot of the injector. A new boot voids the keys of older ones.',
  delivery: Delivery.direct,
  from: ['injector'],
  to: ['credential-broker'],
  recorded: false,
  body: {
    boot: text('Names this run of the injector.', 64),
    keys: list('The stock as it stands.', record('A one-use key.', {
      id: text('Names the key.', 64),
      publicKey: bytes('X25519 public key.', PUBLIC_KEY_BYTES),
      expiresUs: stampUs('End of its life, monotonic.'),
    }), PREKEYS_MAX),
    signature: bytes('Ed25519 over boot and keys, by the signing key that the session enrolled.', SIGNATURE_BYTES),
  },
  reply: {
    prepared: list('What the boxes will be opened with, so that the key agreement is done before a tap.', record('A key of the stock.', {
      id: text('Names the key.', 64),
      enc: bytes('Encapsulated key of the one box that will be sealed for it.', PUBLIC_KEY_BYTES),
    }), PREKEYS_MAX),
  },
});

export const PrekeysWanted = message('prekeys.wanted', {
  v: 1,
  doc: 'The broker has no stock, or started anew.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['injector'],
  recorded: false,
  body: {},
});

export const CredentialIssued = message('credential.issued', {
  v: 1,
  doc: 'User name and password for one tap and one target, sealed for one injector (HPKE, RFC 9180, Auth mode).',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['injector'],
  recorded: false,
  body: {
    targetHash: text('Hash of the target that the box is bound to, hex.', 64),
    prekey: text('The one-use key that opens the box.', 64),
    enc: bytes('Encapsulated key.', PUBLIC_KEY_BYTES),
    box: bytes('Sealed and padded credential.', BOX_BYTES_MAX),
    sealedUs: stampUs('When it was sealed.'),
  },
});

export const LEGS = ['nes', 'band', 'audit', 'prekey', 'vault'] as const;

export const CredentialRefused = message('credential.refused', {
  v: 1,
  doc: 'There is no credential for this tap.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['tap-listener'],
  recorded: true,
  body: {
    reason: oneOf('Why.', REASON_CODES),
    leg: nullable(oneOf('The part that failed or was late.', LEGS)),
  },
});

export const FormRequested = message('form.requested', {
  v: 1,
  doc: 'Ask the person for the current password.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['tray'],
  recorded: true,
  body: {
    form: text('Names the form.', 64),
    user: text('The person, as DOMAIN\\user.', 256),
    why: oneOf('What led to it.', ['missing', 'changed']),
  },
});

export const FormAnswered = message('form.answered', {
  v: 1,
  doc: 'What the person did with the form. The password is sealed for the broker.',
  delivery: Delivery.direct,
  from: ['tray'],
  to: ['credential-broker'],
  recorded: false,
  body: {
    form: text('Names the form.', 64),
    answer: nullable(record('Null if cancelled.', {
      enc: bytes('Encapsulated key.', PUBLIC_KEY_BYTES),
      box: bytes('Sealed and padded password.', BOX_BYTES_MAX),
    })),
    unanswered: optional(flag('True where no person said so: the form could not be asked, or nobody answered it.')),
  },
});

export const FormJudged = message('form.judged', {
  v: 1,
  doc: 'What became of the password that the person entered.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['tray'],
  recorded: true,
  body: {
    form: text('Names the form.', 64),
    verdict: oneOf('`wrong` and `failed` keep the form open.', ['updated', 'wrong', 'failed', 'closed']),
  },
});

export const NES_STATES = ['unknown', 'reachable', 'unreachable', 'feature-disabled'] as const;

export const ServiceReported = message('service.reported', {
  v: 1,
  doc: 'State of the machine zone as the session may know it, for the icon. Also its sign of life.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['tray'],
  recorded: true,
  body: {
    nes: oneOf('The way to NES.', NES_STATES),
    everyMs: count('The next report follows within this time.', 600_000),
  },
});

/** What the injector signs when it offers keys. */
export function prekeysSigned(boot: string, keys: readonly { id: string; publicKey: Uint8Array; expiresUs: number }[]): Uint8Array {
  const canonical = keys.map(({ id, publicKey, expiresUs }) => [id, Buffer.from(publicKey).toString('hex'), expiresUs]);
  return Buffer.from(JSON.stringify(['prekeys', boot, canonical]));
}
