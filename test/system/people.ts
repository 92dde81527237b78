// Who there is in the simulated world, what NES and their bands know of them, and what they do at a terminal.
import type { Body, Reply } from '../../contracts/catalogue.ts';
import { Secret } from '../../contracts/secret.ts';
import type { Control } from '../../platform/virtual/control.ts';
import type { BandFailure } from '../../services/credential-broker/band.ts';
import type { Chance, VirtualTime } from './time.ts';
import type { Within } from '../../runtime/exchanges.ts';

export interface Person {
  readonly band: string;
  readonly user: string;
  readonly password: string;
}
export const PEOPLE: readonly Person[] = [
  { band: 'B1', user: 'ada', password: 'Correct-horse-7!' },
  { band: 'B2', user: 'ben', password: 'grüße-µ-ßtaple' },
  { band: 'B3', user: 'operator.one', password: 'x'.repeat(40) },
];
const STRANGER = 'B9';
const WITHOUT_PASSWORD = 'B8';
export const SUPPRESSED = 'kiosk';

export interface Tapped {
  readonly band: string;
  readonly via: 'nfc' | 'ble';
}

/** What NES answers of a band, in its own time; a NES in trouble fails, or takes longer than a tap has. */
export async function nesAnswer(time: VirtualTime, chance: Chance, trouble: number, { band }: Body<'nes.fetch-credential'>): Promise<Reply<'nes.fetch-credential'>> {
  const takesMs = chance.happens(0.1 * trouble) ? chance.between(500, 4000) : chance.between(5, 120);
  await time.pause(takesMs);
  if (chance.happens(0.08 * trouble)) return { refused: 'nes-unreachable', tookMs: takesMs };
  const person = PEOPLE.find((one) => one.band === band);
  if (person !== undefined) {
    const encryptedPassword = new TextEncoder().encode(person.password);
    return { refused: null, userId: band, user: person.user, domain: 'LAB', encryptedPassword, tookMs: takesMs };
  }
  return band === WITHOUT_PASSWORD ? { refused: null, userId: band, user: 'new', domain: 'LAB', tookMs: takesMs } : { refused: 'unknown-band', tookMs: takesMs };
}

/** The key of a band over the radio; the signal ends the wait. */
export function bandAnswer(time: VirtualTime, chance: Chance, trouble: number, { timeoutMs, signal }: Within): Promise<Secret | BandFailure> {
  const takesMs = chance.happens(0.08 * trouble) ? chance.between(400, 3000) : chance.between(10, 250);
  const failure: BandFailure = { reason: 'band-unreachable', detail: 'radio' };
  return new Promise((resolve) => {
    time.after(Math.min(takesMs, timeoutMs), () => resolve(takesMs > timeoutMs || chance.happens(0.04 * trouble) ? failure : new Secret(new Uint8Array(16))));
    signal?.addEventListener('abort', () => resolve(failure));
  });
}

/** The reader of the terminal, and what else is noticed there. */
export interface Terminal {
  tap(tapped: Tapped): void;
  /** The page or the person changed something. */
  disturbed(): void;
}

/** One gesture with what goes before it at the screen, and what may come between. */
export async function gesture(time: VirtualTime, chance: Chance, hands: Control, { tap, disturbed }: Terminal): Promise<void> {
  const window = await screen(chance, hands);
  const bands = [...PEOPLE.map(({ band }) => band), ...(chance.happens(0.3) ? [STRANGER, WITHOUT_PASSWORD] : [])];
  const band = chance.oneOf(bands);
  const via = chance.oneOf(['nfc', 'ble'] as const);
  tap({ band, via });
  const later = (ms: number, what: () => void): void => void time.after(ms, what);
  if (chance.happens(0.3)) later(chance.between(0, 600), () => tap({ band, via: via === 'nfc' ? 'ble' : 'nfc' }));
  if (chance.happens(0.2)) later(chance.between(0, 1500), () => tap({ band, via }));
  if (chance.happens(0.35)) later(chance.between(0, 400), () => tap({ band: chance.oneOf(bands), via: chance.oneOf(['nfc', 'ble'] as const) }));
  if (window === null || chance.happens(0.6)) return;
  const disturb = chance.oneOf<() => Promise<unknown>>([
    () => hands.click(window, 'password'), () => hands.click(window, null), () => hands.closeWindow(window),
    () => hands.navigate(window, 'login'), () => hands.replace(window, 'password'), () => hands.openScene('login'),
  ]);
  later(chance.between(0, 400), () => {
    disturbed();
    void disturb();
  });
}

async function screen(chance: Chance, hands: Control): Promise<string | null> {
  if (chance.happens(0.1)) {
    const kiosk = await hands.openScene('login', { executable: `/opt/${SUPPRESSED}` });
    if (kiosk !== null) await hands.click(kiosk, 'user');
    return null;
  }
  const scene = chance.oneOf(['login', 'login', 'login', 'login', 'dual', 'prefilled', 'nopassword', 'short'] as const);
  const window = await hands.openScene(scene);
  if (window !== null) await hands.click(window, scene === 'dual' ? 'user1' : 'user');
  return window;
}
