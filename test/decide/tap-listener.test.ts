// The life of a tap, state by state: which gesture counts, who owns the end, and why it ends.
import test from 'ava';
import { SettingsSchema } from '../../config/schema.ts';
import { after, type After } from '../../runtime/run.ts';
import { decideWith, INITIAL, ON_THE_WAY_MS, stateWith, type Command, type Event, type OpenTap, type State } from '../../services/tap-listener/decide.ts';

const { budget } = SettingsSchema.parse({});
const step = decideWith(budget);
const MS = 1000;
type Timed = readonly [ms: number, event: Event];

test('a tap is written down before it is told, and its stages have their timers', (t) => {
  const [state, commands] = step(INITIAL, tapped('a', 'A', 0), 1 * MS);
  t.deepEqual(commands.map(brief), ['journal accepted', 'accept', 'after commit', 'after resolve', 'after credential', 'after total']);
  t.like(state.open, { tap: 'a', acceptedUs: MS, resolveByUs: 20 * MS, credentialByUs: 1500 * MS, deadlineUs: 2500 * MS, leaseUs: 2750 * MS });
  t.deepEqual(commands.at(2), after(99, due('a', 'commit')));
});

const GESTURES: readonly (readonly [string, readonly Timed[], readonly string[]])[] = [
  ['the same band within a second is a bounce', [[0, tapped('a', 'A', 0)], [900, tapped('b', 'A', 900)]], ['drop bounce']],
  ['lifting and tapping again after a second is a tap', [[0, tapped('a', 'A', 0)], [200, refused('a', 200)], [1000, tapped('b', 'A', 1000)]], ['accept']],
  ['the other radio within 400 ms is the same gesture', [[0, tapped('a', 'A', 0, 'nfc')], [399, tapped('b', 'A', 399, 'ble')]], ['drop paired']],
  ['the other radio is the same gesture also with the earlier stamp', [[0, tapped('a', 'A', 500, 'nfc')], [1, tapped('b', 'A', 200, 'ble')]], ['drop paired']],
  ['the other radio later is a bounce', [[0, tapped('a', 'A', 0, 'nfc')], [400, tapped('b', 'A', 400, 'ble')]], ['drop bounce']],
  ['another band within the window cancels both', [[0, tapped('a', 'A', 0)], [10, resolved('a', 10)], [99, tapped('b', 'B', 99)]], ['end refused cancelled:two-bands', 'cancel', 'drop two-bands']],
  ['another band after the window finds the terminal busy, and is told so', [[0, tapped('a', 'A', 0)], [10, resolved('a', 10)], [100, tapped('b', 'B', 100)]], ['drop busy told']],
  ['a tap that waits in vain for the resolver is over when the next one comes, whether or not its timer has fired', [[0, tapped('a', 'A', 0)], [100, tapped('b', 'B', 100)]], ['end failed deadline:resolve', 'cancel', 'accept']],
  ['two bands after the time of the resolver are two bands no more', [[0, tapped('a', 'A', 0)], [80, tapped('b', 'B', 80)]], ['end failed deadline:resolve', 'cancel', 'drop two-bands']],
  ['a second band with a stamp in the window counts after the commit', [[0, tapped('a', 'A', 0)], [10, resolved('a', 10)], [100, due('a', 'commit')], [101, tapped('b', 'B', 99)]], ['end refused cancelled:two-bands', 'cancel', 'drop two-bands']],
  ['a second band counts also where the commit is late', [[0, tapped('a', 'A', 0)], [10, resolved('a', 10)], [150, tapped('b', 'B', 99)]], ['end refused cancelled:two-bands', 'cancel', 'drop two-bands']],
  ['the other radio of the second band is no new tap', [[0, tapped('a', 'A', 0)], [10, resolved('a', 10)], [50, tapped('b', 'B', 50)], [300, tapped('c', 'B', 300, 'ble')]], ['drop paired']],
  ['a third band beside the two counts no more than they', [[0, tapped('a', 'A', 0)], [10, resolved('a', 10)], [50, tapped('b', 'B', 50)], [140, tapped('c', 'C', 140)]], ['drop busy told']],
  ['a second person taps right after the first has ended', [[0, tapped('a', 'A', 0)], [120, refused('a', 120)], [121, tapped('b', 'B', 121)]], ['accept']],
  ['a band beside one that ended at once is refused: nobody can say which was meant', [[0, tapped('a', 'A', 0)], [20, refused('a', 20)], [60, tapped('b', 'B', 60)]], ['drop busy told']],
  ['the second band of two may tap again alone', [[0, tapped('a', 'A', 0)], [10, resolved('a', 10)], [50, tapped('b', 'B', 50)], [600, tapped('c', 'B', 600)]], ['accept']],
  ['remove and re-present within 100 ms is a bounce', [[0, tapped('a', 'A', 0)], [80, tapped('b', 'A', 80)]], ['drop bounce']],
  ['a band that bounced is new once it was away for a second', [[0, tapped('a', 'A', 0)], [120, refused('a', 120)], [600, tapped('b', 'A', 600)], [1599, tapped('c', 'A', 1599)]], ['drop bounce']],
  ['a band that bounced and was away taps again', [[0, tapped('a', 'A', 0)], [120, refused('a', 120)], [600, tapped('b', 'A', 600)], [1600, tapped('c', 'A', 1600)]], ['accept']],
  ['a band that lies on the reader is not beside another one that taps', [...lying(10), [5050, tapped('b', 'B', 5050)]], ['accept']],
  ['a band that was near all the time is no new tap', [[0, tapped('a', 'A', 0)], [120, refused('a', 120)], [1400, held(tapped('b', 'A', 1400))]], ['drop bounce']],
  ['a band that was near all the time may tap if it has not counted yet', [[0, held(tapped('b', 'A', 0))]], ['accept']],
  ['a band that cannot mean it is dropped for what was told of it', [[0, { event: 'unfit', band: 'A', via: 'nfc', atUs: 0, why: 'not-worn' }]], ['drop not-worn']],
  ['a gesture that is seen much too late does not count', [[200, tapped('a', 'A', 0)]], ['drop late']],
];
for (const [title, events, expected] of GESTURES) {
  test(title, (t) => t.deepEqual(last(events).filter((words) => !words.startsWith('after') && !words.startsWith('journal')), expected));
}

