// What the tray shows, step by step, in time that the test makes.
import test from 'ava';
import { messagesFor } from '../../insight/messages.ts';
import { errorTooltip, troublesOf, trayStep } from '../../services/tray/decide.ts';
import { COMPONENTS, INITIAL, LIMITS } from '../../services/tray/state.ts';
import type { Component, Health, TrayCommand, TrayEvent, TrayState } from '../../services/tray/state.ts';

const TEXTS = messagesFor({ product: 'Tapline' });
const step = trayStep(TEXTS);

test('at the start it is initializing and has its menu', (t) => {
  const { commands } = run([[0, { event: 'started' }]]);
  t.deepEqual(commands, [
    { command: 'icon', icon: { state: 'initializing', tooltip: 'Tapline - Application initializing' } },
    { command: 'menu', items: [{ id: 'logs', label: 'Open the Logs Folder' }, { id: 'restart', label: 'Restart' }] },
  ]);
});

test('it is connected once everything that it needs is up, and says so once', (t) => {
  const { commands } = run([...allUp(), ...allUp()]);
  t.deepEqual(commands.filter(({ command }) => command === 'icon'), [
    { command: 'icon', icon: { state: 'initializing', tooltip: 'Tapline - Application initializing' } },
    { command: 'icon', icon: { state: 'connected', tooltip: 'Tapline' } },
  ]);
});

const TOPS: readonly (readonly [Partial<Record<Component, Health>>, string | undefined])[] = [
  [{ agent: 'agent-unreachable', nes: 'nes-unreachable' }, 'nes-unreachable'],
  [{ adapter: 'adapter-missing', endpoint: 'endpoint-not-running' }, 'endpoint-not-running'],
  [{ settings: 'settings-broken', logging: 'logging-broken', nes: 'nes-unreachable' }, 'settings-broken'],
  [{ logging: 'logging-broken', policy: 'feature-disabled' }, 'feature-disabled'],
  [{ service: 'service-not-responding', nes: 'nes-unreachable', policy: 'feature-disabled' }, 'service-not-responding'],
  [{ agent: 'agent-unreachable', endpoint: 'endpoint-not-running', policy: 'feature-disabled' }, 'agent-unreachable'],
  [{ policy: 'feature-disabled' }, 'feature-disabled'],
  [{}, undefined],
];
for (const [health, top] of TOPS) {
  test(`with ${Object.values(health).join(', ') || 'no trouble'} the person reads of ${top ?? 'nothing'}`, (t) => {
    t.is(troublesOf({ ...INITIAL.health, ...health })[0], top as never);
  });
}

test('a lost connection changes the icon at once and raises one alert when it has lasted', (t) => {
  const lost = run([[100, changed('nes', 'nes-unreachable')]], up());
  t.deepEqual(lost.commands, [
    { command: 'icon', icon: { state: 'disconnected', tooltip: errorTooltip(TEXTS.statuses['nes-unreachable'].message) } },
    { command: 'after', ms: LIMITS.settleMs, event: { event: 'settled', trouble: 'nes-unreachable', since: 100 } },
  ]);
  const due = { event: 'settled', trouble: 'nes-unreachable', since: 100 } as const;
  const told = run([[2_100, due], [2_200, due], [2_300, changed('nes', 'nes-unreachable')]], lost.state);
  t.deepEqual(said(told.commands), ['TAPLINE - DISCONNECTED']);
});

test('a box is shown once for a file, however often another trouble comes and goes above it', (t) => {
  const boxes = (commands: readonly TrayCommand[]) => commands.filter(({ command }) => command === 'messageBox').length;
  const broken = run([[100, changed('logging', 'logging-broken')]], up());
  t.is(boxes(broken.commands), 1);
  const told = { event: 'settled', trouble: 'nes-unreachable', since: 100_000 } as const;
  const after = run([[100_000, changed('nes', 'nes-unreachable')], [102_000, told], [200_000, changed('nes', 'up')]], broken.state);
  t.deepEqual(said(after.commands), ['TAPLINE - DISCONNECTED']);
  t.is(boxes(after.commands), 0);
  t.is(after.state.icon?.tooltip, errorTooltip(TEXTS.statuses['logging-broken'].message));
  t.is(boxes(run([[300_000, changed('logging', 'up')], [400_000, changed('logging', 'logging-broken')]], after.state).commands), 1);
});

