// All that Tapline and a Nymi Agent say to each other, as one table. There is no public reference for most of it, so each
// name is marked by where it comes from, the names can be replaced by configuration, and the lab's Agent reads this table.
import { z } from 'zod';
import type { Secret } from '../secret.ts';

/** Of an Agent on this machine (fact: default `agent_url` of nbe.toml). */
export const AGENT_URL = 'ws://127.0.0.1:9120/socket/websocket';

/** Status codes that are known; any other but 0 is an error without a name. */
export const Status = {
  ok: 0,
  /** Trouble with the radio; not fatal, worth another try. */
  radioTrouble: 5100,
  /** No certificates and no way to get some: `init` must be called with `nes_url` and `token`. */
  certificatesMissing: 8000,
} as const;

/** Where a name comes from: documented, seen in published code, or chosen here until somebody knows better. */
export const Origin = { fact: 'fact', code: 'code', guess: 'guess' } as const;
export type Origin = (typeof Origin)[keyof typeof Origin];

/** IP address of a terminal, as seen by the Agent. */
const endpointId = z.string().min(1).max(64);
/** Canonical id of a band, as `lookup` gives it (`NymiBandID`). */
const device = z.string().min(1).max(64);
/** Hex of a key of 16 to 64 bytes. */
const keyHex = z.string().regex(/^(?:[0-9a-fA-F]{2}){16,64}$/);

/** Answer of `subscribe_endpoint`, and the notice about a change of the same facts. */
const endpointFacts = {
  /** The endpoint service of the terminal is connected to the Agent. */
  endpoint_running: z.boolean().optional(),
  /** The terminal has a Bluetooth adapter. */
  adapter_present: z.boolean().optional(),
  /** The radio works: whether the code meant a payload's key or an operation cannot be told, so both are understood. */
  ble_ready: z.boolean().optional(),
};

/** What we ask. Unknown fields of an answer are dropped unread. */
export const OPERATIONS = {
  /** Gives the Agent the means to fetch its certificates from NES. */
  init: {
    origin: Origin.fact,
    request: z.object({ nes_url: z.string().max(2048), token: z.string().max(65_536) }),
    reply: z.object({}),
  },
  /** Asks for the events of one terminal; each socket may hold several. */
  subscribe_endpoint: {
    origin: Origin.code,
    request: z.object({ endpoint_id: endpointId }),
    reply: z.object(endpointFacts),
  },
  /** Ends a subscription, as at a logoff or after a change of address. */
  unsubscribe_endpoint: { origin: Origin.guess, request: z.object({ endpoint_id: endpointId }), reply: z.object({}) },
  /** Looks up attributes of a person, as the band id by user name and domain. */
  lookup: {
    origin: Origin.code,
    request: z.object({
      query: z.record(z.string(), z.string()),
      lookup_keys: z.array(z.string()).max(16),
    }),
    reply: z.record(z.string(), z.unknown()),
  },
  /** Asks a band to prove over the radio that it is worn by its owner. */
  assert_identity: {
    origin: Origin.code,
    request: z.object({ assert_type: z.literal('assert_user'), device }),
    reply: z.object({}),
  },
  /** Fetches a band's symmetric key over the radio; an empty or absent key: the band has none. */
  symmetric_key: {
    origin: Origin.guess,
    request: z.object({ device }),
    reply: z.object({ key: z.union([keyHex, z.literal('')]).nullish() }),
  },
} as const;
export type Operation = keyof typeof OPERATIONS;

/** What the Agent says unasked. */
export const NOTICES = {
  /** A band came, went, or changed its state. The name is from code, the fields are ours. */
  presence: {
    origin: Origin.code,
    payload: z.object({
      endpoint_id: endpointId.optional(),
      device,
      /** `yes`: heard within 5 s, `likely`: 15 s, `unlikely`: 60 s, `no`: longer ago. */
      presence: z.enum(['yes', 'likely', 'unlikely', 'no']),
      authenticated: z.boolean(),
      worn: z.boolean().optional(),
    }),
  },
  /** The reader of a terminal saw a tag: any tag. */
  nfc_tap: {
    origin: Origin.guess,
    payload: z.object({
      endpoint_id: endpointId,
      /** What the reader gave, as hex; may be empty or cut short. */
      uid: z.string().max(128),
      /** The band that the tag belongs to, where the Agent knows it. */
      device: device.nullish(),
    }),
  },
  /** Strength of one advertisement of a band. */
  ble_rssi: {
    origin: Origin.guess,
    payload: z.object({ endpoint_id: endpointId, device, /** dBm */ rssi: z.number().min(-127).max(20) }),
  },
  /** The radio of a terminal works. The word is from code, the field is ours. */
  ble_ready: { origin: Origin.code, payload: z.object({ endpoint_id: endpointId.optional() }) },
  /** A terminal's endpoint service or adapter came or went. */
  endpoint_state: { origin: Origin.guess, payload: z.object({ endpoint_id: endpointId, ...endpointFacts }) },
} as const;
export type NoticeName = keyof typeof NOTICES;

/** The table as types, for a link. Of a band's key the receiver owns the secret; null: the band has none. */
export type AgentAsks = {
  [O in Operation]: {
    readonly request: z.input<(typeof OPERATIONS)[O]['request']>;
    readonly reply: O extends 'symmetric_key' ? { readonly key: Secret | null } : z.output<(typeof OPERATIONS)[O]['reply']>;
  };
};
export type AgentNotice = {
  [N in NoticeName]: { readonly name: N; readonly payload: z.output<(typeof NOTICES)[N]['payload']> };
}[NoticeName];

/** Names on the wire where they differ from the table's. */
export type WireNames = Partial<Record<Operation | NoticeName, string>>;

const exchange = z.union([z.string().max(128), z.number().transform(String)]);

/** Every message both ways, to the letter. A request has neither `status` nor `error`; a notice may lack `exchange`. */
export const ENVELOPE = z.object({
  operation: z.string().min(1).max(128),
  exchange: exchange.optional(),
  status: z.number().int().optional(),
  payload: z.unknown().optional(),
  error: z.object({ error_description: z.string().optional(), error_specifics: z.string().optional() }).nullish(),
});
export type Envelope = z.output<typeof ENVELOPE>;
