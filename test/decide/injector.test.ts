// When the injector may begin, and what becomes of a tap that it may not fill.
import test from 'ava';
import { decideWith, INITIAL, type Command, type Event, type Resolved, type State } from '../../services/injector/decide.ts';
import type { After } from '../../runtime/run.ts';
import { leftBehind, type Entry } from '../../services/injector/entries.ts';

const MS = 1000;
const DEADLINE_MS = 2000;
const step = decideWith(300);
const TARGET = { window: { id: 'w', pid: 1 }, url: null, user: { ref: 'u', role: 'text' }, password: { ref: 'p' } } as const;
const RESOLVED: Resolved = { target: TARGET, focusOn: 'user', userEditable: true };
const deadlineUs = DEADLINE_MS * MS;

const WORDS: Record<'resolved' | 'committed' | 'issued', Event> = {
  resolved: { event: 'resolved', tap: 'a', deadlineUs, resolved: RESOLVED },
  committed: { event: 'committed', tap: 'a', deadlineUs },
  issued: { event: 'issued', tap: 'a', deadlineUs, atUs: 90 * MS },
};
type Timed = readonly [ms: number, event: Event];
const ORDERS = [['resolved', 'committed', 'issued'], ['resolved', 'issued', 'committed'], ['committed', 'resolved', 'issued'], ['committed', 'issued', 'resolved'], ['issued', 'resolved', 'committed'], ['issued', 'committed', 'resolved']] as const;

for (const order of ORDERS) {
  test(`${order.join(', ')}: the end is asked for when all three are there, and not before`, (t) => {
    const events = order.map((word, n): Timed => [n, WORDS[word]]);
    const known = order[2] === 'resolved' ? [] : ['prepare'];
    t.deepEqual(run(events.slice(0, 2)).words, ['after forget', ...known]);
    t.deepEqual(run(events).words, ['after forget', ...known, 'ask', 'prepare']);
  });
}

const granted = (yes: boolean): Event => ({ event: 'granted', tap: 'a', granted: yes });
const cancelled: Event = { event: 'cancelled', tap: 'a', deadlineUs, reason: 'cancelled:two-bands' };
const done: Event = { event: 'done', tap: 'a', outcome: 'filled', reason: 'ok' };
const all: readonly Timed[] = ORDERS[0].map((word, n): Timed => [n, WORDS[word]]);
const asking: readonly Timed[] = all;
const filling: readonly Timed[] = [...asking, [100, granted(true)]];

const LAST: readonly (readonly [string, readonly Timed[], readonly string[]])[] = [
  ['a grant begins the fill', [...asking, [100, granted(true)]], ['fill']],
  ['without a grant nothing is filled, and it is said', [...asking, [100, granted(false)]], ['report failed deadline:injection', 'drop']],
  ['a grant that comes too late fills nothing', [...asking, [1701, granted(true)]], ['report failed deadline:injection', 'drop']],
  ['what cannot end in time does not begin', [...all.slice(0, 2), [1701, WORDS.issued]], ['report failed deadline:injection', 'drop']],
  ['what can just end in time begins', [...all.slice(0, 2), [1700, WORDS.issued]], ['ask', 'prepare']],
  ['the outcome is reported', [...filling, [150, done]], ['report filled ok', 'drop']],
  ['a tap that is cancelled while it waits is dropped', [...all.slice(0, 2), [50, cancelled]], ['drop']],
  ['a tap that is cancelled while the end is asked for is reported', [...asking, [50, cancelled]], ['report refused cancelled:two-bands', 'drop']],
  ['a tap that is cancelled while it is filled is stopped', [...filling, [120, cancelled]], ['abort cancelled:two-bands']],
  ['a fill that was stopped still says how it ended', [...filling, [120, cancelled], [130, { ...done, outcome: 'failed', reason: 'cancelled:two-bands' }]], ['report failed cancelled:two-bands', 'drop']],
  ['a grant after a cancellation fills nothing', [...asking, [50, cancelled], [60, granted(true)]], []],
  ['a cancellation before anything else is remembered', [[0, cancelled], [1, WORDS.resolved], [2, WORDS.committed], [3, WORDS.issued]], []],
  ['a second box changes nothing', [...asking, [50, WORDS.issued]], []],
  ['a tap that was reported is not filled again', [...filling, [150, done], [160, WORDS.resolved]], []],
  ['words about a tap that nobody knows are dropped', [[0, granted(true)]], []],
  ['a tap is forgotten with all that is held for it', [...all.slice(0, 2), [4000, { event: 'forget', tap: 'a' }]], ['drop']],
  ['a tap that is being filled is not forgotten', [...filling, [4000, { event: 'forget', tap: 'a' }]], ['after forget']],
];
for (const [title, events, expected] of LAST) test(title, (t) => t.deepEqual(run(events).last, expected));

