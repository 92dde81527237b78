// Every reason, condition and notice has a text; the guide's printed sentences are held here to the letter.
import test from 'ava';
import { REASON_CODES, REMEDY_CODES } from '../../contracts/reasons.ts';
import { messagesFor, STAYS_MS } from '../../insight/messages.ts';
import { NOTICES, TROUBLES } from '../../services/tray/state.ts';
import type { Message } from '../../services/tray/state.ts';

const GUIDE = messagesFor({ product: 'Nymi Connect' });
const STATUSES = ['initializing', 'connected', 'already-running', 'cannot-initialize', ...TROUBLES] as const;
const ALL: readonly (readonly [string, Message])[] = [
  ...REASON_CODES.map((code) => [`reason ${code}`, GUIDE.reasons[code]] as const),
  ...REMEDY_CODES.map((code) => [`remedy ${code}`, GUIDE.remedies[code]] as const),
  ...STATUSES.map((code) => [`status ${code}`, GUIDE.statuses[code]] as const),
  ...NOTICES.map((code) => [`notice ${code}`, GUIDE.notices[code]] as const),
];

/** Printed in the guide: section, title, message. */
const PRINTED: readonly (readonly [Message, string, string, string])[] = [
  [GUIDE.statuses['settings-missing'], '7.4', 'ERROR', 'appsettings.json file is missing. Contact your administrator.'],
  [GUIDE.statuses['settings-broken'], '7.5', 'ERROR', 'Configuration Error (Data Structure) in appsettings.json. Contact your administrator.'],
  [GUIDE.reasons['settings-broken'], '7.5', 'ERROR', 'Configuration Error (Data Structure) in appsettings.json. Contact your administrator.'],
  [GUIDE.statuses['logging-missing'], '7.7', 'ERROR', 'log4net.config file is missing. Contact your administrator.'],
  [GUIDE.statuses['logging-broken'], '7.8', 'ERROR', 'Configuration error in log4net.config file. Contact your administrator.'],
  [GUIDE.statuses['cannot-initialize'], '7.9', 'ERROR', 'Nymi Connect cannot initialize. Contact your administrator.'],
  [GUIDE.statuses['nes-unreachable'], '7.10', 'NYMI CONNECT - DISCONNECTED', 'Nymi Connect cannot communicate with NES. Check network connectivity and NES URL configuration. Contact your administrator.'],
  [GUIDE.reasons['nes-unreachable'], '7.10', 'NYMI CONNECT - DISCONNECTED', 'Nymi Connect cannot communicate with NES. Check network connectivity and NES URL configuration. Contact your administrator.'],
  [GUIDE.statuses['agent-unreachable'], '7.12', 'NYMI CONNECT - DISCONNECTED', 'Nymi Connect cannot communicate with the Nymi Agent. Contact your administrator.'],
  [GUIDE.statuses['endpoint-not-running'], '7.13', 'NYMI CONNECT - DISCONNECTED', 'Nymi Bluetooth Endpoint service is not running. Start the service.'],
  [GUIDE.reasons['unknown-band'], '7.17', 'ERROR', 'Nymi Connect cannot find a user associated with this Nymi Band in NES. Re-enroll the Nymi Band.'],
  [GUIDE.reasons['incomplete-enrollment'], '7.18', 'ERROR', 'Nymi Connect has detected a Nymi Band with an incomplete enrollment. Log into the Nymi Band Application to complete enrollment.'],
  [GUIDE.reasons['not-configured'], '7.20', 'ERROR', 'Nymi Connect is not configured for this application. Contact your administrator.'],
  [GUIDE.reasons['band-unreachable'], '7.21', 'ERROR', 'Internal error. Please retry. If the problem persists, contact Nymi Support.'],
  [GUIDE.notices['tap-received'], '5', 'TAP RECEIVED', 'Detected tap from a Nymi Band'],
  [GUIDE.notices['form-text'], '7.24', 'INFORMATION', 'Nymi requires your current password to provision your credentials in a secure manner. This is a one time activity until your password changes. Please enter it to continue.'],
  [GUIDE.notices['form-wrong-password'], '7.24', 'ERROR', 'Username and Password are invalid.'],
  [GUIDE.notices['form-update-failed'], '7.25', 'ERROR', 'Attempt to update Nymi Band password failed.'],
];

