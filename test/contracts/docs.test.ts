import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { CATALOGUE } from '../../contracts/catalogue.ts';
import { REASON_CODES } from '../../contracts/reasons.ts';
import { generate } from '../../ops/docs/generated.ts';

const ROOT = join(import.meta.dirname, '../..');
const { files } = generate(ROOT);

for (const [path, text] of files) {
  test(`${path} is what the declarations say; else npm run docs`, (t) => {
    t.is(readFileSync(join(ROOT, path), 'utf8'), text);
  });
}

test('the table of messages names every kind and every reason', (t) => {
  const readme = files.get('contracts/README.md') ?? '';
  for (const { kind, v } of CATALOGUE.values()) t.true(readme.includes(`### \`${kind}\` (version ${v})`), kind);
  for (const code of REASON_CODES) t.true(readme.includes(`| \`${code}\` |`), code);
});

test('a secret field is marked as one', (t) => {
  t.regex(files.get('contracts/README.md') ?? '', /\| `token` \| \*\*secret\*\* bytes, at most 8192, optional \|/);
});
