// Every text that a person sees, in one table: the guide's own words where it prints them, ours where it shows a picture.
import { AlertLevel } from '../platform/port.ts';
import { APPLICATIONS_BROKEN, APPLICATIONS_BROKEN_TOOLTIP, APPLICATIONS_MISSING } from '../config/applications.ts';
import type { Reason, Remedy } from '../contracts/reasons.ts';
import type { Message, Messages, Notice, Status } from '../services/tray/state.ts';

/**
 * The texts for a product of that name. Section numbers are those of the guide. `loggingFile` is the file that 7.7 and
 * 7.8 speak of, where a deployment names it otherwise than the guide does.
 */
export function messagesFor({ product, loggingFile = 'log4net.config' }: { product: string; loggingFile?: string }): Messages {
  return {
    product,
    reasons: reasons(product),
    remedies: remedies(product),
    statuses: statuses(product, loggingFile),
    notices: notices(product),
    menu: [{ id: 'logs', label: 'Open the Logs Folder' }, { id: 'restart', label: 'Restart' }],
  };
}

/** How long an alert stays by level, in ms: the guide gives 3 to 7 seconds. */
export const STAYS_MS = { success: 3_000, information: 3_000, warning: 5_000, error: 7_000 } as const;

const INTERNAL = 'Internal error. Please retry. If the problem persists, contact Nymi Support.';
/** After the texts of 7.4 and 7.5, where an earlier version of the file was read. */
const SETTINGS_KEPT = 'Until then the earlier settings apply.';
const nesUnreachable = (product: string) =>
  `${product} cannot communicate with NES. Check network connectivity and NES URL configuration. Contact your administrator.`;
const featureDisabled = (product: string) => `The ${product} feature is disabled. Contact your administrator.`;