test('what the guide prints is shown to the letter, under its title', (t) => {
  for (const [entry, section, title, message] of PRINTED) {
    t.like(entry, { section, title, message, source: 'guide' });
  }
  t.is(GUIDE.statuses['settings-broken'].tooltip, 'Error: Configuration error (data structure) in appsettings.json file. Contact your administrator.');
  t.is(GUIDE.statuses.initializing.tooltip, 'Nymi Connect - Application initializing');
  t.is(GUIDE.statuses.connected.tooltip, 'Nymi Connect');
  t.deepEqual(GUIDE.menu.map(({ label }) => label), ['Open the Logs Folder', 'Restart']);
});

test('while earlier rules are in force, the sentences of 7.4 and 7.5 are a warning with what holds meanwhile', (t) => {
  for (const file of ['missing', 'broken'] as const) {
    const { level, message } = GUIDE.notices[`settings-${file}-kept`];
    t.deepEqual([level, message], ['warning', `${GUIDE.statuses[`settings-${file}`].message} Until then the earlier settings apply.`]);
  }
});

test('a text is marked as the guide\'s only where the guide prints it', (t) => {
  const printed = new Set([...PRINTED.map(([, , , message]) => message), 'Application initializing', 'Nymi Connect']);
  for (const [name, { source, message }] of ALL) t.is(source === 'guide', printed.has(message), name);
});

test('the name of the product comes from the configuration, names of other products stay', (t) => {
  const own = messagesFor({ product: 'Tapline' });
  t.is(own.statuses['nes-unreachable'].title, 'TAPLINE - DISCONNECTED');
  t.is(own.reasons['unknown-band'].message, 'Tapline cannot find a user associated with this Nymi Band in NES. Re-enroll the Nymi Band.');
  t.is(own.statuses['agent-unreachable'].message, 'Tapline cannot communicate with the Nymi Agent. Contact your administrator.');
  t.false(JSON.stringify(own).includes('Nymi Connect'));
  t.is(messagesFor({ product: 'Tapline', loggingFile: 'logging.json' }).statuses['logging-missing'].message, 'logging.json file is missing. Contact your administrator.');
});

test('every entry has an upper-case title and a time on the screen that fits how it is shown', (t) => {
  for (const [name, { title, forMs, display, level }] of ALL) {
    t.true(title.length > 0 && title === title.toUpperCase(), name);
    t.is(forMs, display === 'alert' ? STAYS_MS[level] : 0, name);
  }
  for (const forMs of Object.values(STAYS_MS)) t.true(forMs >= 3_000 && forMs <= 7_000);
});

test('startup errors are boxes, lost connections are red alerts, states of health are silent', (t) => {
  const boxes = ['settings-missing', 'settings-broken', 'already-running', 'logging-missing', 'logging-broken', 'cannot-initialize'];
  t.deepEqual(STATUSES.filter((code) => GUIDE.statuses[code].display === 'messageBox').toSorted(), boxes.toSorted());
  t.deepEqual(STATUSES.filter((code) => GUIDE.statuses[code].display === 'none'), ['initializing', 'connected']);
  for (const code of TROUBLES) t.is(GUIDE.statuses[code].level, 'error', code);
});

test('every end of a tap tells the person what to do next, and a suppressed one says nothing', (t) => {
  const NEXT = /tap again|contact|please retry|re-enroll|log into|click|check|enter|start the service|move|plug/i;
  for (const code of REASON_CODES.filter((one) => one !== 'suppressed')) t.regex(GUIDE.reasons[code].message, NEXT, code);
  for (const code of REMEDY_CODES) t.regex(GUIDE.remedies[code].message, NEXT, code);
  t.like(GUIDE.reasons.suppressed, { display: 'none', message: '' });
  t.is(GUIDE.reasons.ok.level, 'success');
});