test('a band that lies on the reader for 30 s counts once, at whatever interval the reader sees it', (t) => {
  for (const everyMs of [100, 250, 500, 900]) {
    const accepted = run(lying(30_000 / everyMs, everyMs)).commands.filter(({ do: what }) => what === 'accept');
    t.is(accepted.length, 1, `every ${everyMs} ms`);
  }
});

test('of five drops the fifth warns, then it is quiet until the storm is over', (t) => {
  const drop = (atMs: number): Timed => [atMs, { event: 'unreadable', atUs: atMs * MS }];
  const drops = (fromMs: number, count: number): Timed[] => Array.from({ length: count }, (_, n) => drop(fromMs + n * 1000));
  const warnings = (events: readonly Timed[]): number => run(events).commands.filter(({ do: what }) => what === 'warn-storm').length;
  t.is(warnings(drops(0, 4)), 0);
  t.is(warnings(drops(0, 5)), 1);
  t.is(warnings(drops(0, 60)), 1);
  t.is(warnings([...drops(0, 20), ...drops(31_000, 5)]), 2);
});

test('one gesture seen by both radios is nothing spurious', (t) => {
  const pairs = Array.from({ length: 10 }, (_, n): Timed => [n * 30 + 1, tapped(`p${n}`, 'A', n * 30 + 1, 'ble')]);
  t.deepEqual(run([[0, tapped('a', 'A', 0)], ...pairs]).state.storm.droppedUs, []);
});

const ENDS: readonly (readonly [string, readonly Timed[], readonly string[]])[] = [
  ['without a word of the resolver', [...tapAt0(), [70, due('a', 'resolve')]], ['end failed deadline:resolve', 'cancel']],
  ['with a target that was found too late', [...tapAt0(), [25, resolved('a', 21)]], ['end failed deadline:resolve', 'cancel']],
  ['without a credential', [...committed(), [1550, due('a', 'credential')]], ['end failed deadline:credential', 'cancel']],
  ['at its deadline', [...committed(), [2500, due('a', 'total')]], ['end failed deadline:total', 'cancel']],
  ['by decision of the resolver', [...tapAt0(), [5, refused('a', 5, 'not-configured')]], ['end refused not-configured', 'cancel']],
  ['by a fault that the broker reports', [...committed(), [300, refused('a', 300, 'nes-unreachable')]], ['end failed nes-unreachable', 'cancel']],
  ['by the word of an injector that does not begin', [...committed(), [300, ended('a', 300, 'failed', 'box-refused')]], ['end failed box-refused', 'cancel']],
  ['when the machine slept', [...committed(), [300, { event: 'slept' }]], ['end failed cancelled:resumed', 'cancel']],
  ['by the outcome of the injector', [...begun(), [700, ended('a', 700, 'filled', 'ok')]], ['end filled ok']],
  ['by the lease', [...begun(), [2800, due('a', 'lease')]], ['end unknown lease-expired']],
  ['by the lease also where the injector speaks after it, before the timer', [...begun(), [2790, ended('a', 2760, 'filled', 'ok')]], ['end unknown lease-expired']],
  ['by the outcome also where it is heard after the lease', [...begun(), [2790, ended('a', 2749, 'filled', 'ok')]], ['end filled ok']],
];
for (const [how, events, expected] of ENDS) {
  test(`a tap ends ${how}`, (t) => {
    t.deepEqual(last(events), expected);
    t.is(run(events).state.open, null);
  });
}

