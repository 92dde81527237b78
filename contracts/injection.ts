// What the injector says of its work.
import { REASON_CODES } from './reasons.ts';
import { Delivery, flag, message, oneOf, stampUs } from './schema.ts';
import { OUTCOMES } from './tap.ts';

export const InjectionBegun = message('injection.begun', {
  v: 1,
  doc: 'May I begin? Once granted, only the injector, or the end of the lease, ends the tap.',
  delivery: Delivery.direct,
  from: ['injector'],
  to: ['tap-listener'],
  recorded: true,
  body: { credentialUs: stampUs('When the sealed credential had arrived.') },
  reply: { granted: flag('False: the tap has ended, nothing may be typed.') },
});

export const InjectionEnded = message('injection.ended', {
  v: 1,
  doc: 'How the injection ended; `at` of the envelope is the moment.',
  delivery: Delivery.direct,
  from: ['injector'],
  to: ['tap-listener'],
  recorded: true,
  body: { outcome: oneOf('How it ended.', OUTCOMES), reason: oneOf('Why.', REASON_CODES) },
});
