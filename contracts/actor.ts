// What every actor publishes of itself.
import { ACTOR_NAMES } from './actors.ts';
import { count, Delivery, list, message, oneOf, record, text } from './schema.ts';

export const ActorReported = message('actor.reported', {
  v: 1,
  doc: 'Sign of life with the counters of refused input, once a second and at each first refusal of a kind.',
  delivery: Delivery.fact,
  from: ACTOR_NAMES,
  to: [],
  recorded: true,
  body: {
    state: oneOf('`ready` once its doors are open.', ['starting', 'ready', 'stopping']),
    refusals: list('Refused input since the start.', record('One reason.', {
      code: text('Reason code.', 64),
      times: count('How often.'),
    }), 64),
    waiting: count('Messages sent and not yet acknowledged.'),
  },
});
