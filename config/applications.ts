// Reads `appsettings.json` as the guide (4.4) prints it. One fault anywhere refuses the whole file: half of an
// `included` list would allow what the other half restricts, and an empty one would allow everything.
import { z } from 'zod';
import { isFault, parseJsonc, readJsonc } from './jsonc.ts';
import type { Jsonc, JsoncFault } from './jsonc.ts';
import type { ConfigProblem } from './problem.ts';
import { shaped } from './shape.ts';
import { parseUrlPattern } from './url-pattern.ts';
import type { UrlPattern } from './url-pattern.ts';

/** Texts of the guide, 7.4 and 7.5. */
export const APPLICATIONS_MISSING = 'appsettings.json file is missing. Contact your administrator.';
export const APPLICATIONS_BROKEN = 'Configuration Error (Data Structure) in appsettings.json. Contact your administrator.';
/** 7.5 words the tooltip otherwise than the message. */
export const APPLICATIONS_BROKEN_TOOLTIP = 'Configuration error (data structure) in appsettings.json file. Contact your administrator.';
/** For an operator: what holds until the file is mended. */
export const APPLICATIONS_UNTIL_THEN = 'A session that read a good version goes on with that; one that starts now refuses every tap.';

const ENTRIES_MAX = 1_000;
const CHARACTERS_MAX = 512;

export const UserFieldType = { text: 'text', select: 'select' } as const;
export type UserFieldType = (typeof UserFieldType)[keyof typeof UserFieldType];

/** An application that may be filled. Attributes that are null match anything; those that are not must all match. */
export interface IncludedEntry {
  readonly processName: string | null;
  readonly windowTitle: string | null;
  readonly url: UrlPattern | null;
  readonly usernameFieldType: UserFieldType;
}

export interface ApplicationRules {
  /** Not empty: only these applications may be filled. */
  readonly included: readonly IncludedEntry[];
  /** Process names that are left alone without a word. */
  readonly suppressed: readonly string[];
}

const attribute = z.string().max(CHARACTERS_MAX).optional();

const UrlSchema = z.string().optional().transform((text, context): UrlPattern | null => {
  if (text === undefined || text.trim() === '') return null;
  const pattern = parseUrlPattern(text);
  if (typeof pattern !== 'string') return pattern;
  context.issues.push({ code: 'custom', message: pattern, input: text });
  return z.NEVER;
});

const IncludedSchema = z
  .strictObject({
    name: attribute.describe('What the entry is for; not compared.'),
    processName: attribute.describe('Process name without file extension.'),
    windowTitle: attribute.describe('Part of the window title; empty: any.'),
    applicationUrl: UrlSchema.describe('URL or host name; `*` stands for sub-domains and in the path.'),
    usernameFieldType: z.enum(UserFieldType).default('text').describe('`select` where the user name is chosen from a drop-down list.'),
  })
  .transform(({ processName, windowTitle, applicationUrl, usernameFieldType }): IncludedEntry => ({
    processName: filled(processName),
    windowTitle: filled(windowTitle),
    url: applicationUrl,
    usernameFieldType,
  }))
  .refine(({ processName, windowTitle, url }) => processName ?? windowTitle ?? url, 'needs a processName, a windowTitle or an applicationUrl');

const SuppressedSchema = z
  .strictObject({
    name: attribute.describe('What the entry is for; not compared.'),
    processName: z.string().max(CHARACTERS_MAX).refine((name) => filled(name) !== null, 'must name a process').describe('Process name without file extension.'),
  })
  .transform(({ processName }) => processName.trim());

const ApplicationsSchema = z.strictObject({
  included: z.array(IncludedSchema).max(ENTRIES_MAX).default([]),
  suppressed: z.array(SuppressedSchema).max(ENTRIES_MAX).default([]),
});

/** Rules of the file, or the problem with the message of 7.4 or 7.5; never a part of the rules. */
export function loadApplications(file: string): ApplicationRules | ConfigProblem {
  return rulesOf(readJsonc(file));
}

/** The same from text; `file` is only a name for messages. */
export function parseApplications(file: string, text: string): ApplicationRules | ConfigProblem {
  return rulesOf(parseJsonc(file, text));
}

function rulesOf(read: Jsonc | JsoncFault): ApplicationRules | ConfigProblem {
  const rules = isFault(read) ? read : shaped(read, ApplicationsSchema);
  if ('value' in rules) return rules.value;
  return { ...rules, message: rules.problem === 'missing' ? APPLICATIONS_MISSING : APPLICATIONS_BROKEN };
}

function filled(text: string | undefined): string | null {
  return text === undefined || text.trim() === '' ? null : text.trim();
}
