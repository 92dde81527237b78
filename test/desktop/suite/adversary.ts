// Taps under attack, drawn from a seed: what each came to, and what went where it must not.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ATTACKS, PAGE, STRIKE_WITHIN_MS, type Attack } from './attacks.ts';
import { NAME, PASSWORD } from './case.ts';
import { Stand, type Told } from './stand.ts';

export interface Attacked {
  readonly attack: string;
  readonly ending: string;
  /** Characters in an element of the page that is not of the pair. */
  readonly astray: number;
  /** Half a password stayed in its field, out of reach when it was to be cleared. */
  readonly left: boolean;
  /** What must not be; empty if all is well. */
  readonly complaints: readonly string[];
}

/** Makes taps on one stand, each with an attack and a moment from the seed. */
export async function attacked(taps: number, seed: number, each: (attacked: Attacked, at: number) => void = () => undefined): Promise<Attacked[]> {
  const stand = await Stand.start();
  const intruder = spawn(process.execPath, [fileURLToPath(new URL('intruder.ts', import.meta.url)), stand.lab.desktop.address.display ?? ''], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = createInterface({ input: intruder.stdout });
  const draw = generator(seed);
  const all: Attacked[] = [];
  try {
    await once(said, 'line');
    for (let at = 0; at < taps; at++) {
      const attack = ATTACKS[Math.floor(draw() * ATTACKS.length)] as Attack;
      const result = judged(attack, await strike(stand, { intruder, said }, attack, [draw(), draw()]));
      all.push(result);
      each(result, at);
    }
    return all;
  } finally {
    intruder.kill();
    await stand.end();
  }
}

interface Intruder {
  readonly intruder: ChildProcess;
  readonly said: Interface;
}

/** One tap; `when` and `how` are numbers from 0 to 1. */
async function strike(stand: Stand, { intruder, said }: Intruder, { steal, run }: Attack, [when, how]: readonly [number, number]): Promise<Told> {
  const afterMs = when * STRIKE_WITHIN_MS;
  await stand.open(PAGE);
  const done = steal === undefined ? null : once(said, 'line');
  const told = await stand.tap(PAGE[4], PAGE[2], () => {
    if (steal !== undefined) intruder.stdin?.write(`${JSON.stringify(steal(stand.windows, afterMs, how))}\n`);
    if (run !== undefined) stand.run(`const timer = setTimeout(() => { document.dispatchEvent(new CustomEvent('attack')); ${run} }, ${afterMs});
      document.addEventListener('leave', () => clearTimeout(timer));`);
  });
  await done;
  return told;
}

function judged({ name, kind, seals }: Attack, told: Told): Attacked {
  const { outcome, reason, after, elsewhere } = told;
  const complaints: string[] = [];
  const characters = told.arrivals.filter(({ event, text }) => event === 'keydown' && [...text].length === 1);
  const abroad = characters.filter(({ document }) => !told.documents.includes(document)).length;
  const astray = characters.filter(({ document, element }) => told.documents.includes(document) && element !== 'user' && element !== 'password');
  const swapped = characters.filter(({ element, text }) => (element === 'user' && !NAME.includes(text)) || (element === 'password' && !PASSWORD.includes(text)));
  const half = after['password'] ?? '';
  // A document that is gone says nothing of what was filled in it.
  const gone = kind === 'document' || after['password'] === undefined;
  if (elsewhere > 0) complaints.push(`${elsewhere} characters in another window`);
  if (abroad > 0) complaints.push(`${abroad} characters in another document`);
  if (kind !== 'script' && astray.length > 0) complaints.push(`${astray.length} characters in another element`);
  if (astray.length + swapped.length > 1) complaints.push(`${astray.length + swapped.length} characters in another element`);
  if (outcome === 'filled' && !gone && !struckLate(told) && (after['user'] !== NAME || half !== PASSWORD)) complaints.push('told to be filled, and is not');
  // In a new field that took the place of the old one there may be one character.
  if (outcome !== 'filled' && kind === 'script' && seals === undefined && [...half].length > 1) complaints.push('half a password stayed within reach');
  if (told.arrivals.some(({ event }) => event === 'submit')) complaints.push('a form was submitted');
  return { attack: name, ending: outcome === 'filled' ? outcome : `${outcome}:${reason}`, astray: astray.length, left: outcome !== 'filled' && half !== '', complaints };
}

/** The page struck after the last character but one was there: what it did then can come after every look of ours. */
const struckLate = ({ arrivals }: Told): boolean => {
  const strike = arrivals.findLastIndex(({ event }) => event === 'attack');
  const inputs = arrivals.flatMap(({ event, text }, at) => (event === 'input' && text !== '' ? [at] : []));
  return strike > (inputs.at(-2) ?? 0);
};

/** Endings by attack, as lines of a table. */
export function tableOf(all: readonly Attacked[]): string[] {
  const rows = Map.groupBy(all, ({ attack }) => attack);
  return [...rows].map(([attack, taps]) => {
    const endings = [...Map.groupBy(taps, ({ ending }) => ending)].sort(([, a], [, b]) => b.length - a.length);
    const counted = endings.map(([ending, those]) => `${ending} ${those.length}`).join(', ');
    const astray = taps.reduce((sum, tap) => sum + tap.astray, 0);
    const left = taps.filter((tap) => tap.left).length;
    return `${attack}: ${taps.length} taps; ${counted}; astray in the page ${astray}, left out of reach ${left}`;
  });
}

export const complaintsOf = (all: readonly Attacked[]): string[] =>
  all.flatMap(({ attack, ending, complaints }, at) => complaints.map((complaint) => `tap ${at}, ${attack}, ${ending}: ${complaint}`));

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
