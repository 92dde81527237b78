// What every message carries beside its body.
import { z } from 'zod';
import { ACTOR_NAMES } from './actors.ts';

const ID_MAX = 64;
const id = z.string().min(1).max(ID_MAX);

/** Times are microseconds of the receiver's monotonic clock; `wall` is for people. */
export const Envelope = z.strictObject({
  id: id.describe('UUIDv7 of this message; a repeated id is the same message.'),
  kind: z.string().max(ID_MAX).describe('Name of the contract.'),
  v: z.int().min(1).max(999).describe('Version of the contract.'),
  tap: id.nullable().describe('The tap that this message belongs to; null where it belongs to none.'),
  cause: id.nullable().describe('Id of the message that led to this one.'),
  from: z.enum(ACTOR_NAMES).describe('Sender; must equal the door it came in by.'),
  session: z.string().max(ID_MAX).nullable().describe('Session zone it belongs to; must equal that of the door.'),
  at: z.int().min(0).describe('When it was made, in monotonic microseconds.'),
  deadline: z.int().min(0).describe('After this monotonic microsecond the receiver must not act on it.'),
  wall: z.number().min(0).describe('When it was made, in milliseconds since 1970, for people.'),
});
export type Envelope = z.infer<typeof Envelope>;
