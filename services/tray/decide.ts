// What a person sees, decided: icon and tooltip, which alert and when, the password form, the menu.
// Pure: texts come in as a table, time as an argument (ms, monotonic). The state holds no name and no password.
import type { TrayIcon } from '../../platform/port.ts';
import { COMPONENTS, LIMITS, MenuId, TROUBLES } from './state.ts';
import type { Component, FormState, Health, KeptFile, Message, Messages, Notice, PasswordResult, TrayCommand, TrayEvent, TrayState, Trouble } from './state.ts';

export type TrayStep = (state: TrayState, event: TrayEvent, now: number) => readonly [TrayState, readonly TrayCommand[]];

/** The step of a tray that speaks with these texts. */
export function trayStep(messages: Messages): TrayStep {
  return (state, event, now) => {
    switch (event.event) {
      case 'started': return withIcon(messages, state, [{ command: 'menu', items: messages.menu }]);
      case 'component.changed': return componentChanged(messages, state, event.component, event.health, now);
      case 'settled': return event.since === state.since ? settled(messages, state, event.trouble, now) : [state, []];
      case 'tap.received': return tapReceived(messages, state, event.tap);
      case 'tap.ended': return tapEnded(messages, state, event);
      case 'tap.storm': return storm(messages, state, now);
      case 'settings.kept': return settingsKept(messages, state, event.file);
      case 'menu.chosen': return [state, menuChosen(event.id)];
      default: return passwordStep(messages, state, event, now);
    }
  };
}

/** What is wrong, worst first. What is known only through a part that is down is not told. */
export function troublesOf(health: TrayState['health']): readonly Trouble[] {
  const told = COMPONENTS.filter((component) => {
    const through = KNOWN_THROUGH[component];
    return through === undefined || !isTrouble(health[through]);
  }).map((component) => health[component]);
  return TROUBLES.filter((trouble) => told.includes(trouble));
}

/** At most 127 characters, as a Windows tray has room for. */
export const TOOLTIP_MAX = 127;
export const errorTooltip = (message: string): string => clip(`Error: ${message}`);

const KNOWN_THROUGH: Partial<Record<Component, Component>> = {
  nes: 'service', policy: 'service', endpoint: 'agent', adapter: 'agent',
};
/** Without word of these the product is still initializing; a terminal may do without the others. */
const NEEDED: readonly Component[] = ['settings', 'nes', 'service', 'agent'];

const isTrouble = (health: Health): health is Trouble => health !== 'unknown' && health !== 'up';
const clip = (text: string): string => text.slice(0, TOOLTIP_MAX).toWellFormed();

function componentChanged(messages: Messages, state: TrayState, component: Component, health: Health, now: number) {
  if (state.health[component] === health) return [state, []] as const;
  const next = { ...state, health: { ...state.health, [component]: health } };
  const top = troublesOf(next.health)[0] ?? null;
  if (top === null) return withIcon(messages, { ...next, since: now, told: null }, []);
  if (top === troublesOf(state.health)[0]) return withIcon(messages, next, []);
  const risen = { ...next, since: now };
  // A box tells of a file: nothing to wait for, and nothing new where another trouble has only gone from above it.
  if (messages.statuses[top].display === 'messageBox') {
    const isOld = health !== top && state.toldAt[top] !== undefined;
    const [after, commands] = isOld ? ([{ ...risen, told: top }, []] as const) : settled(messages, risen, top, now);
    return withIcon(messages, after, commands);
  }
  return withIcon(messages, risen, [{ command: 'after', ms: LIMITS.settleMs, event: { event: 'settled', trouble: top, since: now } }]);
}

function settled(messages: Messages, state: TrayState, trouble: Trouble, now: number) {
  if (troublesOf(state.health)[0] !== trouble || state.told === trouble) return [state, []] as const;
  const before = state.toldAt[trouble];
  if (before !== undefined && now - before < LIMITS.quietMs) return [{ ...state, told: trouble }, []] as const;
  return [{ ...state, told: trouble, toldAt: { ...state.toldAt, [trouble]: now } }, say(messages.statuses[trouble])] as const;
}

function withIcon(messages: Messages, state: TrayState, commands: readonly TrayCommand[]) {
  const icon = iconOf(messages, state.health);
  if (state.icon?.state === icon.state && state.icon.tooltip === icon.tooltip) return [state, commands] as const;
  return [{ ...state, icon }, [{ command: 'icon', icon } as const, ...commands]] as const;
}

function iconOf(messages: Messages, health: TrayState['health']): TrayIcon {
  const top = troublesOf(health)[0];
  if (top !== undefined) {
    const { message, tooltip } = messages.statuses[top];
    return { state: 'disconnected', tooltip: tooltip === undefined ? errorTooltip(message) : clip(tooltip) };
  }
  const state = NEEDED.every((component) => health[component] === 'up') ? 'connected' : 'initializing';
  return { state, tooltip: clip(messages.statuses[state].tooltip ?? messages.product) };
}

const tapReceived = (messages: Messages, state: TrayState, tap: string) =>
  [state, state.ended.includes(tap) ? [] : say(messages.notices['tap-received'])] as const;

function tapEnded(messages: Messages, state: TrayState, { tap, reason, remedy }: Extract<TrayEvent, { event: 'tap.ended' }>) {
  if (state.ended.includes(tap)) return [state, []] as const;
  const ended = [...state.ended, tap].slice(-LIMITS.endedTapsMax);
  return [{ ...state, ended }, say(remedy === undefined ? messages.reasons[reason] : messages.remedies[remedy])] as const;
}

