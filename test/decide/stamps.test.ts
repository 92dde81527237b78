// Stamps decide, never the order in which timers fire: late timers and late messages, up to what a message may take on its
// way, lead to the same decisions as punctual ones.
import test from 'ava';
import fc from 'fast-check';
import { SettingsSchema } from '../../config/schema.ts';
import { decideWith, INITIAL, type Event } from '../../services/tap-listener/decide.ts';

const { budget } = SettingsSchema.parse({});
const step = decideWith(budget);
const MS = 1000;

/** What happens at a terminal, in ms of their stamps. */
interface Script {
  /** The other band, after the first one. */
  readonly rivalMs: number;
  readonly rivalBand: 'A' | 'B';
  /** The resolver's word after the tap, which may come too late. */
  readonly wordMs: number;
  readonly word: 'resolved' | 'refused' | 'suppressed' | 'none';
  /** The injector begins so long after the commit, or never. */
  readonly beginMs: number | null;
}

const script: fc.Arbitrary<Script> = fc.record({
  rivalMs: fc.integer({ min: 1, max: 250 }),
  rivalBand: fc.constantFrom('A', 'B'),
  wordMs: fc.integer({ min: 1, max: 30 }),
  word: fc.constantFrom('resolved', 'resolved', 'refused', 'suppressed', 'none'),
  beginMs: fc.option(fc.integer({ min: 200, max: 300 })),
});
const lateness = fc.array(fc.integer({ min: 0, max: 39 }), { minLength: 24, maxLength: 24 });

test('late timers and messages change no decision', (t) => {
  fc.assert(fc.property(script, lateness, (one, late) => {
    t.deepEqual(decisions(one, late), decisions(one, []));
  }), { numRuns: 3000 });
});

/** What was accepted and how it ended, where the n-th timer or message is `late[n]` ms late. */
function decisions({ rivalMs, rivalBand, wordMs, word, beginMs }: Script, late: readonly number[]): string[] {
  const queue: { atMs: number; event: Event }[] = [];
  let drawn = 0;
  // Gestures get their stamp where they are judged: they are never late.
  const expect = (atMs: number, event: Event): void => void queue.push({ atMs: atMs + (event.event === 'tapped' ? 0 : (late[drawn++ % late.length] ?? 0)), event });
  const found: string[] = [];
  expect(0, { event: 'tapped', tap: 'first', band: 'A', via: 'nfc', atUs: 1000 * MS });
  expect(rivalMs, { event: 'tapped', tap: 'rival', band: rivalBand, via: 'nfc', atUs: (1000 + rivalMs) * MS });
  let state = INITIAL;
  while (queue.length > 0) {
    queue.sort((a, b) => a.atMs - b.atMs);
    const { atMs, event } = queue.shift()!;
    const [next, commands] = step(state, event, (1000 + atMs) * MS);
    if (next.open?.phase === 'injecting' && state.open?.phase === 'committed') {
      expect(atMs + 50, { event: 'ended', tap: 'first', atUs: (1050 + atMs) * MS, outcome: 'filled', reason: 'ok' });
    }
    state = next;
    for (const command of commands) {
      if (command.do === 'after') expect(atMs + command.ms, command.event);
      if (command.do === 'end') found.push(`${command.end.tap.tap} ${command.end.reason}`);
      if (command.do !== 'accept' && command.do !== 'commit') continue;
      const { tap, tappedUs } = command.open;
      if (command.do === 'accept') found.push(`${tap} accepted`);
      if (tap !== 'first') continue;
      const saidUs = tappedUs + wordMs * MS;
      if (command.do === 'accept' && word === 'resolved') expect(wordMs, { event: 'resolved', tap, atUs: saidUs });
      if (command.do === 'accept' && (word === 'refused' || word === 'suppressed')) expect(wordMs, { event: 'refused', tap, atUs: saidUs, reason: word === 'refused' ? 'no-user-field' : 'suppressed' });
      if (command.do === 'commit' && beginMs !== null) expect(atMs + beginMs, { event: 'begun', tap, atUs: (1000 + atMs + beginMs) * MS, credentialUs: (1000 + atMs) * MS });
    }
  }
  return found.sort();
}
