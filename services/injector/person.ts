// Is the name in a user-name field the person of the tap? One person has several spellings.

/** True for `user`, `DOMAIN\user` and `user@domain`, whatever the case; a name with another domain is another person. */
export function samePerson(text: string, person: { readonly user: string; readonly domain: string }): boolean {
  const { name, domain } = parts(fold(text));
  if (name !== fold(person.user)) return false;
  if (domain === null) return true;
  const own = fold(person.domain);
  return domain === own || domain === own.split('.')[0];
}

function parts(text: string): { name: string; domain: string | null } {
  const backslash = text.indexOf('\\');
  if (backslash >= 0) return { name: text.slice(backslash + 1), domain: text.slice(0, backslash) };
  const at = text.lastIndexOf('@');
  return at > 0 ? { name: text.slice(0, at), domain: text.slice(at + 1) } : { name: text, domain: null };
}

const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
