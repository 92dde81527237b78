// What a recording keeps: every input that a decision about taps depends on, and what was decided. There is no field that
// could hold a password, a text from a window, or a band's own id: bands go by a keyed pseudonym of the same class.
import { z } from 'zod';
import { Outcome, REASON_CODES } from './reasons.ts';

export const RECORDING_VERSION = 1;

const us = z.int().min(0).describe('Monotonic microseconds at which the tap-listener took it.');
const tap = z.string().max(64).describe('Id of the tap.');
const band = z.string().max(128).describe('Pseudonym of the band: 14 hex digits.');
const via = z.enum(['nfc', 'ble']);
const stamp = z.int().describe('Monotonic microseconds.');

/** What the Nymi Agent reported, as `services/tap-listener/raw.ts` has it; pseudonyms in place of ids, of the same class. */
export const RawEntry = z.strictObject({
  topic: z.literal('raw'), us,
  raw: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('nfc'), atUs: stamp, uid: z.string().max(128), band: band.nullable() }),
    z.strictObject({ kind: z.literal('rssi'), atUs: stamp, band, rssiDbm: z.number() }),
    z.strictObject({
      kind: z.literal('presence'), atUs: stamp, band, presence: z.enum(['yes', 'likely', 'unlikely', 'no']),
      authenticated: z.boolean(), worn: z.boolean().nullable(),
    }),
  ]),
});

/** An input of the tap-listener's step: gestures, answers of the others, timers that fired. */
export const InputEntry = z.strictObject({
  topic: z.literal('input'), us,
  event: z.discriminatedUnion('event', [
    z.strictObject({ event: z.literal('tapped'), tap, band, via, atUs: stamp, held: z.literal(true).optional() }),
    z.strictObject({ event: z.literal('unreadable'), atUs: stamp }),
    z.strictObject({ event: z.literal('unfit'), band, via, atUs: stamp, why: z.enum(['not-authenticated', 'not-worn', 'gone', 'previous-id', 'id-changed']) }),
    z.strictObject({ event: z.literal('due'), tap, due: z.enum(['commit', 'resolve', 'credential', 'total', 'lease']) }),
    z.strictObject({ event: z.literal('resolved'), tap, atUs: stamp }),
    z.strictObject({ event: z.literal('refused'), tap, reason: z.enum(REASON_CODES), atUs: stamp }),
    z.strictObject({ event: z.literal('begun'), tap, atUs: stamp, credentialUs: stamp }),
    z.strictObject({ event: z.literal('ended'), tap, atUs: stamp, outcome: z.enum(Outcome), reason: z.enum(REASON_CODES) }),
    z.strictObject({ event: z.literal('slept') }),
    z.strictObject({ event: z.literal('recovered'), sameBoot: z.boolean() }),
  ]),
});

const stages = z.strictObject({
  accept: z.number().optional(), resolve: z.number().optional(), credential: z.number().optional(), inject: z.number().optional(), total: z.number(),
}).describe('Milliseconds from t0 to the end of each stage (of `inject`: to its begin).');

/** What was decided; what a replay prints, one a line. */
export const Decision = z.strictObject({
  topic: z.literal('decision'), us,
  decision: z.enum(['accepted', 'committed', 'cancelled', 'dropped', 'ended', 'storm-warned']),
  tap: tap.nullable(), band: band.nullable(), via: via.nullable(),
  /** Of a drop: why it did not count; of a cancellation and an end: the reason code. */
  why: z.string().max(64).nullable(),
  outcome: z.enum(Outcome).nullable(),
  stages: stages.nullable(),
  /** What the others would have answered is a model's guess: the recorded run had no such tap. */
  assumed: z.literal(true).optional(),
});

/** All that the judgement remembers, at the head of each chunk: a seek and a ring buffer go on from here. JSON of the step's states. */
export const SnapshotEntry = z.strictObject({
  topic: z.literal('snapshot'), us,
  listener: z.unknown(), candidates: z.unknown(),
});

/** Inputs that were lost on the way to the recorder: what follows up to the next snapshot is not to be trusted. */
export const GapEntry = z.strictObject({ topic: z.literal('gap'), us, lost: z.int().min(1) });

export const Entry = z.discriminatedUnion('topic', [RawEntry, InputEntry, Decision, SnapshotEntry, GapEntry]);
export type Entry = z.output<typeof Entry>;
export type Decision = z.output<typeof Decision>;

/** Stands in the recording once, before the first entry. */
export const Header = z.strictObject({
  version: z.int().min(1),
  product: z.string().max(64).describe('Version of Tapline that recorded.'),
  startedWallMs: z.int().describe('Wall time of the first entry, milliseconds since 1970.'),
  startedUs: stamp.describe('Monotonic time of the first entry.'),
  settings: z.strictObject({ budget: z.record(z.string(), z.number()), tap: z.record(z.string(), z.number()) }).describe('As they were: `budget` and `tap` of the settings file.'),
  settingsHash: z.string().max(64).describe('SHA-256 of the whole settings, hex.'),
  source: z.string().max(256).describe('`recorder`, or the command that made it, with its seed.'),
});
export type Header = z.output<typeof Header>;
