// What a tap-listener finds in the journal of its predecessor, and the words of an end.
import test from 'ava';
import type { OpenTap } from '../../services/tap-listener/decide.ts';
import { endBody, leftBehind, type EndBody, type Entry } from '../../services/tap-listener/entries.ts';

const TAP: OpenTap = {
  tap: 'a', band: 'B', via: 'nfc', phase: 'accepted', tappedUs: 1_000_000, acceptedUs: 1_002_000,
  resolveByUs: 1_020_000, credentialByUs: 2_500_000, deadlineUs: 3_000_000, leaseUs: 3_250_000,
};
const opened = (tap: string, phase: OpenTap['phase'] = 'accepted'): Entry => ({ e: 'open', boot: 'boot', open: { ...TAP, tap, phase } });
const body = (reason: EndBody['reason']): EndBody => endBody({ tap: TAP, outcome: 'refused', reason, endedUs: 1_010_000 });
const ended = (tap: string, reason: EndBody['reason'] = 'no-user-field'): Entry => ({ e: 'ended', tap, body: body(reason) });
const told = (tap: string): Entry => ({ e: 'told', tap });

test('an empty journal leaves nothing', (t) => t.deepEqual(leftBehind([]), { open: null, untold: [] }));

test('a tap that has not ended is found as it stood last', (t) => {
  t.like(leftBehind([opened('a'), ended('a'), told('a'), opened('b'), opened('b', 'committed')]), { open: { open: { tap: 'b', phase: 'committed' } }, untold: [] });
});

test('a tap that has ended is not open, and is told until the record has it', (t) => {
  t.deepEqual(leftBehind([opened('a'), ended('a'), opened('b'), ended('b'), told('a')]), { open: null, untold: [ended('b')] as never });
});

test('a suppressed tap is told to nobody, also not by a successor', (t) => {
  t.deepEqual(leftBehind([opened('a'), ended('a', 'suppressed')]), { open: null, untold: [] });
});

test('the words of an end tell each stage that was reached, in ms from the gesture', (t) => {
  t.deepEqual(body('no-user-field').stages, { accept: 2, total: 10 });
  const whole = endBody({ tap: { ...TAP, resolvedUs: 1_015_000, credentialUs: 1_080_000, begunUs: 1_100_500 }, outcome: 'filled', reason: 'ok', endedUs: 1_180_000 });
  t.deepEqual(whole, { outcome: 'filled', reason: 'ok', silent: false, band: 'B', via: 'nfc', stages: { accept: 2, resolve: 15, credential: 80, inject: 100.5, total: 180 } });
});

test('stamps of another boot give no impossible times', (t) => {
  t.is(endBody({ tap: TAP, outcome: 'failed', reason: 'restarted', endedUs: 5 }).stages.total, 0);
  t.is(endBody({ tap: TAP, outcome: 'failed', reason: 'restarted', endedUs: Number.MAX_SAFE_INTEGER }).stages.total, 86_400_000);
});
