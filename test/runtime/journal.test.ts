import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Journal } from '../../runtime/journal.ts';

interface Entry {
  readonly tap: string;
  readonly note?: string;
}

const dir = await mkdtemp(join(tmpdir(), 'tapline-journal-'));
test.after.always(() => rm(dir, { recursive: true, force: true }));
const A: Entry = { tap: 'a' };
const B: Entry = { tap: 'b', note: 'two\nlines' };

/** What a successor finds. */
function left(file: string): Entry[] {
  const { journal, entries } = Journal.open<Entry>(file);
  journal.close();
  return entries;
}

test('a successor finds what was written, in order', (t) => {
  const file = join(dir, 'deep/er/taps');
  const { journal, entries } = Journal.open<Entry>(file);
  t.deepEqual(entries, []);
  journal.append(A);
  journal.append(B);
  t.deepEqual(left(file), [A, B]);
  journal.close();
});

test('entries are there as soon as they are appended, for nobody but their owner', (t) => {
  const file = join(dir, 'at-once');
  const { journal } = Journal.open<Entry>(file);
  journal.append(A);
  t.is(readFileSync(file, 'utf8'), '{"tap":"a"}\n');
  t.is(statSync(file).mode & 0o777, 0o600);
  journal.close();
});

test('a last line that was torn at any byte is left out', (t) => {
  const whole = JSON.stringify(B);
  for (let end = 1; end < whole.length; end += 1) {
    const file = join(dir, `torn-${end}`);
    appendFileSync(file, `${JSON.stringify(A)}\n${whole.slice(0, end)}`);
    t.deepEqual(left(file), [A]);
  }
});

test('the first entry after a torn line is not lost with it', (t) => {
  const file = join(dir, 'after-torn');
  appendFileSync(file, `${JSON.stringify(A)}\n{"tap":"to`);
  const { journal } = Journal.open<Entry>(file);
  journal.append(B);
  journal.close();
  t.deepEqual(left(file), [A, B]);
});

test('a cut leaves what matters, and appending goes on behind it', (t) => {
  const file = join(dir, 'cut');
  const { journal } = Journal.open<Entry>(file);
  for (let round = 0; round < 10; round += 1) journal.append(A);
  journal.cut([B]);
  journal.append(A);
  journal.close();
  t.deepEqual(left(file), [B, A]);
});

test('a journal wants a cut past a quarter of a mebibyte, and not after it', (t) => {
  const { journal } = Journal.open<Entry>(join(dir, 'grown'));
  const entry = { tap: 'a', note: 'x'.repeat(1000) };
  t.false(journal.wantsCut);
  for (let bytes = 0; bytes <= 256 * 1024; bytes += 1000) journal.append(entry);
  t.true(journal.wantsCut);
  journal.cut([]);
  t.false(journal.wantsCut);
  journal.close();
});