function storm(messages: Messages, state: TrayState, now: number) {
  if (state.stormAt !== null && now - state.stormAt < LIMITS.stormQuietMs) return [state, []] as const;
  return [{ ...state, stormAt: now }, say(messages.notices['spurious-taps'])] as const;
}

function settingsKept(messages: Messages, state: TrayState, kept: KeptFile) {
  if (state.kept === kept) return [state, []] as const;
  return [{ ...state, kept }, kept === null ? [] : say(messages.notices[`settings-${kept}-kept`])] as const;
}

const menuChosen = (id: string): readonly TrayCommand[] =>
  id === MenuId.logs ? [{ command: 'logs.open' }] : id === MenuId.restart ? [{ command: 'restart' }] : [];

type PasswordEvent = Extract<TrayEvent, { readonly event: 'password.requested' | 'form.answered' | 'form.cancelled' | 'form.unanswered' | 'password.result' | 'password.overdue' }>;

function passwordStep(messages: Messages, state: TrayState, event: PasswordEvent, now: number): ReturnType<TrayStep> {
  if (event.event === 'password.requested') return requested(messages, state, event.request, now);
  const form = state.form;
  if (form === null || form.request !== event.request) return [state, []];
  switch (event.event) {
    case 'form.answered': return answered(messages, state, form, now);
    case 'form.cancelled': return dismissed(messages, state, form, 'person', now);
    case 'form.unanswered': return dismissed(messages, state, form, 'unanswered', now);
    case 'password.result': return resulted(messages, state, form, event.result, now);
    case 'password.overdue':
      return form.phase === 'submitted' && form.attempt === event.attempt ? again(messages, state, form, 'form-update-failed', now) : [state, []];
  }
}

function requested(messages: Messages, state: TrayState, request: string, now: number): ReturnType<TrayStep> {
  if (state.form?.request === request || state.waiting.some((one) => one.request === request)) return [state, []];
  if (state.form === null) return openForm(messages, state, { request, phase: 'open', attempt: 1 }, '');
  if (state.waiting.length >= LIMITS.formsWaitingMax) return [state, [{ command: 'password.cancel', request, because: 'too-many' }]];
  return [{ ...state, waiting: [...state.waiting, { request, at: now }] }, []];
}

function answered(messages: Messages, state: TrayState, form: FormState, now: number): ReturnType<TrayStep> {
  const { request, attempt } = form;
  if (form.phase === 'settled') return nextForm(messages, state, [{ command: 'password.discard', request }], now);
  if (form.phase === 'submitted') return [state, []];
  return [{ ...state, form: { ...form, phase: 'submitted' } }, [
    { command: 'password.submit', request },
    { command: 'after', ms: LIMITS.resultMs, event: { event: 'password.overdue', request, attempt } },
  ]];
}

function dismissed(messages: Messages, state: TrayState, form: FormState, because: 'person' | 'unanswered', now: number): ReturnType<TrayStep> {
  if (form.phase === 'settled') return nextForm(messages, state, [], now);
  const told = because === 'person' ? [] : say(messages.notices['form-attempts-used']);
  return nextForm(messages, state, [{ command: 'password.cancel', request: form.request, because }, ...told], now);
}

function resulted(messages: Messages, state: TrayState, form: FormState, result: PasswordResult, now: number): ReturnType<TrayStep> {
  if (result === 'updated' || result === 'closed') {
    const told = say(messages.notices[result === 'updated' ? 'password-updated' : 'form-attempts-used']);
    if (form.phase === 'submitted') return nextForm(messages, state, told, now);
    return form.phase === 'settled' ? [state, []] : [{ ...state, form: { ...form, phase: 'settled' } }, told];
  }
  if (form.phase !== 'submitted') return [state, []];
  return again(messages, state, form, result === 'wrong-password' ? 'form-wrong-password' : 'form-update-failed', now);
}

function again(messages: Messages, state: TrayState, form: FormState, status: Notice, now: number): ReturnType<TrayStep> {
  if (form.attempt < LIMITS.passwordAttemptsMax) {
    return openForm(messages, state, { ...form, phase: 'open', attempt: form.attempt + 1 }, messages.notices[status].message);
  }
  const cancel = { command: 'password.cancel', request: form.request, because: 'attempts' } as const;
  return nextForm(messages, state, [cancel, ...say(messages.notices['form-attempts-used'])], now);
}

function openForm(messages: Messages, state: TrayState, form: FormState, status: string): ReturnType<TrayStep> {
  const text = messages.notices['form-text'].message;
  return [{ ...state, form }, [{ command: 'form', request: form.request, title: messages.product, text, status }]];
}

function nextForm(messages: Messages, state: TrayState, commands: readonly TrayCommand[], now: number): ReturnType<TrayStep> {
  const fresh = state.waiting.filter((one) => now - one.at < LIMITS.formWaitMs);
  const late = state.waiting.filter((one) => !fresh.includes(one));
  const all = [...commands, ...late.map(({ request }) => ({ command: 'password.cancel', request, because: 'waited' }) as const)];
  const [first, ...waiting] = fresh;
  if (first === undefined) return [{ ...state, form: null, waiting: [] }, all];
  const [next, opened] = openForm(messages, { ...state, waiting }, { request: first.request, phase: 'open', attempt: 1 }, '');
  return [next, [...all, ...opened]];
}

function say(message: Message): readonly TrayCommand[] {
  const { level, title, forMs } = message;
  if (message.display === 'alert') return [{ command: 'alert', alert: { level, title, message: message.message, forMs } }];
  return message.display === 'messageBox' ? [{ command: 'messageBox', title, message: message.message }] : [];
}
