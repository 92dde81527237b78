// One tap, one credential, once: whatever the order of the answers.
import test from 'ava';
import { decide, INITIAL, type Command, type Event, type Opening, type State } from '../../services/credential-broker/decide.ts';
import type { After } from '../../runtime/run.ts';

const MS = 1000;
const TARGET = { window: { id: 'w', pid: 1 }, url: null, user: { ref: 'u', role: 'text' }, password: { ref: 'p' } } as const;
const OPENING: Opening = {
  tap: 'a', session: 's', band: 'B', via: 'nfc', target: TARGET, application: null,
  deadlineUs: 2000 * MS, credentialByUs: 1500 * MS, leaseUs: 2250 * MS,
};
const HOLDER = { userId: '7', user: 'ada', domain: 'LAB' };
const announced: Event = { event: 'announced', announced: OPENING };
const opened: Event = { event: 'opened', opening: OPENING };
const nothingToFill: Event = { event: 'opened', opening: { ...OPENING, target: null } };
const holder: Event = { event: 'holder', tap: 'a', holder: HOLDER, hasPassword: true };
const withoutPassword: Event = { ...holder, hasPassword: false };
const key: Event = { event: 'key', tap: 'a' };
const intended: Event = { event: 'intended', tap: 'a' };
const sealed: Event = { event: 'sealed', tap: 'a' };
const cancelled: Event = { event: 'cancelled', tap: 'a', deadlineUs: 2000 * MS };
const due: Event = { event: 'due', tap: 'a' };
const failed = (leg: Extract<Event, { event: 'failed' }>['leg'], reason: Extract<Event, { event: 'failed' }>['reason']): Event => ({ event: 'failed', tap: 'a', leg, reason });
type Timed = Event | readonly [ms: number, event: Event];

test('as soon as the target is known, everybody is asked together, once', (t) => {
  t.deepEqual(run(opened).words, ['gather nes band audit', 'after due', 'after forget']);
  t.deepEqual(run(opened, opened).last, []);
  t.deepEqual(run(opened, holder, key, intended, sealed, opened).last, [], 'not even after it was issued');
});

test('NES is asked as soon as there is a tap, once', (t) => {
  t.deepEqual(run(announced).words, ['ask-nes', 'after forget']);
  t.deepEqual(run(announced, announced).last, []);
  t.deepEqual(run(announced, opened).last, ['gather band audit', 'after due']);
  t.deepEqual(run(announced, nothingToFill).last, ['gather audit']);
  t.deepEqual(run(opened, announced).last, [], 'the second message is not always the later one');
  t.deepEqual(run(announced, cancelled, nothingToFill).last, ['gather'], 'its answer is under way');
});

const EARLY: readonly (readonly [string, readonly Timed[], readonly string[]])[] = [
  ['who it is, is told once the target is', [announced, holder, opened], ['gather band audit', 'after due', 'identified']],
  ['is told of a tap that was refused, too', [announced, holder, nothingToFill], ['gather audit', 'identified']],
  ['is told of a cancelled tap whose target was refused', [announced, cancelled, holder, nothingToFill], ['gather', 'identified']],
  ['is kept to itself before that', [announced, holder], []],
  ['is taken once', [announced, holder, failed('nes', 'unknown-band'), opened], ['gather band audit', 'after due', 'identified']],
  ['a stranger is refused as soon as the target is known', [announced, failed('nes', 'unknown-band'), opened], ['gather band audit', 'after due', 'stranger', 'refuse unknown-band nes', 'drop']],
  ['a NES that is away refuses as soon as the target is known', [announced, failed('nes', 'nes-unreachable'), opened], ['gather band audit', 'after due', 'refuse nes-unreachable nes', 'drop']],
  ['makes nothing whole by itself', [announced, holder, opened, intended], []],
  ['is sealed as soon as there is a key', [announced, holder, opened, key], ['seal']],
  ['that there is no password is told once the band has answered', [announced, withoutPassword, opened, key], ['refuse no-password nes', 'drop', 'ask-password']],
  ['a cancelled tap gathers nothing', [announced, holder, cancelled, opened], []],
  ['what was held for a cancelled tap is dropped', [announced, holder, cancelled], ['drop']],
  ['another band is not the one that was announced', [announced, { event: 'opened', opening: { ...OPENING, band: 'C' } }], []],
  ['nor is another session', [announced, { event: 'opened', opening: { ...OPENING, session: 't' } }], []],
];
for (const [title, events, expected] of EARLY) test(`what NES said early: ${title}`, (t) => t.deepEqual(run(...events).last, expected));

for (const answers of permutations([holder, key, intended])) {
  const order = answers.map(({ event }) => event);
  test(`${order.join(', ')}: sealed when NES and band have answered, issued when sealed and intended, once`, (t) => {
    const before = run(opened, ...answers.slice(0, 2)).words;
    t.is(before.includes('seal'), answers[2] === intended);
    t.false(before.includes('issue'));
    t.deepEqual(run(opened, ...answers).words.filter((words) => words === 'seal'), ['seal']);
    t.deepEqual(run(opened, ...answers, sealed).last, ['issue', 'drop']);
    t.deepEqual(run(opened, ...answers, sealed, ...answers, sealed).words.filter((words) => words === 'issue'), ['issue']);
  });
}

