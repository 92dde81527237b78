// One self-contained page of a replay: style, script and data stand in it, and it asks no network for anything.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Picture } from '../../insight/picture.ts';
import { unwritable } from '../recordings.ts';

/** Writes the page, over one that was there. */
export async function writePicture(out: string, picture: Picture): Promise<void> {
  const [page, style, script] = await Promise.all(['picture.html', 'picture.css', 'picture.js'].map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
  const parts: Readonly<Record<string, string>> = { style: style ?? '', script: script ?? '', data: embedded(picture) };
  const text = (page ?? '').replaceAll(/\/\*(style|script|data)\*\//g, (_, name: string) => parts[name] ?? '');
  await writeFile(out, text).catch((error: unknown) => Promise.reject(unwritable(out, error)));
}

/** Nothing in it can end the script that holds it. */
const embedded = (picture: Picture): string => JSON.stringify(picture).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
