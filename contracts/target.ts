// Where one tap may write, as it travels: the same shape as the platform's `Target`, and the hash that binds a box to it.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { count, nullable, oneOf, optional, record, text } from './schema.ts';

const FIELD_ROLES = ['text', 'password', 'select'] as const;
const ref = (doc: string) => text(doc, 512);

export const UNSEEN_TITLE_MAX = 1024;

export const Target = record('Window, document and the pair of fields.', {
  window: record('The window in front.', { id: text('Id of the window on its desktop.', 64), pid: z.int().min(0).describe('Process of the window.') }),
  url: nullable(text('URL of the document that holds the pair; null outside of documents.', 4096)),
  user: record('The user-name field.', { ref: ref('Opaque name of the element.'), role: oneOf('Kind of field.', FIELD_ROLES) }),
  password: record('The password field of the pair.', { ref: ref('Opaque name of the element.') }),
  unseen: optional(record('Of a window that shows no fields, and whose fields have no names therefore.', {
    title: text('Title of the window.', UNSEEN_TITLE_MAX),
    tabs: count('How often the Tab key leads from the user name to the password.', 9),
  })),
});
export type Target = z.infer<typeof Target>;

/** SHA-256 over the canonical form of a target, hex: what a sealed box and an issued credential are bound to. */
export function targetHash(target: Target): string {
  const { window, url, user, password, unseen } = target;
  const canonical = [window.id, window.pid, url, user.ref, user.role, password.ref, ...(unseen === undefined ? [] : [unseen.title, unseen.tabs])];
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