test('nothing is issued before the intent is on the disk', (t) => {
  t.deepEqual(run(opened, holder, key, sealed).last, []);
  t.deepEqual(run(opened, holder, key, sealed, intended).last, ['issue', 'drop']);
  t.deepEqual(run(opened, holder, key, sealed, failed('audit', 'audit-unavailable')).last, ['refuse audit-unavailable audit', 'drop']);
  t.deepEqual(run(opened, holder, key, sealed, failed('audit', 'audit-unavailable'), intended).last, []);
});

const SLOW: readonly (readonly [string, readonly Timed[]])[] = [
  ['nes', [opened, key, intended]],
  ['band', [opened, holder, intended]],
  ['audit', [opened, holder, key]],
  ['audit', [opened, holder, key, sealed]],
  ['vault', [opened, holder, key, intended]],
];
for (const [leg, events] of SLOW) {
  test(`after ${events.length} events a tap that waits for ${leg} at its time is refused, and ${leg} is named`, (t) => {
    t.deepEqual(run(...events, [1500, due]).last, [`refuse deadline:credential ${leg}`, 'drop']);
  });
}

test('an answer after its time counts no more, even if the timer has not fired', (t) => {
  t.deepEqual(run(opened, holder, intended, [1501, key]).last, ['refuse deadline:credential band', 'drop']);
  t.deepEqual(run(opened, holder, intended, key, [1501, sealed]).last, ['refuse deadline:credential vault', 'drop']);
  t.deepEqual(run(opened, key, intended, [1501, holder]).last, ['identified', 'refuse deadline:credential nes', 'drop']);
});

const OVER: readonly (readonly [string, readonly Timed[], readonly string[]])[] = [
  ['a cancelled tap is dropped', [opened, holder, cancelled], ['drop']],
  ['what was sealed for a cancelled tap is not issued', [opened, holder, key, intended, cancelled, sealed], []],
  ['a tap that was cancelled before its target was told gathers nothing', [cancelled, opened], []],
  ['late answers are dropped', [opened, holder, failed('band', 'band-unreachable'), key], []],
  ['a band that fails is told once it is known whose it is', [opened, failed('band', 'band-unreachable'), holder], ['identified', 'refuse band-unreachable band', 'drop']],
  ['a stranger is a stranger also where the band has failed first', [opened, failed('band', 'incomplete-enrollment'), failed('nes', 'unknown-band')], ['stranger', 'refuse unknown-band nes', 'drop']],
  ['a late timer of a tap that was issued does nothing', [opened, holder, key, intended, sealed, [1500, due]], []],
  ['a person is known also to a tap that was refused', [opened, failed('audit', 'audit-unavailable'), holder], ['identified']],
  ['a person is written down once', [opened, holder, holder], []],
  ['a band without an owner is a stranger, and refused', [opened, failed('nes', 'unknown-band')], ['stranger', 'refuse unknown-band nes', 'drop']],
  ['a person without a stored password is refused and asked for it, once the band has answered', [opened, withoutPassword, key], ['refuse no-password nes', 'drop', 'ask-password']],
  ['a person without a stored password is not asked for it where the band has no key to keep it', [opened, withoutPassword, failed('band', 'incomplete-enrollment')], ['refuse incomplete-enrollment band', 'drop']],
  ['where nothing may be filled, person and intent are asked for, and no key', [nothingToFill], ['gather nes audit', 'after forget']],
  ['where nothing may be filled, the person is still written down', [nothingToFill, cancelled, holder], ['identified']],
  ['where nothing may be filled, a stranger is still a stranger', [nothingToFill, cancelled, failed('nes', 'unknown-band')], ['stranger']],
  ['where nothing may be filled, nothing is refused or sealed', [nothingToFill, holder, intended, key], []],
  ['a refused target that is told after its end is only identified: an intent would come too late', [cancelled, nothingToFill], ['gather nes']],
  ['a tap that is not known has no answers', [key], []],
];
for (const [title, events, expected] of OVER) test(title, (t) => t.deepEqual(run(...events).last, expected));

test('a tap is forgotten, and everything held for it dropped', (t) => {
  const { state, last } = run(opened, holder, [5000, { event: 'forget', tap: 'a' }]);
  t.deepEqual([state, last], [{}, ['drop']]);
  t.deepEqual(run(cancelled, [5000, { event: 'forget', tap: 'a' }]).state, {});
});

test('only so many taps are gathered at once', (t) => {
  const many = Array.from({ length: 300 }, (_, n): Event => ({ event: 'opened', opening: { ...OPENING, tap: `t${n}` } }));
  t.is(Object.keys(run(...many).state).length, 256);
});

function run(...events: readonly Timed[]): { state: State; words: string[]; last: string[] } {
  let state = INITIAL;
  let last: string[] = [];
  const words: string[] = [];
  for (const timed of events) {
    const [ms, event] = 'event' in timed ? [100, timed] : timed;
    const [next, commands] = decide(state, event, ms * MS);
    state = next;
    last = commands.map(brief);
    words.push(...last);
  }
  return { state, words, last };
}

function brief(command: Command | After<Event>): string {
  switch (command.do) {
    case 'gather': return ['gather', ...command.legs].join(' ');
    case 'refuse': return `refuse ${command.reason} ${command.leg}`;
    case 'after': return `after ${command.event.event}`;
    default: return command.do;
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]));
}