function reasons(product: string): Record<Reason, Message> {
  const disconnected = `${product.toUpperCase()} - DISCONNECTED`;
  const noField = `${product} cannot detect the username or password field.`;
  const again = 'Click the username field and tap again.';
  return {
    'ok': ours(AlertLevel.success, '5', 'Username and password are filled in. Click Submit or Login to complete the authentication.'),
    'ok-unverified': ours(AlertLevel.warning, '5', 'Username and password were typed, but could not be confirmed. Check both fields before you click Submit or Login.'),

    'cancelled:two-bands': ours(AlertLevel.error, '7.22', 'Two Nymi Bands tapped at the same time, so nothing was filled. Tap again with one Nymi Band only.'),
    'cancelled:resumed': ours(AlertLevel.error, null, `The computer was asleep during the tap. ${again}`),
    'busy': ours(AlertLevel.error, null, 'Another tap is still being processed. Wait until it has ended, then tap again.'),
    'deadline:resolve': ours(AlertLevel.error, '7.19', `The login window did not answer in time. ${again}`),
    'deadline:credential': ours(AlertLevel.error, null, 'The credentials did not arrive in time. Tap again, and contact your administrator if the problem persists.'),
    'deadline:injection': ours(AlertLevel.error, null, `The fields could not be filled in time. ${again}`),
    'deadline:total': ours(AlertLevel.error, null, 'The tap took too long and was stopped. Tap again, and contact your administrator if the problem persists.'),
    'lease-expired': ours(AlertLevel.error, null, 'It is not known whether the fields were filled. Check both fields, clear them if in doubt, and tap again.'),
    'restarted': ours(AlertLevel.error, null, `${product} restarted during the tap. Check both fields, then click the username field and tap again.`),
    'undelivered': guide(AlertLevel.error, '7.21', INTERNAL),

    'suppressed': { ...ours(AlertLevel.information, '7.16', ''), display: 'none', forMs: 0 },
    'not-configured': guide(AlertLevel.error, '7.20', `${product} is not configured for this application. Contact your administrator.`),
    'no-user-field': ours(AlertLevel.error, '7.19', `${noField} ${again}`),
    'no-password-field': ours(AlertLevel.error, '7.19', `${noField} Go to the login or e-signature screen, click the username field and tap again.`),
    'ambiguous-window': ours(AlertLevel.error, '7.19', `${product} cannot tell which window is in use. ${again}`),
    'no-accessibility': ours(AlertLevel.error, '7.19', `This application does not show its fields to ${product}. Contact your administrator.`),
    'settings-broken': guide(AlertLevel.error, '7.5', APPLICATIONS_BROKEN),
    'no-desktop': ours(AlertLevel.error, null, `${product} cannot reach the desktop. Right-click the ${product} icon and select Restart, then tap again.`),

    'unknown-band': guide(AlertLevel.error, '7.17', `${product} cannot find a user associated with this Nymi Band in NES. Re-enroll the Nymi Band.`),
    'inactive-user': ours(AlertLevel.error, '7.17', 'The user or the Nymi Band is not active in NES. Contact your administrator.'),
    'incomplete-enrollment': guide(AlertLevel.error, '7.18', `${product} has detected a Nymi Band with an incomplete enrollment. Log into the Nymi Band Application to complete enrollment.`),
    'no-password': ours(AlertLevel.information, '5.1', 'No password is stored for you yet. Enter your current password in the form, then click the username field and tap again.'),
    'password-unreadable': ours(AlertLevel.error, '7.18', 'The stored password does not open with this Nymi Band. Log into the Nymi Band Application to complete enrollment.'),
    'band-unreachable': guide(AlertLevel.error, '7.21', INTERNAL),
    'nes-unreachable': guide(AlertLevel.error, '7.10', nesUnreachable(product), disconnected),
    'nes-error': ours(AlertLevel.error, '7.10', 'NES could not answer this tap. Tap again, and contact your administrator if the problem persists.'),
    'feature-disabled': ours(AlertLevel.error, '7.15', featureDisabled(product), disconnected),
    'no-prekey': guide(AlertLevel.error, '7.21', INTERNAL),
    'audit-unavailable': ours(AlertLevel.error, null, 'The tap could not be recorded, so nothing was filled. Contact your administrator.'),

    'other-user': ours(AlertLevel.error, '5.2', 'The username field belongs to another user. Clear it or click your own username field, and tap again.'),
    'box-refused': guide(AlertLevel.error, '7.21', INTERNAL),
    'window-changed': ours(AlertLevel.error, '7.19', 'Another window came to the front during the tap. Go back to the login window, clear its fields, click the username field and tap again.'),
    'document-changed': ours(AlertLevel.error, '7.19', `The page changed during the tap. ${again}`),
    'element-gone': ours(AlertLevel.error, '7.19', `The field disappeared during the tap. ${again}`),
    'element-hidden': ours(AlertLevel.error, '7.19', 'The username or password field cannot be seen or edited. Go to a screen where both can, and tap again.'),
    'focus-lost': ours(AlertLevel.error, '7.19', 'The field was left during the tap. Clear the fields, click the username field, do not move the mouse, and tap again.'),
    'value-too-long': ours(AlertLevel.error, null, 'The field is too short for the value. Contact your administrator.'),
    'untypable': ours(AlertLevel.error, null, 'The keyboard layout cannot type a character that is needed. Contact your administrator.'),
    'input-method': ours(AlertLevel.error, null, 'An input method is switched on. Switch it to plain letters, then tap again.'),
    'option-missing': ours(AlertLevel.error, '4.4.3', 'The drop-down list does not contain your username. Contact your administrator.'),
    'not-applied': ours(AlertLevel.error, null, 'The application did not accept what was typed. Clear the fields, click the username field and tap again.'),
    'desktop-error': ours(AlertLevel.error, null, `The desktop refused the operation. ${again}`),
  };
}

function remedies(product: string): Record<Remedy, Message> {
  return {
    'accessibility-flag': ours(AlertLevel.error, '7.19',
      `This application shows its fields to ${product} only if it is started with --force-renderer-accessibility=basic. Contact your administrator.`),
  };
}

