// The framings of the Nymi Agent's one table, by the name that the settings give them.
import type { Codec } from './codec.ts';
import type { AgentAsks, AgentNotice, WireNames } from './nymi-agent.ts';
import { jsonCodec } from './nymi-json.ts';
import { phoenixCodec } from './nymi-phoenix.ts';

/** `json`: one envelope a frame. `phoenix`: `[join_ref, ref, topic, event, payload]`. */
export const FRAMINGS = { json: jsonCodec, phoenix: phoenixCodec } as const satisfies Record<string, (names?: WireNames) => Codec<AgentAsks, AgentNotice>>;
export type Framing = keyof typeof FRAMINGS;
export const FRAMING_NAMES = Object.keys(FRAMINGS) as [Framing, ...Framing[]];

export const codecFor = (framing: Framing): Codec<AgentAsks, AgentNotice> => FRAMINGS[framing]();
