// What the window-resolver says: whether and where a tap may fill. It does not know the person.
import { REASON_CODES, REMEDY_CODES } from './reasons.ts';
import { Delivery, flag, message, nullable, oneOf, optional, record, stampUs, text } from './schema.ts';
import { BAND_ID_MAX, VIA } from './tap.ts';
import { Target } from './target.ts';

const Application = record('The application in front, as the audit names it.', {
  process: text('Base name of its executable.', 256),
  origin: nullable(text('Scheme, host and port of its document.', 512)),
});

export const TapReceived = message('tap.received', {
  v: 1,
  doc: 'The application is not suppressed: the person may see that the tap was noticed.',
  delivery: Delivery.direct,
  from: ['window-resolver'],
  to: ['tray'],
  recorded: true,
  body: { via: oneOf('The radio that reported the tap.', VIA) },
});

export const TargetResolved = message('target.resolved', {
  v: 1,
  doc: 'The pair of fields that this tap may fill.',
  delivery: Delivery.direct,
  from: ['window-resolver'],
  to: ['credential-broker', 'injector', 'tap-listener'],
  recorded: true,
  body: {
    band: text('Canonical id of the band.', BAND_ID_MAX),
    via: oneOf('The radio that reported the tap.', VIA),
    target: Target,
    focusOn: oneOf('Which field of the pair has the focus.', ['user', 'password']),
    userEmpty: flag('The user-name field is empty.'),
    userEditable: flag('The user-name field can be changed.'),
    application: Application,
    credentialByUs: stampUs('End of the time for the credential.'),
    leaseUs: stampUs('A begun injection has an outcome by then, or it ends as unknown.'),
  },
});

export const TargetRefused = message('target.refused', {
  v: 1,
  doc: 'This tap may not fill what is in front. The broker still identifies the band, for the audit alone.',
  delivery: Delivery.direct,
  from: ['window-resolver'],
  to: ['tap-listener', 'credential-broker'],
  recorded: true,
  body: {
    band: text('Canonical id of the band.', BAND_ID_MAX),
    via: oneOf('The radio that reported the tap.', VIA),
    reason: oneOf('Why.', REASON_CODES),
    remedy: optional(oneOf('What can be done about it, where that is known.', REMEDY_CODES)),
    application: nullable(Application),
    leaseUs: stampUs('The tap has ended by then.'),
  },
});

export const SettingsReported = message('settings.reported', {
  v: 1,
  doc: 'State of appsettings.json and of the desktop, for the icon.',
  delivery: Delivery.direct,
  from: ['window-resolver'],
  to: ['tray'],
  recorded: true,
  body: {
    settings: oneOf('The file of application rules.', ['good', 'missing', 'broken']),
    kept: optional(flag('True where the file cannot be used and the rules that were read before stay in force.')),
    desktop: oneOf('The desktop.', ['reachable', 'unreachable']),
  },
});