test('a trouble shorter than the settling time raises no alert, even if it comes back before the timer fires', (t) => {
  const { commands } = run([
    [100, changed('service', 'service-not-responding')],
    [600, changed('service', 'up')],
    [1_900, changed('service', 'service-not-responding')],
    [2_100, { event: 'settled', trouble: 'service-not-responding', since: 100 }],
  ], up());
  t.deepEqual(said(commands), []);
});

test('the same trouble back within a minute is not told again, after it is', (t) => {
  const again = (at: number): Timed[] => [
    [at, changed('agent', 'agent-unreachable')],
    [at + LIMITS.settleMs, { event: 'settled', trouble: 'agent-unreachable', since: at }],
    [at + LIMITS.settleMs + 1, changed('agent', 'up')],
  ];
  t.is(said(run([...again(0), ...again(20_000)], up()).commands).length, 1);
  t.is(said(run([...again(0), ...again(20_000), ...again(LIMITS.quietMs + 10)], up()).commands).length, 2);
});

test('broken settings open one message box at once', (t) => {
  const { commands } = run([[5, changed('settings', 'settings-broken')], [6, changed('settings', 'settings-broken')]], up());
  t.deepEqual(commands.map(({ command }) => command), ['icon', 'messageBox']);
  t.like(commands[0], { icon: { tooltip: TEXTS.statuses['settings-broken'].tooltip } });
});

test('earlier rules in force instead of a file that cannot be used are told once, and the icon stays', (t) => {
  const kept = (file: 'missing' | 'broken' | null): TrayEvent => ({ event: 'settings.kept', file });
  const { commands } = run([[5, kept('broken')], [6, kept('broken')], [7, kept('missing')], [8, kept(null)], [9, kept(null)], [10, kept('broken')]], up());
  t.deepEqual(said(commands), ['WARNING', 'WARNING', 'WARNING']);
  t.deepEqual(commands.map(({ command }) => command), ['alert', 'alert', 'alert']);
  t.like(commands[0], { alert: { level: 'warning', message: TEXTS.notices['settings-broken-kept'].message } });
  t.like(commands[1], { alert: { level: 'warning', message: TEXTS.notices['settings-missing-kept'].message } });
});

test('a tooltip holds at most 127 characters', (t) => {
  t.is(errorTooltip('x'.repeat(500)).length, 127);
  t.is(errorTooltip('😀'.repeat(500)).length, 127);
  t.is(errorTooltip('short'), 'Error: short');
});

test('a tap is told when it is received and when it ends, each once', (t) => {
  const ended = { event: 'tap.ended', tap: 'a', outcome: 'filled', reason: 'ok' } as const;
  const { commands } = run([[0, { event: 'tap.received', tap: 'a' }], [300, ended], [301, ended], [302, { event: 'tap.received', tap: 'a' }]], up());
  t.deepEqual(commands, [
    { command: 'alert', alert: { level: 'information', title: 'TAP RECEIVED', message: 'Detected tap from a Nymi Band', forMs: 3_000 } },
    { command: 'alert', alert: { level: 'success', title: 'SUCCESS', message: TEXTS.reasons.ok.message, forMs: 3_000 } },
  ]);
});

test('a refused tap is red, a suppressed one is not seen', (t) => {
  const refused = run([[0, { event: 'tap.ended', tap: 'a', outcome: 'refused', reason: 'unknown-band' }]], up());
  t.like(refused.commands[0], { command: 'alert', alert: { level: 'error', title: 'ERROR', forMs: 7_000 } });
  t.deepEqual(run([[0, { event: 'tap.ended', tap: 'a', outcome: 'refused', reason: 'suppressed' }]], up()).commands, []);
});

