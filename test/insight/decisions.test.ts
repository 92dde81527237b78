// The words of the judgement: one decision for each command that others hear of, none for what only the actor does.
import test from 'ava';
import { SettingsSchema } from '../../config/schema.ts';
import { Decision } from '../../contracts/recording.ts';
import { decisionLine, decisionsOf } from '../../insight/decisions.ts';
import { decideWith, INITIAL, type Event } from '../../services/tap-listener/decide.ts';

const step = decideWith(SettingsSchema.parse({}).budget);
const tapped = (tap: string, band: string, atUs: number): Event => ({ event: 'tapped', tap, band, via: 'nfc', atUs });

test('an accepted gesture is one decision, however much the step does for it', (t) => {
  const event = tapped('a', 'A', 0);
  const decisions = decisionsOf(step(INITIAL, event, 1000)[1], 1000, event);
  t.deepEqual(decisions.map(decisionLine), [
    '{"topic":"decision","us":1000,"decision":"accepted","tap":"a","band":"A","via":"nfc","why":null,"outcome":null,"stages":null}',
  ]);
});

test('a drop names the gesture that did not count, an end its outcome and stages, both as the contract has them', (t) => {
  const [open] = step(INITIAL, tapped('a', 'A', 0), 0);
  const again = tapped('b', 'A', 500_000);
  const [dropped] = decisionsOf(step(open, again, 500_500)[1], 500_500, again);
  t.like(dropped, { decision: 'dropped', tap: 'b', band: 'A', via: 'nfc', why: 'bounce', outcome: null });
  const refused: Event = { event: 'refused', tap: 'a', reason: 'no-user-field', atUs: 9_000 };
  const ends = decisionsOf(step(open, refused, 9_500)[1], 9_500, refused);
  t.like(ends[0], { decision: 'ended', tap: 'a', why: 'no-user-field', outcome: 'refused', stages: { accept: 0, total: 9.5 } });
  t.like(ends[1], { decision: 'cancelled', tap: 'a', why: 'no-user-field' });
  for (const decision of [dropped, ...ends]) t.deepEqual(Decision.parse(decision), decision as Decision);
});
