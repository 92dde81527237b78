// The events of chapter 6.2 of the guide, as NES gets them.
import type { z } from 'zod';
import { nullable, oneOf, record, text } from './schema.ts';

export const AUDIT_EVENTS = [
  'PasswordAutofillSuccess',
  'PasswordAutofillFailed',
  'PasswordValidationFailed',
  'EncryptedPasswordUpdated',
  'EncryptedPasswordRemoved',
  'UnknownAuthenticatorDetected',
] as const;
export type AuditEventName = (typeof AUDIT_EVENTS)[number];
/** So many of the longest events fit into one message, whatever the names of windows and people. */
export const AUDIT_EVENTS_MAX = 10;

export const AuditEvent = record('One event of the audit table.', {
  id: text('Unique for ever: machine, chain and sequence number.', 128),
  event: oneOf('One of the six of the guide.', AUDIT_EVENTS),
  at: text('Wall time, ISO 8601 with milliseconds, UTC.', 32),
  tap: nullable(text('The tap it belongs to.', 64)),
  band: nullable(text('Canonical id of the band.', 64)),
  user: nullable(text('DOMAIN\\user.', 512)),
  session: nullable(text('Session zone.', 64)),
  application: nullable(text('Process and origin that the tap was for.', 1024)),
  reason: nullable(text('Reason code.', 64)),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
