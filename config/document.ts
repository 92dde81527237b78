// Writes `default.json` from the schema, so that the documented defaults are the real ones; a test compares them.
import type { z } from 'zod';
import { SettingsSchema } from './schema.ts';

/** JSON with comments: every setting with its text and its default. */
export function documentDefaults(): string {
  const head = [
    '// Every setting with its default. A settings file holds only what differs: TAPLINE_CONFIG names it, or it lies as',
    '// `config.json` in TAPLINE_HOME. Comments and trailing commas are welcome, unknown keys are refused.',
    '// Written from config/schema.ts.',
  ];
  return [...head, '{', ...lines(SettingsSchema, SettingsSchema.parse({}), '  '), '}', ''].join('\n');
}

function lines(schema: z.ZodObject, defaults: Readonly<Record<string, unknown>>, indent: string): string[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const comment = `${indent}// ${(field as z.ZodType).description ?? ''}`;
    const value = defaults[key];
    const section = sectionOf(field as z.ZodType);
    if (section === null) return [comment, `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)},`];
    return [comment, `${indent}${JSON.stringify(key)}: {`, ...lines(section, value as Record<string, unknown>, `${indent}  `), `${indent}},`];
  });
}

/** The object behind `prefault`, null for a plain setting. */
function sectionOf(field: z.ZodType): z.ZodObject | null {
  const { def } = field as unknown as { def: { type: string; innerType?: z.ZodObject } };
  return def.type === 'prefault' ? (def.innerType ?? null) : null;
}
