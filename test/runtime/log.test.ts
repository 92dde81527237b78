import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Secret } from '../../contracts/secret.ts';
import { openLog, type LogKind } from '../../runtime/log.ts';

const root = await mkdtemp(join(tmpdir(), 'tapline-log-'));
test.after.always(() => rm(root, { recursive: true, force: true }));
const options = (name: string, kind: LogKind = 'App') => ({ actor: 'audit', dir: join(root, name), kind, level: 'info', keepDays: 3 });
const files = (name: string, kind = 'App'): string[] => readdirSync(join(root, name, kind)).sort();
const lines = (name: string): Record<string, unknown>[] => {
  const [newest] = files(name).toReversed();
  return readFileSync(join(root, name, 'App', newest!), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
};

test('an event is a line of JSON in the file of its day and kind', (t) => {
  openLog(options('day')).info({ tap: 't-1' }, 'tap.accepted');
  openLog(options('day', 'Profile')).info({ totalMs: 7 }, 'tap.timed');
  t.regex(files('day').join(), /^tapline_\d{8}\.log$/);
  t.is(files('day', 'Profile').length, 1);
  t.like(lines('day')[0], { level: 'info', actor: 'audit', tap: 't-1', msg: 'tap.accepted', pid: process.pid });
  t.regex(String(lines('day')[0]?.['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('what is below the level is not written', (t) => {
  const log = openLog(options('level'));
  log.debug('unseen');
  log.info('seen');
  t.deepEqual(lines('level').map(({ msg }) => msg), ['seen']);
});

test('a second writer of the day appends', (t) => {
  openLog(options('two')).info('one');
  openLog(options('two')).info('two');
  t.deepEqual(lines('two').map(({ msg }) => msg), ['one', 'two']);
});

test('the oldest days go, and nothing that is no log of ours', (t) => {
  const dir = join(root, 'old/App');
  mkdirSync(dir, { recursive: true });
  for (const name of ['tapline_20200101.log', 'tapline_20200102.log', 'tapline_20200103.log', 'notes.log', 'tapline_x.log']) writeFileSync(join(dir, name), '');
  openLog(options('old')).info('today');
  const kept = files('old');
  t.is(kept.filter((name) => /^tapline_\d{8}\.log$/.test(name)).length, 3);
  t.deepEqual(kept.slice(0, 3), ['notes.log', 'tapline_20200102.log', 'tapline_20200103.log']);
  t.true(kept.includes('tapline_x.log'));
});

test('a secret is logged as [secret]', (t) => {
  openLog(options('secret')).info({ password: new Secret(Buffer.from('canary-7f3a')) }, 'event');
  t.like(lines('secret')[0], { password: '[secret]' });
});
