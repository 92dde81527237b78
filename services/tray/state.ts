// What the tray knows, hears and orders: the vocabulary of its step. Plain data; it holds no name and no password.
import type { Outcome, Reason, Remedy } from '../../contracts/reasons.ts';
import type { Alert, TrayIcon } from '../../platform/port.ts';

/**
 * Conditions of the product; troubles in the order in which they matter to a person, which is the guide's, but for those of the log:
 * they keep nobody from signing in.
 */
export const TROUBLES = [
  'settings-missing', 'settings-broken',
  'nes-unreachable', 'service-not-responding', 'agent-unreachable', 'endpoint-not-running', 'adapter-missing', 'feature-disabled',
  'logging-missing', 'logging-broken',
] as const;
export type Trouble = (typeof TROUBLES)[number];
/** `already-running` and `cannot-initialize` are shown by what ends without an icon: a second instance, and a start that failed. */
export type Status = 'initializing' | 'connected' | 'already-running' | 'cannot-initialize' | Trouble;

export const NOTICES = [
  'tap-received', 'spurious-taps', 'settings-missing-kept', 'settings-broken-kept',
  'password-updated', 'form-text', 'form-wrong-password', 'form-update-failed', 'form-attempts-used',
] as const;
export type Notice = (typeof NOTICES)[number];

export interface Message extends Alert {
  /** Section of the guide that the text belongs to; null where the guide has none. */
  readonly section: string | null;
  /** `guide`: printed there, word for word; `ours`: derived, because the guide shows a picture or nothing. */
  readonly source: 'guide' | 'ours';
  readonly display: 'alert' | 'none' | 'messageBox' | 'form';
  /** The text under the pointer, where it is not `Error: <message>`. */
  readonly tooltip?: string;
}

/** Every text, for one name of the product; insight/messages.ts makes it. */
export interface Messages {
  readonly product: string;
  readonly reasons: Readonly<Record<Reason, Message>>;
  /** Instead of that of the reason, where the way out is known. */
  readonly remedies: Readonly<Record<Remedy, Message>>;
  readonly statuses: Readonly<Record<Status, Message>>;
  readonly notices: Readonly<Record<Notice, Message>>;
  readonly menu: readonly { readonly id: MenuId; readonly label: string }[];
}

export const MenuId = { logs: 'logs', restart: 'restart' } as const;
export type MenuId = (typeof MenuId)[keyof typeof MenuId];

/** The parts whose health the icon tells. `service` is the machine zone as the session sees it. */
export const COMPONENTS = ['settings', 'logging', 'nes', 'service', 'agent', 'endpoint', 'adapter', 'policy'] as const;
export type Component = (typeof COMPONENTS)[number];
export type Health = 'unknown' | 'up' | Trouble;

export const LIMITS = {
  /** A trouble shorter than this changes the icon and raises no alert: an actor that restarts is not news. */
  settleMs: 2_000,
  /** The same trouble, gone and back within this time, raises no second alert. */
  quietMs: 60_000,
  /** One warning of spurious taps in this time. */
  stormQuietMs: 60_000,
  /** How long the broker may take over a password before the form says that the update failed. */
  resultMs: 15_000,
  /** Wrong or failed passwords before the form closes. */
  passwordAttemptsMax: 5,
  /** Password forms that may wait behind the open one, and for how long. */
  formsWaitingMax: 4,
  formWaitMs: 60_000,
  /** Taps whose end is remembered, so that none is shown twice. */
  endedTapsMax: 32,
} as const;

export type TrayEvent =
  | { readonly event: 'started' }
  | { readonly event: 'component.changed'; readonly component: Component; readonly health: Health }
  /** `since` is the time at which the trouble came to the top. */
  | { readonly event: 'settled'; readonly trouble: Trouble; readonly since: number }
  | { readonly event: 'tap.received'; readonly tap: string }
  | { readonly event: 'tap.ended'; readonly tap: string; readonly outcome: Outcome; readonly reason: Reason; readonly remedy?: Remedy | undefined }
  | { readonly event: 'tap.storm' }
  /** The file of rules cannot be used while earlier ones are in force; null: it can. */
  | { readonly event: 'settings.kept'; readonly file: KeptFile }
  | { readonly event: 'password.requested'; readonly request: string }
  | { readonly event: 'form.answered'; readonly request: string }
  | { readonly event: 'form.cancelled'; readonly request: string }
  /** The form could not be shown, or nobody answered it. */
  | { readonly event: 'form.unanswered'; readonly request: string }
  | { readonly event: 'password.result'; readonly request: string; readonly result: PasswordResult }
  | { readonly event: 'password.overdue'; readonly request: string; readonly attempt: number }
  | { readonly event: 'menu.chosen'; readonly id: string };
export type KeptFile = 'missing' | 'broken' | null;
/** `closed`: the broker does not know the form any more. */
export type PasswordResult = 'updated' | 'wrong-password' | 'update-failed' | 'closed';

export type TrayCommand =
  | { readonly command: 'icon'; readonly icon: TrayIcon }
  | { readonly command: 'alert'; readonly alert: Alert }
  | { readonly command: 'messageBox'; readonly title: string; readonly message: string }
  | { readonly command: 'menu'; readonly items: Messages['menu'] }
  /** Show the form for the user that the shell knows by `request`; answered by `form.answered`, `.cancelled` or `.unanswered`. */
  | { readonly command: 'form'; readonly request: string; readonly title: string; readonly text: string; readonly status: string }
  /** Send the password that the form gave, then wipe it. */
  | { readonly command: 'password.submit'; readonly request: string }
  | { readonly command: 'password.cancel'; readonly request: string; readonly because: 'person' | 'attempts' | 'too-many' | 'waited' | 'unanswered' }
  /** Wipe what the form gave: it is settled meanwhile. */
  | { readonly command: 'password.discard'; readonly request: string }
  | { readonly command: 'logs.open' }
  | { readonly command: 'restart' }
  | { readonly command: 'after'; readonly ms: number; readonly event: TrayEvent };

export interface FormState {
  readonly request: string;
  /** `settled`: the broker's late word came while the form was open again. */
  readonly phase: 'open' | 'submitted' | 'settled';
  readonly attempt: number;
}

export interface TrayState {
  readonly health: Readonly<Record<Component, Health>>;
  readonly icon: TrayIcon | null;
  /** When the trouble now on top came there. */
  readonly since: number;
  /** The trouble that the person was last told of; null when all is well again. */
  readonly told: Trouble | null;
  readonly toldAt: Readonly<Partial<Record<Trouble, number>>>;
  readonly stormAt: number | null;
  /** What the person was last warned of while earlier rules are in force. */
  readonly kept: KeptFile;
  readonly ended: readonly string[];
  readonly form: FormState | null;
  readonly waiting: readonly { readonly request: string; readonly at: number }[];
}

export const INITIAL: TrayState = {
  health: {
    settings: 'unknown', logging: 'unknown', nes: 'unknown', service: 'unknown',
    agent: 'unknown', endpoint: 'unknown', adapter: 'unknown', policy: 'unknown',
  },
  icon: null, since: 0, told: null, toldAt: {}, stormAt: null, kept: null, ended: [], form: null, waiting: [],
};
