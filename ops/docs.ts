// `npm run docs`: writes what is generated from the declarations. With `--check` it writes nothing and fails on what is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from './docs/generated.ts';

const ROOT = join(import.meta.dirname, '..');

const { files, objections } = generate(ROOT);
const stale = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
for (const objection of objections) process.stderr.write(`contracts/lock.json: ${objection}\n`);
if (objections.length > 0) {
  process.stderr.write('Nothing was written. Declare a new version, or a new name: CONTRIBUTING.md says how.\n');
  process.exitCode = 1;
} else if (process.argv.includes('--check')) {
  for (const path of stale) process.stderr.write(`${path} is stale: npm run docs\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const path of stale) writeFileSync(join(ROOT, path), files.get(path) ?? '');
  process.stdout.write(stale.length === 0 ? 'Everything is up to date.\n' : `Written: ${stale.join(', ')}\n`);
}

function read(path: string): string | null {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return null;
  }
}