function statuses(product: string, loggingFile: string): Record<Status, Message> {
  const disconnected = `${product.toUpperCase()} - DISCONNECTED`;
  const box = (message: Message): Message => ({ ...message, display: 'messageBox', forMs: 0 });
  const silent = (message: Message): Message => ({ ...message, display: 'none', forMs: 0 });
  const error = AlertLevel.error;
  return {
    'initializing': { ...silent(guide(AlertLevel.information, '7.1', 'Application initializing')), tooltip: `${product} - Application initializing` },
    'connected': { ...silent(guide(AlertLevel.information, '7.1', product)), tooltip: product },
    'settings-missing': box(guide(error, '7.4', APPLICATIONS_MISSING)),
    'settings-broken': {
      ...box(guide(error, '7.5', APPLICATIONS_BROKEN)),
      tooltip: `Error: ${APPLICATIONS_BROKEN_TOOLTIP}`,
    },
    'already-running': box(ours(error, '7.6', `${product} is already running. Click OK and use the ${product} icon in the system tray.`)),
    'logging-missing': box(guide(error, '7.7', `${loggingFile} file is missing. Contact your administrator.`)),
    'logging-broken': box(guide(error, '7.8', `Configuration error in ${loggingFile} file. Contact your administrator.`)),
    'cannot-initialize': box(guide(error, '7.9', `${product} cannot initialize. Contact your administrator.`)),
    'nes-unreachable': guide(error, '7.10', nesUnreachable(product), disconnected),
    'service-not-responding': ours(error, '7.11', `${product} Service is not responding. Contact your administrator.`, disconnected),
    'agent-unreachable': guide(error, '7.12', `${product} cannot communicate with the Nymi Agent. Contact your administrator.`, disconnected),
    'endpoint-not-running': guide(error, '7.13', 'Nymi Bluetooth Endpoint service is not running. Start the service.', disconnected),
    'adapter-missing': ours(error, '7.14', 'Nymi Bluetooth Adapter is missing. Plug the adapter into a USB port.', disconnected),
    'feature-disabled': ours(error, '7.15', featureDisabled(product), disconnected),
  };
}

function notices(product: string): Record<Notice, Message> {
  const form = (message: Message): Message => ({ ...message, display: 'form', forMs: 0 });
  const { information, success, warning, error } = AlertLevel;
  return {
    'tap-received': guide(information, '5', 'Detected tap from a Nymi Band', 'TAP RECEIVED'),
    'spurious-taps': ours(warning, '7.22', `${product} detects spurious Nymi Band taps. Move your Nymi Band away from the NFC reader and the Bluetooth adapter.`),
    'settings-missing-kept': ours(warning, '7.4', `${APPLICATIONS_MISSING} ${SETTINGS_KEPT}`),
    'settings-broken-kept': ours(warning, '7.5', `${APPLICATIONS_BROKEN} ${SETTINGS_KEPT}`),
    'password-updated': ours(success, '5.1', 'Your password was updated. Click the username field and tap again.'),
    'form-text': form(guide(information, '7.24',
      'Nymi requires your current password to provision your credentials in a secure manner. This is a one time activity until your password changes. Please enter it to continue.')),
    'form-wrong-password': form(guide(error, '7.24', 'Username and Password are invalid.')),
    'form-update-failed': form(guide(error, '7.25', 'Attempt to update Nymi Band password failed.')),
    'form-attempts-used': ours(error, '7.25', 'Your password was not updated. Check your password, then tap again, and contact your administrator if the problem persists.'),
  };
}

function guide(level: AlertLevel, section: string, message: string, title: string = TITLES[level]): Message {
  return { title, level, message, section, source: 'guide', display: 'alert', forMs: STAYS_MS[level] };
}

function ours(level: AlertLevel, section: string | null, message: string, title: string = TITLES[level]): Message {
  return { title, level, message, section, source: 'ours', display: 'alert', forMs: STAYS_MS[level] };
}

const TITLES: Record<AlertLevel, string> = { error: 'ERROR', warning: 'WARNING', information: 'INFORMATION', success: 'SUCCESS' };
