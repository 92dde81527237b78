// What the tap-listener says: a tap from its acceptance to its one end.
import { Outcome, REASON_CODES, REMEDY_CODES } from './reasons.ts';
import { bytes, count, Delivery, flag, message, millis, nullable, oneOf, optional, record, stampUs, text } from './schema.ts';

export const VIA = ['nfc', 'ble'] as const;
export const BAND_ID_MAX = 64;
export const OUTCOMES = Object.values(Outcome) as [Outcome, ...Outcome[]];

export const TapAccepted = message('tap.accepted', {
  v: 1,
  doc: 'A tap counts. Its deadline is that of the whole tap.',
  delivery: Delivery.direct,
  from: ['tap-listener'],
  to: ['window-resolver', 'credential-broker'],
  recorded: true,
  body: {
    band: text('Canonical id of the band, as the Nymi Agent gives it.', BAND_ID_MAX),
    via: oneOf('The radio that reported the tap.', VIA),
    tappedUs: stampUs('t0: the event that made it a tap.'),
    resolveByUs: stampUs('End of the time for the target.'),
    credentialByUs: stampUs('End of the time for the credential.'),
    leaseUs: stampUs('A begun injection has an outcome by then, or it ends as unknown.'),
  },
});

export const TapCommitted = message('tap.committed', {
  v: 1,
  doc: 'No other band tapped within the ambiguity window: the tap may be typed.',
  delivery: Delivery.direct,
  from: ['tap-listener'],
  to: ['injector'],
  recorded: true,
  body: {},
});

export const TapCancelled = message('tap.cancelled', {
  v: 1,
  doc: 'The tap must not be typed any more.',
  delivery: Delivery.direct,
  from: ['tap-listener'],
  to: ['injector', 'credential-broker'],
  recorded: true,
  body: { reason: oneOf('Why.', REASON_CODES) },
});

export const TapDropped = message('tap.dropped', {
  v: 1,
  doc: 'A tap of which the person should know that it does not count.',
  delivery: Delivery.direct,
  from: ['tap-listener'],
  to: ['tray'],
  recorded: true,
  body: { why: oneOf('Why it does not count.', ['busy', 'storm']) },
});

export const TapEnded = message('tap.ended', {
  v: 1,
  doc: 'The one end of an accepted tap: what the person sees and what the audit closes its intent with.',
  delivery: Delivery.direct,
  from: ['tap-listener'],
  to: ['tray', 'credential-broker'],
  recorded: true,
  body: {
    outcome: oneOf('How it ended.', OUTCOMES),
    reason: oneOf('Why.', REASON_CODES),
    remedy: optional(oneOf('What can be done about it, where that is known.', REMEDY_CODES)),
    silent: flag('Nothing is shown and nothing audited: the application is suppressed.'),
    band: text('Canonical id of the band.', BAND_ID_MAX),
    via: oneOf('The radio that reported the tap.', VIA),
    stages: record('Milliseconds from t0 to the end of each stage; absent where it was not reached.', {
      accept: optional(millis('Accepted.')),
      resolve: optional(millis('Target resolved.')),
      credential: optional(millis('Sealed credential at the injector.')),
      inject: optional(millis('Injection begun.')),
      total: millis('Ended.'),
    }),
  },
});

export const OBSERVED_BYTES_MAX = 56 * 1024;

export const TapObserved = message('tap.observed', {
  v: 1,
  doc: 'Raw events, inputs of the judgement and decisions, for the recorder, with pseudonyms in place of bands; told while no tap is under way.',
  delivery: Delivery.fact,
  from: ['tap-listener'],
  to: [],
  recorded: false,
  body: {
    run: text('Names the process that tells; each run counts anew.', 64),
    first: count('Number of the first entry, from 0.'),
    entries: bytes('Entries of a recording, a line of JSON each.', OBSERVED_BYTES_MAX),
    last: flag('The process ends in good order: nothing follows.'),
  },
});

export const AGENT_STATES = ['connecting', 'connected', 'unreachable', 'endpoint-not-running', 'adapter-missing'] as const;

export const AgentReported = message('agent.reported', {
  v: 1,
  doc: 'State of the way to the bands, for the icon.',
  delivery: Delivery.direct,
  from: ['tap-listener'],
  to: ['tray'],
  recorded: true,
  body: { state: oneOf('The first broken link, or `connected`.', AGENT_STATES), detail: nullable(text('Cause for the log.')) },
});
