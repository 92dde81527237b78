import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { auditVerify } from '../../ops/commands/audit-verify.ts';
import { configCheck } from '../../ops/commands/config-check.ts';
import { openJournal } from '../../services/audit/journal.ts';
import { intent, stamp } from '../audit/bodies.ts';

async function inPlace(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tapline-commands-'));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function printed(command: (print: (line: string) => void) => Promise<number>): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await command((line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

test('config check finds nothing wrong with a good file, in words and as JSON', async (t) => {
  await inPlace(async (directory) => {
    const file = join(directory, 'config.json');
    await writeFile(file, '{ "profile": "compact", }');
    const words = await printed((print) => configCheck({ file, json: false }, print));
    t.is(words.code, 0);
    t.regex(words.text, /ok +settings: profile compact.*\nok +applications: every application.*\nok +logging: level info/);
    const json = await printed((print) => configCheck({ file, json: true }, print));
    t.like(JSON.parse(json.text), { ok: true, problems: [] });
  });
});

test('config check names file, line, column and what people see', async (t) => {
  await inPlace(async (directory) => {
    const file = join(directory, 'config.json');
    await writeFile(file, '{}');
    await writeFile(join(directory, 'appsettings.json'), '{\n  "included": [,\n');
    const words = await printed((print) => configCheck({ file, json: false }, print));
    t.is(words.code, 1);
    t.regex(words.text, /problem +applications: .*appsettings\.json:2:16: .*\n +people see: Configuration Error \(Data Structure\).*\n +until it is mended: A session that read a good version goes on/);
    const json = await printed((print) => configCheck({ file, json: true }, print));
    t.like(JSON.parse(json.text), { ok: false, problems: [{ problem: 'syntax', line: 2, column: 16 }] });
    t.is((await printed((print) => configCheck({ file: join(directory, 'none.json'), json: false }, print))).code, 1);
  });
});

test('audit verify counts a whole log with its open intents, and names the place of a fault', async (t) => {
  await inPlace(async (directory) => {
    const journal = await openJournal({ directory, now: () => stamp(0), chain: 'lab' });
    if ('fault' in journal) return t.fail(journal.sentence);
    await journal.append(intent('a'));
    await journal.close();
    const good = await printed((print) => auditVerify({ directory, json: true }, print));
    t.is(good.code, 0);
    t.like(JSON.parse(good.text), { verified: true, events: 2, open: [{ tap: 'a', seq: 1 }] });
    t.regex((await printed((print) => auditVerify({ directory, json: false }, print))).text, /^verified: 2 records in 1 file .*\n.*\nopen: tap a /);
    const log = join(directory, 'audit_20260430.jsonl');
    await writeFile(log, (await readFile(log, 'latin1')).replace('NB-01', 'NB-02'));
    const bad = await printed((print) => auditVerify({ directory, json: false }, print));
    t.is(bad.code, 1);
    t.regex(bad.text, /^NOT VERIFIED \(altered\)\nRecord 1 was altered.*\nat .*audit_20260430\.jsonl:2$/);
    t.like(JSON.parse((await printed((print) => auditVerify({ directory, json: true }, print))).text), { verified: false, fault: 'altered', line: 2, seq: 1 });
  });
});
