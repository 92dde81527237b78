// When to kill: moments of a tap's life, drawn from a seed. Dense where something happens: the gathering right after the
// gesture, the commit with the keystrokes after it, and each step that an actor writes down.
//
//   0 ── accept, resolve, gather ── 20 ─── waiting ─── 100 ── commit, ask, keystrokes, end ── 150 ms

export type Moment =
  /** So many milliseconds after the gesture. */
  | { readonly at: 'ms'; readonly ms: number }
  /** With that press of a key. `cut`: what the process had sent ahead is lost with it. */
  | { readonly at: 'press'; readonly press: number; readonly cut: boolean }
  /** As soon as a file tells of a step. */
  | { readonly at: 'step'; readonly step: Step };

/** Steps by the file, below the folder of the lab, and what it holds then. */
export const STEPS = {
  accepted: ['session/state/tap-listener.jsonl', '"phase":"accepted"'],
  committed: ['session/state/tap-listener.jsonl', '"phase":"committed"'],
  granted: ['session/state/tap-listener.jsonl', '"phase":"injecting"'],
  ended: ['session/state/tap-listener.jsonl', '"e":"ended"'],
  asked: ['session/state/injector.jsonl', '"e":"asked"'],
  begun: ['session/state/injector.jsonl', '"e":"begun"'],
  filled: ['session/state/injector.jsonl', '"e":"ended"'],
  intended: ['machine/logs/Audit', '"kind":"intent"'],
  recorded: ['machine/logs/Audit', '"kind":"outcome"'],
} as const;
export type Step = keyof typeof STEPS;

/** Ctrl+A and a name, Ctrl+A and a password of sixteen. */
const PRESSES = 23;
const LIFE_MS = 150;
const GATHERING_MS = 25;
const COMMITTED_MS = 95;

export const momentText = (moment: Moment): string => {
  switch (moment.at) {
    case 'ms': return `${moment.ms.toFixed(1)} ms after the gesture`;
    case 'press': return `at press ${moment.press}${moment.cut ? ', the rest lost' : ''}`;
    case 'step': return `once ${moment.step}`;
  }
};

/** Endless: presses, milliseconds and steps in turn, each drawn anew. Only who `presses` keys can have sent some ahead. */
export function* moments(random: () => number, presses: boolean): Generator<Moment, never> {
  const steps = Object.keys(STEPS) as Step[];
  for (;;) {
    yield { at: 'press', press: 1 + Math.floor(random() * PRESSES), cut: random() < 0.5 && presses };
    yield { at: 'ms', ms: drawMs(random) };
    yield { at: 'step', step: steps[Math.floor(random() * steps.length)]! };
  }
}

function drawMs(random: () => number): number {
  const where = random();
  if (where < 0.45) return random() * GATHERING_MS;
  if (where < 0.85) return COMMITTED_MS + random() * (LIFE_MS - COMMITTED_MS);
  return random() * LIFE_MS;
}

/** Numbers from 0 to below 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
