// What the broker has the audit write. The acknowledgement means: on the disk.
import { AUDIT_EVENTS } from './audit-event.ts';
import { REASON_CODES } from './reasons.ts';
import { Delivery, message, nullable, oneOf, record, stampUs, text } from './schema.ts';
import { BAND_ID_MAX, OUTCOMES, VIA } from './tap.ts';

const session = text('Session zone of the tap.', 64);
const band = text('Canonical id of the band.', BAND_ID_MAX);

export const RecordIntent = message('audit.record-intent', {
  v: 1,
  doc: 'A tap may lead to keystrokes: must be durable before the first one.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['audit'],
  recorded: false,
  body: {
    session,
    band,
    via: oneOf('The radio that reported the tap.', VIA),
    application: nullable(record('Null where no window was found.', {
      process: text('Base name of the executable.', 256),
      origin: nullable(text('Scheme, host and port.', 512)),
    })),
    leaseUs: stampUs('Without an outcome by then, plus the grace for late reports, it ends as unknown.'),
  },
});

export const RecordPerson = message('audit.record-person', {
  v: 1,
  doc: 'The person behind the band of a tap.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['audit'],
  recorded: false,
  body: { user: text('User name.', 256), domain: text('Domain.', 256) },
});

export const RecordOutcome = message('audit.record-outcome', {
  v: 1,
  doc: 'The one end of a tap, word for word as the person saw it.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['audit'],
  recorded: false,
  body: {
    session,
    band,
    via: oneOf('The radio that reported the tap.', VIA),
    outcome: oneOf('How it ended.', OUTCOMES),
    reason: oneOf('Why.', REASON_CODES),
  },
});

export const RecordEvent = message('audit.record-event', {
  v: 1,
  doc: 'An event that is not the end of a tap.',
  delivery: Delivery.direct,
  from: ['credential-broker'],
  to: ['audit'],
  recorded: false,
  body: {
    session: nullable(session),
    event: oneOf('One of the six of the guide.', AUDIT_EVENTS),
    band: nullable(band),
    user: nullable(text('DOMAIN\\user.', 512)),
    reason: nullable(oneOf('Why.', REASON_CODES)),
  },
});
