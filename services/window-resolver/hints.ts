// What the words around a field say about its purpose: autocomplete, name, id and label, each on its own. Words of the
// languages that plants and hospitals in Europe and the Americas show. A hint ranks; position decides (fields.ts).
import type { Field } from '../../platform/port.ts';

const CHARACTERS_MAX = 256;

/** How likely a text field or drop-down holds the user name; higher wins. */
export const UserRank = { never: 0, unlikely: 1, unknown: 2, email: 3, user: 4, declared: 5 } as const;
export type UserRank = (typeof UserRank)[keyof typeof UserRank];

/** What a masked field is for. `other`: a one-time code, PIN or card number; `fresh`: a new or repeated password. */
export const PasswordUse = { current: 'current', plain: 'plain', fresh: 'fresh', other: 'other' } as const;
export type PasswordUse = (typeof PasswordUse)[keyof typeof PasswordUse];

/** Rank of a field as the place of a user name. */
export function userRank(field: Field): UserRank {
  const declared = tokensOf(field.autocomplete);
  if (declared.includes('username')) return UserRank.declared;
  const sources = [field.htmlName, field.htmlId, field.label].map(wordsOf);
  if (sources.some(speaksOf(NEVER_USER)) || AUTOCOMPLETE_OTHER.test(field.autocomplete)) return UserRank.never;
  // What a person reads counts before what the page calls it: ids often carry the name of the whole form.
  const shown = headOf(wordsOf(field.label.replace(/\([^)]*\)/g, ' ')));
  const called = sources.slice(0, 2).map(headOf);
  if (shown === 'setting' || (shown === null && called.includes('setting'))) return UserRank.unlikely;
  if (shown === 'user' || called.includes('user')) return UserRank.user;
  return declared.includes('email') || sources.some(speaksOf(EMAIL)) ? UserRank.email : UserRank.unknown;
}

/** Use of a masked field. */
export function passwordUse(field: Field): PasswordUse {
  const declared = tokensOf(field.autocomplete);
  if (declared.includes('one-time-code') || declared.some((token) => token.startsWith('cc-'))) return PasswordUse.other;
  if (declared.includes('new-password')) return PasswordUse.fresh;
  if (declared.includes('current-password')) return PasswordUse.current;
  const sources = [field.htmlName, field.htmlId, field.label].map(wordsOf);
  if (sources.some(speaksOf(OTHER_SECRET))) return PasswordUse.other;
  if (sources.some(speaksOf(FRESH_PASSWORD))) return PasswordUse.fresh;
  return sources.some(speaksOf(CURRENT_PASSWORD)) ? PasswordUse.current : PasswordUse.plain;
}

interface Vocabulary {
  /** Whole words. */
  readonly words: ReadonlySet<string>;
  /** Long enough to be meant wherever they stand in a word, as in German compounds. */
  readonly stems: RegExp;
}

const vocabulary = (words: string, stems: RegExp): Vocabulary => ({ words: new Set(words.split(' ')), stems });

const USER = vocabulary(
  'user users uid uname login logon signin account kennung konto nutzer operator signer signatory signee employee bruger kayttaja utente usager',
  /user(name|id|code|no)|login(name|id)|logon(name|id)|benutzer|anmeldename|utilisateur|identifiant|usuario|gebruiker|brugernavn|anvandar|uzivatel|uzytkownik|felhasznal/,
);
const EMAIL = vocabulary('email mail upn courriel correo', /e ?mail/);
const SETTING = vocabulary(
  'domain realm tenant company mandant client server host database db schema site plant werk area environment instance system role rolle language sprache langue locale terminal station workstation printer device group department abteilung facility factory catalog batch charge lot order serial material equipment amount quantity menge weight',
  /domane|domaine|dominio|database|datenbank/,
);
const NEVER_USER = vocabulary(
  'search suche suchen recherche buscar cerca zoek filter find query comment comments remark remarks note notes reason grund motif motivo meaning bedeutung justification explanation description beschreibung message subject title otp totp 2fa mfa pin captcha phone tel telephone mobile fax street city zip postcode country birthday dob date time url website surname vorname nachname prenom',
  /search|kommentar|comentario|commentaire|bemerkung|anmerkung|begrundung|one ?time|verification ?code|captcha|(first|last|given|family|full) ?name/,
);
const AUTOCOMPLETE_OTHER = /\b(one-time-code|given-name|family-name|additional-name|tel|bday|organization|street-address|address-line\d|postal-code|country|cc-[a-z-]+|url|language|sex)\b/i;

const OTHER_SECRET = vocabulary(
  'otp totp hotp 2fa mfa pin pincode cvc cvv csc ssn captcha token tan code',
  /one ?time|einmal|card ?number|securitycode|verificationcode|authcode/,
);
const FRESH_PASSWORD = vocabulary(
  'new neu neue neues neuen nouveau nouvelle nuevo nueva nuovo nuova nieuw nieuwe confirm confirmation confirmed repeat repeated retype reenter again verify verification bestatigen bestatigung wiederholen wiederholung confirmer confirmar conferma herhaal',
  /newpass|newpwd|passwordnew|passwdnew|pwdnew|confirmpass|confirmpwd|passwordconf|passwdconf|pwdconf|repeatpass|passwordrepeat|retypepass|repassword|verifypass|passwordverif|re enter|re type/,
);
const CURRENT_PASSWORD = vocabulary('current old existing aktuell aktuelles altes alt actuel ancien actual attuale huidig', /currentpass|oldpass|currentpwd|oldpwd/);

interface Words {
  readonly text: string;
  readonly words: readonly string[];
}

/** `txtUserName_1` becomes `txt user name 1`; accents go. */
function wordsOf(source: string): Words {
  const text = source
    .slice(0, CHARACTERS_MAX)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/(?<=[\p{Ll}\d])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ')
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();
  return { text, words: text.split(' ') };
}

const speaksOf = (of: Vocabulary) => ({ text, words }: Words): boolean => words.some((word) => of.words.has(word.replace(/(?<=\D)\d+$/, ''))) || of.stems.test(text);

/** The last telling word names the thing: a `login domain` is a domain, a `domain user` a user. */
function headOf({ words }: Words): 'user' | 'setting' | null {
  for (const word of words.toReversed()) {
    const one: Words = { text: word, words: [word] };
    if (speaksOf(USER)(one)) return 'user';
    if (speaksOf(SETTING)(one)) return 'setting';
  }
  return null;
}

function tokensOf(autocomplete: string): readonly string[] {
  return autocomplete.slice(0, CHARACTERS_MAX).toLowerCase().split(/\s+/);
}