test('where the way out is known, it is told instead of the reason', (t) => {
  const ended = { event: 'tap.ended', tap: 'a', outcome: 'refused', reason: 'no-accessibility' } as const;
  const told = (event: TrayEvent): unknown => run([[0, event]], up()).commands.map((command) => command.command === 'alert' && command.alert.message);
  t.deepEqual(told(ended), [TEXTS.reasons['no-accessibility'].message]);
  t.deepEqual(told({ ...ended, remedy: 'accessibility-flag' }), [TEXTS.remedies['accessibility-flag'].message]);
});

test('only so many ended taps are remembered', (t) => {
  const many = Array.from({ length: 100 }, (_, n): Timed => [n, { event: 'tap.ended', tap: `t${n}`, outcome: 'filled', reason: 'ok' }]);
  t.is(run(many, up()).state.ended.length, LIMITS.endedTapsMax);
});

test('storms are told once a minute', (t) => {
  const { commands } = run([[0, { event: 'tap.storm' }], [30_000, { event: 'tap.storm' }], [60_000, { event: 'tap.storm' }]], up());
  t.deepEqual(said(commands), ['WARNING', 'WARNING']);
});

test('a wrong password brings the form back with the red line, the right one a success', (t) => {
  const { commands, state } = run([
    [0, { event: 'password.requested', request: 'r' }],
    [1, { event: 'password.requested', request: 'r' }],
    [5_000, { event: 'form.answered', request: 'r' }],
    [5_100, { event: 'password.result', request: 'r', result: 'wrong-password' }],
    [9_000, { event: 'form.answered', request: 'r' }],
    [9_100, { event: 'password.result', request: 'r', result: 'updated' }],
  ], up());
  t.deepEqual(commands.map(brief), [
    'form ', 'password.submit', 'after', 'form Username and Password are invalid.', 'password.submit', 'after', 'alert SUCCESS',
  ]);
  t.is(state.form, null);
});

test('an update that fails, or is not answered, is said on the form', (t) => {
  const { commands, state } = run([
    [0, { event: 'password.requested', request: 'r' }],
    [1, { event: 'form.answered', request: 'r' }],
    [2, { event: 'password.result', request: 'r', result: 'update-failed' }],
    [3, { event: 'form.answered', request: 'r' }],
    [15_001, { event: 'password.overdue', request: 'r', attempt: 1 }],
  ], up());
  const failed = 'form Attempt to update Nymi Band password failed.';
  t.deepEqual(commands.map(brief), ['form ', 'password.submit', 'after', failed, 'password.submit', 'after']);
  t.deepEqual(run([[15_003, { event: 'password.overdue', request: 'r', attempt: 2 }]], state).commands.map(brief), [failed]);
});

test('a password that was updated late wipes what the form gives afterwards', (t) => {
  const late = run([
    [0, { event: 'password.requested', request: 'r' }],
    [1, { event: 'form.answered', request: 'r' }],
    [15_001, { event: 'password.overdue', request: 'r', attempt: 1 }],
    [15_500, { event: 'password.result', request: 'r', result: 'updated' }],
  ], up());
  t.is(late.commands.map(brief).at(-1), 'alert SUCCESS');
  const typed = run([[20_000, { event: 'form.answered', request: 'r' }]], late.state);
  t.deepEqual(typed.commands.map(brief), ['password.discard']);
  t.is(typed.state.form, null);
  const closed = run([[20_000, { event: 'form.cancelled', request: 'r' }]], late.state);
  t.deepEqual(closed.commands, []);
});

test('a cancelled form is reported, and the next one that waits opens', (t) => {
  const { commands } = run([
    [0, { event: 'password.requested', request: 'r' }],
    [1, { event: 'password.requested', request: 's' }],
    [2, { event: 'form.cancelled', request: 'r' }],
  ], up());
  t.deepEqual(commands.slice(1), [
    { command: 'password.cancel', request: 'r', because: 'person' },
    { command: 'form', request: 's', title: 'Tapline', text: TEXTS.notices['form-text'].message, status: '' },
  ]);
});

