// What the record says of a tap that nobody tells the end of, and of an end that comes after all.
import test from 'ava';
import { CLOSED_MS, ended, found, INITIAL, intended, LATE_MS, nextSweepUs, notIntended, swept, type Told } from '../../services/audit/decide.ts';

const KNOWN = { session: 's', band: 'B', via: 'nfc' };
const FILLED: Told = { ...KNOWN, outcome: 'filled', reason: 'ok' };
const UNKNOWN: Told = { ...KNOWN, outcome: 'unknown', reason: 'lease-expired' };
const LEASE_US = 2_250_000;
const CLOSE_US = LEASE_US + LATE_MS * 1000;
const OPEN = intended(INITIAL, 'a', KNOWN, LEASE_US);

test('an intent waits for its outcome until the lease and the time for late ends are over', (t) => {
  t.is(nextSweepUs(OPEN), CLOSE_US);
  t.deepEqual(swept(OPEN, CLOSE_US - 1), [OPEN, []]);
  const [closed, records] = swept(OPEN, CLOSE_US);
  t.deepEqual(records, [{ kind: 'outcome', tap: 'a', ...UNKNOWN, event: 'PasswordAutofillFailed' }]);
  t.deepEqual(closed.open, {});
});

test('an outcome in time is the outcome', (t) => {
  const [state, record] = ended(OPEN, 'a', FILLED);
  t.deepEqual(record, { kind: 'outcome', tap: 'a', ...FILLED, event: 'PasswordAutofillSuccess' });
  t.deepEqual(state, INITIAL);
  t.is(nextSweepUs(state), null);
});

test('an end without an intent is an outcome, too', (t) => {
  t.like(ended(INITIAL, 'x', { ...FILLED, outcome: 'refused', reason: 'no-user-field' })[1], { kind: 'outcome', event: 'PasswordAutofillFailed' });
});

test('another word after the record has closed is a note, once; the same word needs none', (t) => {
  const [closed] = swept(OPEN, CLOSE_US);
  t.deepEqual(ended(closed, 'a', FILLED), [INITIAL, { kind: 'note', session: 's', tap: 'a', topic: 'late-report', detail: 'filled ok' }]);
  t.deepEqual(ended(closed, 'a', UNKNOWN), [INITIAL, null]);
});

test('a tap that was closed is forgotten after a while, and only so many are remembered', (t) => {
  const [closed] = swept(OPEN, CLOSE_US);
  t.is(nextSweepUs(closed), CLOSE_US + CLOSED_MS * 1000);
  t.deepEqual(swept(closed, CLOSE_US + CLOSED_MS * 1000), [INITIAL, []]);
  const many = Array.from({ length: 400 }, (_, n) => `t${n}`).reduce((state, tap) => intended(state, tap, KNOWN, 0), INITIAL);
  t.is(Object.keys(swept(many, CLOSE_US)[0].closed).length, 256);
});

test('an intent that could not be kept is not closed', (t) => t.deepEqual(notIntended(OPEN, 'a'), INITIAL));

test('what a predecessor left open gets the time for a late end from now', (t) => {
  t.is(nextSweepUs(found(['a', 'b'], 5)), 5 + LATE_MS * 1000);
  t.deepEqual(found([], 5), INITIAL);
});