test('a target that was found in time counts, even if it is heard after its time', (t) => {
  t.deepEqual(last([...tapAt0(), [60, resolved('a', 19)], [70, due('a', 'resolve')]]), []);
});

test('after the injector has begun neither refusals nor deadlines nor other bands end the tap', (t) => {
  const others: Timed[] = [[600, refused('a', 600)], [601, due('a', 'resolve')], [1550, due('a', 'credential')], [1600, tapped('b', 'B', 1600)], [2500, due('a', 'total')]];
  for (const other of others) t.false(last([...begun(), other]).some((words) => words.startsWith('end') || words === 'cancel'));
});

test('a machine that slept stops an injection under way, and leaves the end to it', (t) => {
  t.deepEqual(last([...begun(), [600, { event: 'slept' }]]), ['cancel']);
  t.deepEqual(last([...begun(), [600, { event: 'slept' }], [601, ended('a', 601, 'failed', 'cancelled:resumed')]]), ['end failed cancelled:resumed']);
});

const NOT_GRANTED: readonly (readonly [string, readonly Timed[]])[] = [
  ['before the commit', [...tapAt0(), [10, resolved('a', 10)], [50, begin('a', 50)]]],
  ['without the time to end', [...committed(), [1701, begin('a', 1600)]]],
  ['after the end', [...committed(), [300, refused('a', 300)], [301, begin('a', 301)]]],
  ['once two bands have tapped', [...tapAt0(), [5, tapped('b', 'B', 5)], [50, begin('a', 50)]]],
];
for (const [when, events] of NOT_GRANTED) test(`the injector may not begin ${when}`, (t) => t.not(run(events).state.open?.phase, 'injecting'));

test('the lease runs from the deadline, however late the injector asks', (t) => {
  const [, commands] = step(run(committed()).state, begin('a', 1600), 1650 * MS);
  t.deepEqual(commands.at(-1), after(2750 - 1650 + ON_THE_WAY_MS, due('a', 'lease')));
});

test('two bands before the resolver has spoken: cancelled at once, ended with its word', (t) => {
  const both: Timed[] = [...tapAt0(), [5, tapped('b', 'B', 5)]];
  t.deepEqual(last(both), ['cancel', 'drop two-bands']);
  t.deepEqual(last([...both, [15, resolved('a', 15)]]), ['end refused cancelled:two-bands']);
  t.deepEqual(last([...both, [15, refused('a', 15, 'no-user-field')]]), ['end refused cancelled:two-bands']);
  t.deepEqual(last([...both, [70, due('a', 'resolve')]]), ['end refused cancelled:two-bands']);
  t.deepEqual(last([...both, [15, refused('a', 15, 'suppressed')]]), ['end refused suppressed'], 'nothing is seen in a suppressed application');
});

test('what bounces at a suppressed application is no storm, and who taps beside it hears nothing', (t) => {
  const suppressed: Timed[] = [...tapAt0(), [5, refused('a', 5, 'suppressed')]];
  const bounces = Array.from({ length: 8 }, (_, n): Timed => [100 + n * 100, tapped(`p${n}`, 'A', 100 + n * 100)]);
  t.deepEqual(run([...suppressed, ...bounces]).state.storm.droppedUs, []);
  t.deepEqual(last([...suppressed, [50, tapped('b', 'B', 50)]]), ['drop busy']);
});

