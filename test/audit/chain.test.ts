import test from 'ava';
import fc from 'fast-check';
import { append, EMPTY_CHAIN, verify } from '../../services/audit/chain.ts';
import type { Fault } from '../../services/audit/chain.ts';
import { sealed } from '../../services/audit/record.ts';
import type { AuditRecord } from '../../services/audit/record.ts';
import { bodiesOf, chainOf, event, genesis, intent, outcome, person, stamp } from './bodies.ts';

const { lines, state } = chainOf(bodiesOf(3));
const { head } = state;

test('a whole log is intact, with its number of records and its open intents', (t) => {
  t.deepEqual(verify(lines, head), { ok: true, events: 13, head, open: [], torn: false });
  const open = chainOf([genesis, intent('a'), intent('b'), outcome('a')]);
  t.like(verify(open.lines, open.state.head), { ok: true, open: [{ tap: 'b', seq: 2 }] });
});

test('a record names its place, its time, its boot and the record before', (t) => {
  const [first, second] = lines.slice(0, 2).map((line) => JSON.parse(line) as AuditRecord);
  t.like(second, { v: 1, seq: 1, at: '2026-04-30T12:00:01.000Z', bootId: 'boot', us: 1_000_000, session: 's1', kind: 'intent', prev: first?.hash });
  t.is(first?.prev, '0'.repeat(64));
  t.true(lines.every((line) => /^[\x20-\x7e]+$/.test(line)));
});

test('an outcome names the intent that it ends, or none', (t) => {
  const { lines: written } = chainOf([genesis, intent('a'), outcome('a'), outcome('refused')]);
  t.deepEqual(written.map((line) => (JSON.parse(line) as AuditRecord).intent), [undefined, undefined, 1, null]);
});

test('a tap has one intent and one outcome, and a log one beginning', (t) => {
  t.is(append(EMPTY_CHAIN, intent('a'), stamp(0)), 'no-genesis');
  t.is(append(state, genesis, stamp(0)), 'no-genesis');
  t.is(append(chainOf([genesis, intent('a')]).state, intent('a'), stamp(0)), 'intent-twice');
  const ended = chainOf([genesis, intent('a'), outcome('a')]).state;
  t.is(append(ended, outcome('a'), stamp(0)), 'ended-before');
  t.is(append(ended, intent('a'), stamp(0)), 'ended-before');
  t.true(Array.isArray(append(ended, person('a'), stamp(0))));
});

test('a forged log with a second outcome is found although its hashes are right', (t) => {
  const good = chainOf([genesis, intent('a'), outcome('a')]);
  const forged = sealed({ ...outcome('a'), intent: 1, v: 1, seq: 3, at: '', bootId: '', us: 0, prev: good.state.head.hash } as Omit<AuditRecord, 'hash'>);
  t.like(verify([...good.lines, forged.line], { seq: 3, hash: forged.hash }), { ok: false, fault: 'unpaired', line: 4, seq: 3 });
});

test('a log that was written anew from some record on does not lead to the head', (t) => {
  const other = chainOf([...bodiesOf(2), ...Array.from({ length: 4 }, event)]);
  t.is(other.lines.length, lines.length);
  t.like(verify(other.lines, head), { ok: false, fault: 'altered', seq: 12 });
});

test('a record that was replaced with a right hash of its own shows in the record after it', (t) => {
  const { hash: _, ...record } = JSON.parse(lines[4] ?? '') as AuditRecord;
  const forged = sealed({ ...record, band: 'NB-02' } as unknown as Omit<AuditRecord, 'hash'>);
  t.like(verify(lines.toSpliced(4, 1, forged.line), head), { ok: false, fault: 'altered', line: 6, seq: 5 });
});

const without = (index: number) => lines.toSpliced(index, 1);
const swapped = (index: number) => lines.toSpliced(index, 2, lines[index + 1] ?? '', lines[index] ?? '');
const doubled = (index: number) => lines.toSpliced(index, 0, lines[index] ?? '');
const place = fc.nat(lines.length - 1);

test('any altered byte is detected', (t) => {
  const text = lines.join('\n') + '\n';
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ change) + text.slice(at + 1);
      const read = altered.split('\n');
      const rest = read.pop();
      return !verify(read, head, rest).ok;
    }),
    { numRuns: 3_000 },
  );
  t.pass();
});

test('any byte that is taken out or put in is detected', (t) => {
  const text = lines.join('\n');
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ unit: fc.constantFrom(...' 0a",}\n'), maxLength: 2 }), (at, put) => {
      const altered = text.slice(0, at) + put + text.slice(at + 1);
      return altered === text || !verify(altered.split('\n'), head).ok;
    }),
    { numRuns: 3_000 },
  );
  t.pass();
});

const EDITS: readonly (readonly [what: string, edit: (index: number) => string[], faults: readonly Fault[]])[] = [
  ['deleted', without, ['deleted', 'missing']],
  ['swapped', swapped, ['reordered']],
  ['duplicated', doubled, ['duplicated']],
];
for (const [what, edit, faults] of EDITS) {
  test(`any ${what} line is detected, named and placed`, (t) => {
    fc.assert(
      fc.property(what === 'swapped' ? fc.nat(lines.length - 2) : place, (index) => {
        const result = verify(edit(index), head);
        return !result.ok && faults.includes(result.fault) && result.line === index + (what === 'duplicated' ? 2 : 1) && result.sentence.length > 10;
      }),
    );
    t.pass();
  });
}

test('any order but the written one is detected', (t) => {
  fc.assert(fc.property(fc.shuffledSubarray(lines, { minLength: 0 }), (other) => other.join() === lines.join() || !verify(other, head).ok));
  t.pass();
});

test('a removed tail of any length is found missing with the head, and the head cannot be left out', (t) => {
  for (let length = 0; length < lines.length; length += 1) t.like(verify(lines.slice(0, length), head), { ok: false, fault: 'missing', line: length + 1, seq: length });
  t.like(verify(lines, null), { ok: false, fault: 'missing' });
});

test('a line that breaks off is a crash behind the head, and a fault before it', (t) => {
  const cut = lines.slice(0, 12);
  const confirmed = { seq: 11, hash: (JSON.parse(lines[11] ?? '') as AuditRecord).hash };
  t.like(verify(cut, confirmed, '{"app'), { ok: true, events: 12, torn: true });
  t.like(verify([...cut, '{"app'], confirmed), { ok: false, fault: 'altered', line: 13, seq: 12 });
  t.like(verify([...cut, ''], confirmed), { ok: false, fault: 'altered', line: 13, seq: 12 });
  t.like(verify(cut, head, '{"app'), { ok: false, fault: 'truncated', line: 13, seq: 12 });
  t.like(verify([...lines.slice(0, 5), '{"app', ...lines.slice(6)], head), { ok: false, fault: 'altered', line: 6, seq: 5 });
});

test('hostile lines are faults, not crashes', (t) => {
  for (const line of ['', 'null', '[]', '5', '[' .repeat(60_000), '{"a":'.repeat(10_000), 'x'.repeat(100_000), '{"seq":0,"hash":null}', '{"seq":1e999}']) t.false(verify([line], head).ok);
});