test('the first target counts: a second one cannot move a tap elsewhere', (t) => {
  const elsewhere: Event = { event: 'resolved', tap: 'a', deadlineUs, resolved: { ...RESOLVED, target: { ...TARGET, window: { id: 'x', pid: 2 } } } };
  const { commands } = run([[0, WORDS.resolved], [1, elsewhere], [2, WORDS.committed], [3, WORDS.issued]]);
  t.like(commands.find((command) => command.do === 'ask'), { resolved: { target: { window: { id: 'w' } } } });
});

test('while one tap is filled, no other begins, even if its lease is over', (t) => {
  const other = all.map(([, event]): Timed => [2500, { ...event, tap: 'b', deadlineUs: 4500 * MS } as Event]);
  t.deepEqual(run([...filling, ...other]).last, ['report refused busy', 'drop']);
  t.deepEqual(run([...filling, [2400, done], ...other]).last, ['ask', 'prepare']);
});

test('only so many taps are known at once', (t) => {
  const many = Array.from({ length: 40 }, (_, n): Timed => [n, { ...WORDS.committed, tap: `t${n}` }]);
  const { state, last } = run(many);
  t.is(Object.keys(state).length, 32);
  t.deepEqual(last, ['drop']);
});

test('a successor tells what was asked, begun or ended and not told, and takes back what was changed', (t) => {
  const change = { kind: 'keyboard', keys: [1] };
  const ended = { e: 'ended', tap: 'c', outcome: 'filled', reason: 'ok', atUs: 5 } as const;
  const entries: Entry[] = [
    { e: 'asked', tap: 'a' }, { e: 'told', tap: 'a' },
    { e: 'asked', tap: 'b' },
    { e: 'asked', tap: 'c' }, { e: 'begun', tap: 'c', target: TARGET }, ended,
    { e: 'change', change: { kind: 'keyboard', keys: [] }, undone: false }, { e: 'change', change: { kind: 'keyboard', keys: [] }, undone: true },
    { e: 'asked', tap: 'd' }, { e: 'begun', tap: 'd', target: TARGET }, { e: 'naming', tap: 'd' }, { e: 'change', change, undone: false },
  ];
  const broken = { outcome: 'failed', reason: 'restarted', atUs: 9 } as const;
  const ends = [{ e: 'ended', tap: 'b', ...broken }, ended, { e: 'ended', tap: 'd', ...broken }];
  t.deepEqual(leftBehind(entries, 9), { changes: [change], unfinished: TARGET, named: true, ends });
  t.is(leftBehind(entries.slice(0, 6), 9).unfinished, null);
});

function run(events: readonly Timed[]): { state: State; commands: (Command | After<Event>)[]; words: string[]; last: string[] } {
  let state = INITIAL;
  let last: string[] = [];
  const commands: (Command | After<Event>)[] = [];
  for (const [ms, event] of events) {
    const [next, more] = step(state, event, ms * MS);
    state = next;
    last = more.map(brief);
    commands.push(...more);
  }
  return { state, commands, words: commands.map(brief), last };
}

function brief(command: Command | After<Event>): string {
  switch (command.do) {
    case 'report': return `report ${command.outcome} ${command.reason}`;
    case 'abort': return `abort ${command.reason}`;
    case 'after': return `after ${command.event.event}`;
    default: return command.do;
  }
}