const RECOVERED: readonly (readonly [OpenTap['phase'], boolean, readonly string[]])[] = [
  ['accepted', true, ['end failed restarted', 'cancel']],
  ['committed', true, ['end failed restarted', 'cancel']],
  ['injecting', true, ['after lease']],
  ['accepted', false, ['end failed restarted', 'cancel']],
  ['injecting', false, ['end unknown restarted']],
];
for (const [phase, sameBoot, expected] of RECOVERED) {
  test(`a listener that comes back in ${sameBoot ? 'the same' : 'another'} boot to a tap that is ${phase}: ${expected.join(', ')}`, (t) => {
    const open = { ...run(tapAt0()).state.open!, phase };
    t.deepEqual(step(stateWith(open), { event: 'recovered', sameBoot }, 600 * MS)[1].map(brief), expected);
    t.deepEqual(step(stateWith(null), { event: 'recovered', sameBoot }, 600 * MS)[1], []);
  });
}

test('the injector may ask again, and its word counts, before the listener that came back has looked', (t) => {
  const state = stateWith({ ...run(begun()).state.open! });
  t.is(step(state, begin('a', 700), 700 * MS)[0].open?.phase, 'injecting');
  t.deepEqual(step(state, ended('a', 700, 'filled', 'ok'), 700 * MS)[1].map(brief), ['end filled ok']);
});

test('words about a tap that is over, or unknown, change nothing', (t) => {
  const { state } = run([...begun(), [700, ended('a', 700, 'filled', 'ok')]]);
  for (const event of [ended('a', 701, 'failed', 'restarted'), refused('a', 701), resolved('a', 701), due('a', 'lease'), begin('x', 701)]) t.deepEqual(step(state, event, 701 * MS), [state, []]);
});

test('gestures that can decide nothing any more are forgotten', (t) => {
  const many = Array.from({ length: 300 }, (_, n): Timed => [n * 10, tapped(`t${n}`, `B${n % 40}`, n * 10)]);
  t.true(run(many).state.recent.length <= 16);
});

/** The first read counts and is refused; the others are of the same band, which nobody has lifted. */
function lying(reads: number, everyMs = 500): Timed[] {
  const again = Array.from({ length: reads }, (_, n): Timed => [(n + 1) * everyMs, tapped(`l${n}`, 'A', (n + 1) * everyMs)]);
  return [[0, tapped('a', 'A', 0)], [20, refused('a', 20)], ...again];
}

function tapAt0(): Timed[] {
  return [[0, tapped('a', 'A', 0)]];
}
function committed(): Timed[] {
  return [...tapAt0(), [15, resolved('a', 15)], [100, due('a', 'commit')]];
}
function begun(): Timed[] {
  return [...committed(), [500, begin('a', 500)]];
}
function tapped(tap: string, band: string, atMs: number, via: 'nfc' | 'ble' = 'nfc'): Event {
  return { event: 'tapped', tap, band, via, atUs: atMs * MS };
}
function held(event: Event): Event {
  return event.event === 'tapped' ? { ...event, held: true } : event;
}
function resolved(tap: string, atMs: number): Event {
  return { event: 'resolved', tap, atUs: atMs * MS };
}
function refused(tap: string, atMs: number, reason: Extract<Event, { event: 'refused' }>['reason'] = 'no-user-field'): Event {
  return { event: 'refused', tap, reason, atUs: atMs * MS };
}
function begin(tap: string, atMs: number): Event {
  return { event: 'begun', tap, atUs: atMs * MS, credentialUs: atMs * MS };
}
function ended(tap: string, atMs: number, outcome: Extract<Event, { event: 'ended' }>['outcome'], reason: Extract<Event, { event: 'ended' }>['reason']): Event {
  return { event: 'ended', tap, atUs: atMs * MS, outcome, reason };
}
function due(tap: string, what: Extract<Event, { event: 'due' }>['due']): Event {
  return { event: 'due', tap, due: what };
}

function run(events: readonly Timed[]): { state: State; commands: (Command | After<Event>)[] } {
  let state = INITIAL;
  const commands: (Command | After<Event>)[] = [];
  for (const [ms, event] of events) {
    const [next, more] = step(state, event, ms * MS);
    state = next;
    commands.push(...more);
  }
  return { state, commands };
}

/** What the last of the events led to. */
function last(events: readonly Timed[]): string[] {
  const { state } = run(events.slice(0, -1));
  const [ms, event] = events.at(-1)!;
  return step(state, event, ms * MS)[1].map(brief);
}

function brief(command: Command | After<Event>): string {
  switch (command.do) {
    case 'journal': return `journal ${command.open.phase}`;
    case 'end': return `end ${command.end.outcome} ${command.end.reason}`;
    case 'drop': return `drop ${command.why}${command.tell ? ' told' : ''}`;
    case 'after': return `after ${command.event.event === 'due' ? command.event.due : command.event.event}`;
    default: return command.do;
  }
}
