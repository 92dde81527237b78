// Who works in the lab: made-up people, each with a band. NES and the Nymi Agent of the lab take them from here.
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One person. Byte fields are secrets of the lab run: they may be searched for, never printed. */
export interface LabPerson {
  /** What one types at the command line: `NB-01`. */
  readonly alias: string;
  /** Canonical id of the band, six octets like a Bluetooth address. */
  readonly bandId: string;
  /** What an NFC reader sees of the same band: seven octets, hex, not the band id. */
  readonly nfcUid: string;
  /** Id of the user in NES. */
  readonly userId: string;
  readonly user: string;
  readonly domain: string;
  readonly fullName: string;
  readonly active: boolean;
  /** 128-bit key in the band; null where the enrollment did not complete. */
  readonly bandKey: Uint8Array | null;
  /** UTF-8; NES stores it sealed with the band key. Null: NES stores none. */
  readonly password: Uint8Array | null;
  /** UTF-8; what the domain accepts. Equals `password` where that is not null. */
  readonly domainPassword: Uint8Array;
}

export interface LabPeople {
  readonly all: readonly LabPerson[];
  /** By alias, band id or NFC UID. Undefined for a stranger's band, such as `UNKNOWN_BAND`. */
  find(band: string): LabPerson | undefined;
  /** Every password and band key of this run, for a search in logs and dumps. */
  secrets(): readonly Uint8Array[];
}

/** A band that belongs to nobody. The Agent can tap it, NES does not know it. */
export const UNKNOWN_BAND = { alias: 'NB-99', bandId: '02:4E:42:00:00:63', nfcUid: '044E4200000063' } as const;

/**
 * The people of the lab in `dir`. The first call draws passwords and keys and keeps them as raw bytes in
 * `dir/people/` (0700, files 0600); later calls, also from other processes, read the same ones.
 */
export function makePeople(dir: string): LabPeople {
  const folder = join(dir, 'people');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const all = ROSTER.map((entry, index) => personOf(folder, entry, index + 1));
  return {
    all,
    find: (band) => all.find((person) => [person.alias, person.bandId, person.nfcUid].includes(band.toUpperCase())),
    secrets: () => all.flatMap(({ domainPassword, bandKey }) => (bandKey === null ? [domainPassword] : [domainPassword, bandKey])),
  };
}

const DOMAIN = 'TAPLAB';
const KEY_BYTES = 16;
const PASSWORD_CHARS = 16;
/** The longest that a Windows logon form takes. */
const LONG_PASSWORD_CHARS = 127;

const ASCII = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const MARKS = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ ';
const LATIN = 'äöüßéèñçøåÄÖÜÉ€£§';
const BEYOND = 'łžőŠαβΩжЯъ';

interface Entry {
  readonly user: string;
  readonly fullName: string;
  readonly active: boolean;
  readonly hasKey: boolean;
  readonly isStored: boolean;
  readonly letters: readonly string[];
  readonly passwordChars: number;
}
const ordinary = { active: true, hasKey: true, isStored: true, letters: [ASCII, MARKS], passwordChars: PASSWORD_CHARS };

/** In the order of the aliases: NB-01, NB-02, ... */
const ROSTER: readonly Entry[] = [
  { ...ordinary, user: 'ada', fullName: 'Ada Ampère', letters: [ASCII, MARKS, LATIN] },
  { ...ordinary, user: 'grace', fullName: 'Grace Grün', letters: [ASCII, MARKS, LATIN, BEYOND] },
  { ...ordinary, user: 'niklas', fullName: 'Niklas Neu', isStored: false },
  { ...ordinary, user: 'ines', fullName: 'Ines Inaktiv', active: false },
  { ...ordinary, user: 'halvor', fullName: 'Halvor Halbfertig', hasKey: false, isStored: false },
  { ...ordinary, user: 'lotte', fullName: 'Lotte Lang', letters: [ASCII, MARKS, LATIN], passwordChars: LONG_PASSWORD_CHARS },
];

function personOf(folder: string, entry: Entry, number: number): LabPerson {
  const { user, fullName, active, hasKey, isStored } = entry;
  const alias = `NB-${String(number).padStart(2, '0')}`;
  const octet = number.toString(16).padStart(2, '0').toUpperCase();
  const domainPassword = kept(join(folder, `${alias}.password`), () => drawPassword(entry));
  return {
    alias,
    bandId: `02:4E:42:00:00:${octet}`,
    nfcUid: `044E42000000${octet}`,
    userId: String(100 + number),
    user,
    domain: DOMAIN,
    fullName,
    active,
    bandKey: hasKey ? kept(join(folder, `${alias}.key`), () => randomBytes(KEY_BYTES)) : null,
    password: isStored ? domainPassword : null,
    domainPassword,
  };
}

/** At least one letter of each alphabet; never a blank at an end, which some forms cut off. */
function drawPassword({ letters, passwordChars }: Entry): Uint8Array {
  const everything = [...letters.join('')];
  for (;;) {
    const drawn = Array.from({ length: passwordChars }, () => everything[randomInt(everything.length)]!);
    const isMixed = letters.every((alphabet) => drawn.some((letter) => alphabet.includes(letter)));
    const password = drawn.join('');
    if (isMixed && password.trim() === password) return new TextEncoder().encode(password);
  }
}

/** Written beside its place and then linked to it: of two processes that start at once, both read the same whole file. */
function kept(file: string, draw: () => Uint8Array): Uint8Array {
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, draw(), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }
  return new Uint8Array(readFileSync(file));
}
