// Every way a tap can end, and why. A reason is a contract: tray texts, audit records and reports key on it.

/** How an accepted tap ended. */
export const Outcome = {
  /** Both values are in their fields and were read back. */
  filled: 'filled',
  /** Both values were written, but one could not be read back; the person is told so. */
  filledUnverified: 'filled-unverified',
  /** Nothing was written, by decision. */
  refused: 'refused',
  /** Something did not work; what was written was cleared where it could be. */
  failed: 'failed',
  /** Nobody can say: the owner of the end died and the lease ran out. */
  unknown: 'unknown',
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Reason code of an end, with what it means. The key goes over the wire; codes are never reused. */
export const REASONS = {
  'ok': 'Both values were written and read back.',
  'ok-unverified': 'Both values were written; the desktop could not confirm one of them.',

  // tap-listener
  'cancelled:two-bands': 'Another band tapped within the ambiguity window.',
  'cancelled:resumed': 'The machine slept: wall and monotonic time parted.',
  'busy': 'Another tap had not ended yet.',
  'deadline:resolve': 'The window was not resolved in time.',
  'deadline:credential': 'The credential did not arrive in time.',
  'deadline:injection': 'The injection could not end, or did not begin, in time.',
  'deadline:total': 'The tap ran out of time.',
  'lease-expired': 'The injector began and never said how it ended.',
  'restarted': 'An actor restarted while the tap was open.',
  'undelivered': 'A message of the tap was not accepted by its receiver.',

  // window-resolver
  'suppressed': 'The application is on the suppressed list: silent.',
  'not-configured': 'The application is not on the included list.',
  'no-user-field': 'No user-name field has the focus.',
  'no-password-field': 'No password field belongs to the focused field.',
  'ambiguous-window': 'It cannot be told which window or element has the focus.',
  'no-accessibility': 'The application does not expose its fields.',
  'settings-broken': 'The application settings cannot be read.',
  'no-desktop': 'The desktop cannot be reached.',

  // credential-broker
  'unknown-band': 'No user of NES owns this band.',
  'inactive-user': 'The user or band is not active in NES.',
  'incomplete-enrollment': 'The band has no key for the password.',
  'no-password': 'NES holds no encrypted password for the user.',
  'password-unreadable': 'The stored password does not open with the key of the band.',
  'band-unreachable': 'The band did not answer over Bluetooth.',
  'nes-unreachable': 'NES cannot be reached.',
  'nes-error': 'NES answered with an error or with something unreadable.',
  'feature-disabled': 'The NES policy has Lock Control switched off.',
  'no-prekey': 'The injector has no one-use key left with the broker.',
  'audit-unavailable': 'The audit intent could not be made durable.',

  // injector
  'other-user': 'The user-name field holds another person, or cannot be changed.',
  'box-refused': 'The sealed credential did not open.',
  'window-changed': 'Another window came to the front.',
  'document-changed': 'The document in the window changed.',
  'element-gone': 'The field no longer exists.',
  'element-hidden': 'The field is hidden, disabled or read-only.',
  'focus-lost': 'The focus left the field.',
  'value-too-long': 'The field cannot take the whole value.',
  'untypable': 'A character cannot be typed with this keyboard.',
  'input-method': 'An input method would make other characters of the keys, in a window that shows no fields.',
  'option-missing': 'The drop-down does not list the user.',
  'not-applied': 'The field does not show what was written.',
  'desktop-error': 'The desktop refused the operation.',
} as const;
export type Reason = keyof typeof REASONS;

export const REASON_CODES = Object.keys(REASONS) as [Reason, ...Reason[]];

/** What an administrator can do about a reason that has several causes, where the cause is known. */
export const REMEDIES = {
  'accessibility-flag': 'no-accessibility: the program is made of Chromium, and was started without --force-renderer-accessibility.',
} as const;
export type Remedy = keyof typeof REMEDIES;
export const REMEDY_CODES = Object.keys(REMEDIES) as [Remedy, ...Remedy[]];

/** What went wrong, rather than what was decided. */
const FAULTS: ReadonlySet<Reason> = new Set<Reason>([
  'deadline:resolve', 'deadline:credential', 'deadline:injection', 'deadline:total', 'cancelled:resumed', 'restarted', 'undelivered',
  'no-desktop', 'nes-unreachable', 'nes-error', 'band-unreachable', 'password-unreadable', 'no-prekey', 'audit-unavailable', 'box-refused', 'desktop-error',
]);
/** How a tap ends for this reason where nothing was written: refused by decision, or failed. */
export const outcomeUnwritten = (reason: Reason): Outcome => (FAULTS.has(reason) ? Outcome.failed : Outcome.refused);
