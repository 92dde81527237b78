// The part of contracts/README.md on what is said to others: one row an operation, with how sure each one is.
import type { z } from 'zod';
import { describe } from '../../contracts/describe.ts';
import { NES_ROUTES } from '../../contracts/external/nes.ts';
import { NOTICES, OPERATIONS, Status } from '../../contracts/external/nymi-agent.ts';
import { fieldLine, table } from './markdown.ts';

const shape = (schema: z.ZodType | null): string => fieldLine(schema === null ? null : describe(schema));

/** Paragraphs of the section. */
export function documentExternal(): string[] {
  return [
    '## Said to others',
    'Most of these interfaces are not public. Each row says how sure it is: `fact` is documented by the vendor, `code` was read from published code, `guess` is ours to define. '
      + 'The names can be replaced by the configuration, and the lab speaks from the same tables.',
    '### NES, over HTTPS', nesTable(),
    '### Nymi Agent, over a websocket', 'Operations that are asked:', operationTable(),
    'Notices that come unasked:', noticeTable(),
    `Status codes: ${Object.entries(Status).map(([name, code]) => `${code} (${name})`).join(', ')}; any other is an error without a name.`,
  ];
}

function nesTable(): string {
  return table(['route', 'known', 'request', 'login', 'body', 'answer', 'meaning'], Object.entries(NES_ROUTES).map(([name, route]) => [
    `\`${name}\``, route.known, `\`${route.method} ${route.path}\``, route.auth, shape(route.request), shape(route.response), route.doc,
  ]));
}

function operationTable(): string {
  return table(['operation', 'known', 'request', 'reply'], Object.entries(OPERATIONS).map(([name, { origin, request, reply }]) => [
    `\`${name}\``, origin, shape(request), shape(reply),
  ]));
}

function noticeTable(): string {
  return table(['notice', 'known', 'payload'], Object.entries(NOTICES).map(([name, { origin, payload }]) => [`\`${name}\``, origin, shape(payload)]));
}