test('a form that nobody answered is not a cancel, and the person hears of it', (t) => {
  const { commands, state } = run([[0, { event: 'password.requested', request: 'r' }], [1, { event: 'form.unanswered', request: 'r' }]], up());
  t.deepEqual(commands.map(brief), ['form ', 'password.cancel unanswered', 'alert ERROR']);
  t.is(state.form, null);
});

test('a form that the broker does not know any more closes, and what it gives afterwards is wiped', (t) => {
  const asked: Timed[] = [[0, { event: 'password.requested', request: 'r' }], [1, { event: 'form.answered', request: 'r' }]];
  const closed = { event: 'password.result', request: 'r', result: 'closed' } as const;
  const submitted = run([...asked, [2, closed]], up());
  t.deepEqual([submitted.commands.map(brief).at(-1), submitted.state.form], ['alert ERROR', null]);
  const open = run([...asked, [15_002, { event: 'password.overdue', request: 'r', attempt: 1 }], [15_003, closed]], up());
  t.deepEqual(run([[16_000, { event: 'form.answered', request: 'r' }]], open.state).commands.map(brief), ['password.discard']);
});

test('attempts, waiting forms and their time are bounded', (t) => {
  const attempts = run([[0, { event: 'password.requested', request: 'r' }], ...Array.from({ length: LIMITS.passwordAttemptsMax }, (_, n): Timed[] => [
    [n, { event: 'form.answered', request: 'r' }],
    [n, { event: 'password.result', request: 'r', result: 'wrong-password' }],
  ]).flat()], up());
  t.deepEqual(attempts.commands.map(brief).slice(-2), ['password.cancel attempts', 'alert ERROR']);

  const asked = Array.from({ length: LIMITS.formsWaitingMax + 2 }, (_, n): Timed => [n, { event: 'password.requested', request: `r${n}` }]);
  const crowd = run(asked, up());
  t.deepEqual(crowd.commands.map(brief), ['form ', 'password.cancel too-many']);
  const late = run([[LIMITS.formWaitMs + 2, { event: 'form.cancelled', request: 'r0' }]], crowd.state);
  t.deepEqual(late.commands.map(brief), ['password.cancel person', 'password.cancel waited', 'password.cancel waited', 'form ']);
});

test('answers for a form that is not open do nothing', (t) => {
  t.deepEqual(run([[0, { event: 'form.answered', request: 'x' }], [1, { event: 'password.result', request: 'x', result: 'updated' }]], up()).commands, []);
});

test('the menu opens the logs folder and restarts, and ignores what it does not know', (t) => {
  const { commands } = run([[0, { event: 'menu.chosen', id: 'logs' }], [1, { event: 'menu.chosen', id: 'restart' }], [2, { event: 'menu.chosen', id: 'x' }]]);
  t.deepEqual(commands, [{ command: 'logs.open' }, { command: 'restart' }]);
});

type Timed = readonly [number, TrayEvent];

function run(events: readonly Timed[], from: TrayState = INITIAL): { state: TrayState; commands: readonly TrayCommand[] } {
  let state = from;
  const commands: TrayCommand[] = [];
  for (const [now, event] of events) {
    const [next, more] = step(state, event, now);
    state = next;
    commands.push(...more);
  }
  return { state, commands };
}

function allUp(): readonly Timed[] {
  return COMPONENTS.map((component) => [0, changed(component, 'up')]);
}

function up(): TrayState {
  return run(allUp()).state;
}

function changed(component: Component, health: Health): TrayEvent {
  return { event: 'component.changed', component, health };
}

function said(commands: readonly TrayCommand[]): readonly string[] {
  return commands.flatMap((one) => (one.command === 'alert' ? [one.alert.title] : []));
}

function brief(one: TrayCommand): string {
  if (one.command === 'form') return `form ${one.status}`;
  if (one.command === 'alert') return `alert ${one.alert.title}`;
  return one.command === 'password.cancel' ? `${one.command} ${one.because}` : one.command;
}
