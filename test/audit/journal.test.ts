import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { verifyFolder } from '../../services/audit/folder.ts';
import { openJournal } from '../../services/audit/journal.ts';
import type { Journal } from '../../services/audit/journal.ts';
import type { Stamp } from '../../services/audit/record.ts';
import { event, intent, outcome, person, stamp } from './bodies.ts';

interface Place {
  readonly directory: string;
  /** Index of the second that the next record is stamped with. */
  tick: number;
  open(): Promise<Journal>;
}

async function inPlace(t: ExecutionContext, run: (place: Place) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tapline-audit-'));
  const place: Place = {
    directory,
    tick: 0,
    open: async () => {
      const now = (): Stamp => stamp(place.tick++);
      const journal = await openJournal({ directory, now, chain: 'lab' });
      if ('fault' in journal) throw new Error(journal.sentence);
      t.teardown(() => journal.close());
      return journal;
    },
  };
  try {
    await run(place);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const refusal = async (directory: string) => openJournal({ directory, now: () => stamp(0), chain: 'lab' });
const TODAY = 'audit_20260430.jsonl';
const DAY = 24 * 3_600;

test('what was appended is in the file of its day, in order, and verifies; the files are not for everybody', async (t) => {
  await inPlace(t, async ({ directory, open }) => {
    const journal = await open();
    t.like(await journal.append(intent('a')), { seq: 1 });
    t.deepEqual(journal.open, [{ tap: 'a', seq: 1 }]);
    t.like(await journal.append(outcome('a')), { seq: 2 });
    t.deepEqual((await readdir(directory)).sort(), [TODAY, 'head.json']);
    for (const file of [TODAY, 'head.json']) t.is((await stat(join(directory, file))).mode & 0o777, 0o644);
    t.like(await verifyFolder(directory), { ok: true, events: 3, open: [], torn: false, files: 1 });
  });
});

test('records that arrive together share few syncs and all get their own place', async (t) => {
  await inPlace(t, async ({ directory, open }) => {
    const journal = await open();
    const places = await Promise.all(Array.from({ length: 500 }, (_, index) => journal.append(intent(`tap-${index}`))));
    t.deepEqual(places.map((place) => ('seq' in place ? place.seq : -1)), Array.from({ length: 500 }, (_, index) => index + 1));
    t.like(await verifyFolder(directory), { ok: true, events: 501 });
  });
});

test('too many waiting records are refused, and those before are kept', async (t) => {
  await inPlace(t, async ({ directory, open }) => {
    const journal = await open();
    const results = await Promise.all(Array.from({ length: 10_001 }, () => journal.append(event())));
    t.deepEqual(results.filter((result) => 'notKept' in result), [{ notKept: 'full' }]);
    t.like(await verifyFolder(directory), { ok: true, events: 10_001 });
  });
});

test('the chain goes on over midnight, over a restart, and never back to an older file', async (t) => {
  await inPlace(t, async (place) => {
    const first = await place.open();
    await first.append(intent('a'));
    place.tick = DAY;
    await first.append(intent('b'));
    await first.close();
    place.tick = 5;
    const second = await place.open();
    t.deepEqual(second.open.map(({ tap }) => tap), ['a', 'b']);
    await second.append(outcome('a'));
    place.tick = 3 * DAY;
    await second.append(outcome('b'));
    t.deepEqual((await readdir(place.directory)).sort(), [TODAY, 'audit_20260501.jsonl', 'audit_20260503.jsonl', 'head.json']);
    t.like(await verifyFolder(place.directory), { ok: true, events: 5, open: [], files: 3 });
    await second.close();
    await (await place.open()).append(event());
    t.like(await verifyFolder(place.directory), { ok: true, events: 6 });
  });
});

test('a torn last line is cut off at the next start, and the log says so', async (t) => {
  await inPlace(t, async ({ directory, open }) => {
    const journal = await open();
    await journal.append(intent('a'));
    await journal.close();
    await appendFile(join(directory, TODAY), '{"application":null,"at":');
    t.like(await verifyFolder(directory), { ok: true, events: 2, torn: true });
    await (await open()).append(outcome('a'));
    t.like(await verifyFolder(directory), { ok: true, events: 4, torn: false, open: [] });
    t.regex(await readFile(join(directory, TODAY), 'latin1'), /"topic":"torn-line"/);
  });
});

const DAMAGES: readonly (readonly [title: string, damage: (directory: string) => Promise<void>, fault: string, sentence: RegExp])[] = [
  ['an altered record', async (directory) => writeFile(join(directory, TODAY), (await readFile(join(directory, TODAY), 'latin1')).replace('msedge', 'chrome')), 'altered', /Record 1 was altered/],
  ['a tail that was cut at a line end', async (directory) => writeFile(join(directory, TODAY), (await readFile(join(directory, TODAY), 'latin1')).split('\n').slice(0, 2).join('\n') + '\n'), 'missing', /Record 2 is missing at the end/],
  ['a tail that was cut within a line', async (directory) => truncate(join(directory, TODAY), (await stat(join(directory, TODAY))).size - 5), 'missing', /missing at the end/],
  ['no head file', async (directory) => unlink(join(directory, 'head.json')), 'missing', /head file is missing/],
  ['a head file of garbage', async (directory) => writeFile(join(directory, 'head.json'), 'x'), 'altered', /head file/],
  ['nothing but its head', async (directory) => unlink(join(directory, TODAY)), 'missing', /only its head file is left/],
];
for (const [title, damage, fault, sentence] of DAMAGES) {
  test(`a log with ${title} is not continued, and verification fails`, async (t) => {
    await inPlace(t, async ({ directory, open }) => {
      const journal = await open();
      await journal.append(intent('a'));
      await journal.append(outcome('a'));
      await journal.close();
      await damage(directory);
      const answer = await refusal(directory);
      t.true('fault' in answer);
      t.like(answer, { fault });
      t.regex('fault' in answer ? answer.sentence : '', sentence);
      t.false((await verifyFolder(directory)).ok);
    });
  });
}

test('a day that was taken out of the middle is found, with the file where it shows', async (t) => {
  await inPlace(t, async (place) => {
    const journal = await place.open();
    for (const day of [0, 1, 2]) {
      place.tick = day * DAY + 10;
      await journal.append(event());
      await journal.append(event());
    }
    await unlink(join(place.directory, 'audit_20260501.jsonl'));
    t.like(await verifyFolder(place.directory), { ok: false, fault: 'deleted', seq: 3, file: 'audit_20260502.jsonl', line: 1, sentence: 'Records 3 to 4 are deleted: record 5 stands in the place.' });
  });
});

test('a last byte that was altered is found on the disk, too', async (t) => {
  await inPlace(t, async ({ directory, open }) => {
    await (await open()).append(event());
    const bytes = await readFile(join(directory, TODAY));
    bytes[bytes.length - 1] = 0x20;
    await writeFile(join(directory, TODAY), bytes);
    t.like(await verifyFolder(directory), { ok: false, seq: 1 });
  });
});

test('a folder without a log does not verify', async (t) => {
  t.like(await verifyFolder('/nowhere/audit'), { ok: false, fault: 'missing' });
});

test('a journal notices that somebody else wrote, and keeps nothing any more', async (t) => {
  await inPlace(t, async ({ directory, open }) => {
    const journal = await open();
    await appendFile(join(directory, TODAY), 'x');
    t.deepEqual(await journal.append(event()), { notKept: 'broken' });
    t.deepEqual(await journal.append(event()), { notKept: 'broken' });
  });
});

test('a closed journal keeps what waited and nothing after', async (t) => {
  await inPlace(t, async ({ directory, open }) => {
    const journal = await open();
    const waiting = journal.append(person('a'));
    await journal.close();
    t.like(await waiting, { seq: 1 });
    t.deepEqual(await journal.append(person('b')), { notKept: 'closed' });
    t.like(await verifyFolder(directory), { ok: true, events: 2 });
  });
});

test('after each kill in the middle of writing every confirmed record is there and the log verifies and goes on', async (t) => {
  await inPlace(t, async ({ directory }) => {
    for (const confirmed of [1, 7, 40, 150]) {
      const last = await killedAfter(directory, confirmed);
      const verified = await verifyFolder(directory);
      t.true(verified.ok, JSON.stringify(verified));
      t.true(verified.ok && verified.head.seq >= last);
    }
  });
});

/** Starts the appender, kills it once it has confirmed that many records, and answers the last number it told. */
async function killedAfter(directory: string, confirmed: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'appender.ts'), directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString('latin1');
    if (told.split('\n').length > confirmed) child.kill('SIGKILL');
  });
  await new Promise((done) => child.on('close', done));
  return Number(told.split('\n').at(-2));
}
