// What the machine zone asks of NES, through the gateway.
import { AUDIT_EVENTS_MAX, AuditEvent } from './audit-event.ts';
import { REASON_CODES } from './reasons.ts';
import { bytes, Delivery, list, message, millis, nullable, oneOf, optional, secret, text } from './schema.ts';
import { BAND_ID_MAX } from './tap.ts';
import { NES_STATES } from './credential.ts';

const ENCRYPTED_BYTES_MAX = 4096;
const refusal = nullable(oneOf('Null if it worked.', REASON_CODES));
const userId = text('Id of the user in NES.', 64);

export const FetchCredential = message('nes.fetch-credential', {
  v: 1,
  doc: 'Who owns this band, and what is the encrypted password?',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['nes-gateway'],
  recorded: true,
  body: { band: text('Canonical id of the band.', BAND_ID_MAX) },
  reply: {
    refused: refusal,
    userId: optional(userId),
    user: optional(text('User name, without domain.', 256)),
    domain: optional(text('Domain of the user.', 256)),
    encryptedPassword: optional(nullable(bytes('As NES keeps it; null if it keeps none.', ENCRYPTED_BYTES_MAX))),
    tookMs: millis('Time that NES took.'),
  },
});

export const StorePassword = message('nes.store-password', {
  v: 1,
  doc: 'Keep this encrypted password for the user.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['nes-gateway'],
  recorded: true,
  body: { userId, encryptedPassword: bytes('Encrypted with the key of the band.', ENCRYPTED_BYTES_MAX) },
  reply: { refused: refusal },
});

export const RemovePassword = message('nes.remove-password', {
  v: 1,
  doc: 'Clear the encrypted password of the user.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['nes-gateway'],
  recorded: true,
  body: { userId },
  reply: { refused: refusal },
});

export const IssueToken = message('nes.issue-token', {
  v: 1,
  doc: 'A token for `init` at the Nymi Agent, which fetches its certificates from NES with it.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['nes-gateway'],
  recorded: false,
  body: {},
  reply: { refused: refusal, token: optional(secret('NES token.', 8192)), url: optional(text('URL of NES.', 2048)) },
});

export const PostAudit = message('nes.post-audit', {
  v: 1,
  doc: 'Put these events into the central audit table; NES keeps each id once.',
  delivery: Delivery.direct,
  from: ['audit'],
  to: ['nes-gateway'],
  recorded: false,
  body: { events: list('Oldest first.', AuditEvent, AUDIT_EVENTS_MAX) },
  reply: { refused: refusal },
});

export const NesReported = message('nes.reported', {
  v: 1,
  doc: 'The way to NES changed.',
  delivery: Delivery.direct,
  from: ['nes-gateway'],
  to: ['credential-broker'],
  recorded: true,
  body: { state: oneOf('The way to NES.', NES_STATES), detail: nullable(text('First broken link, for the log.')) },
});
