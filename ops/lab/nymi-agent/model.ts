// A Nymi Agent without a socket or a clock: what it knows, and what it says to whom when something happens. Pure.
import { ENVELOPE, OPERATIONS, Status } from '../../../contracts/external/nymi-agent.ts';
import type { NoticeName, Operation } from '../../../contracts/external/nymi-agent.ts';
import { UNKNOWN_BAND } from '../people.ts';
import type { LabPerson } from '../people.ts';
import { bleTap } from './gesture.ts';
import { GARBAGE } from './garbage.ts';

/** What can be made to go wrong. */
export const Fault = {
  /** The next answers are cut-off JSON. */
  brokenJson: 'broken-json',
  /** Every client gets one frame of each kind of rubbish, at once. */
  garbage: 'garbage',
  /** The next keys and subscriptions answer 5100. */
  radio: 'radio',
  /** The next keys and subscriptions answer 8000, and `init` is forgotten. */
  certificates: 'certificates',
  /** The next requests get no answer. */
  silence: 'silence',
  /** Every connection ends, at once. */
  disconnect: 'disconnect',
  /** The terminals' endpoint service stops, until healed. */
  endpointStopped: 'endpoint-stopped',
  /** The terminals' adapters are pulled, until healed. */
  adapterMissing: 'adapter-missing',
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

type Pending = Readonly<Partial<Record<Fault, number>>>;

interface Client {
  readonly endpoints: readonly string[];
  readonly isInitialised: boolean;
}

export interface AgentModel {
  readonly people: readonly LabPerson[];
  readonly clients: Readonly<Record<string, Client>>;
  /** Times that a fault is still to happen. */
  readonly faults: Pending;
  readonly isEndpointRunning: boolean;
  readonly isAdapterPresent: boolean;
  /** Between two readings of a Bluetooth tap. */
  readonly advertMs: number;
}

export const newAgent = (people: readonly LabPerson[], advertMs: number): AgentModel => ({
  people, advertMs, clients: {}, faults: {}, isEndpointRunning: true, isAdapterPresent: true,
});

/** A tag at a reader: a person's band or, with a null device, a tag that the Agent does not know. */
export interface Tag {
  readonly uid: string;
  readonly device: string | null;
}

export interface PresenceFacts {
  readonly presence: 'yes' | 'likely' | 'unlikely' | 'no';
  readonly authenticated: boolean;
  readonly worn?: boolean;
}

export type AgentEvent =
  | { readonly kind: 'opened'; readonly client: string }
  | { readonly kind: 'closed'; readonly client: string }
  | { readonly kind: 'received'; readonly client: string; readonly text: string }
  | { readonly kind: 'nfc'; readonly endpoint: string; readonly tag: Tag }
  | { readonly kind: 'ble'; readonly endpoint: string; readonly device: string }
  | { readonly kind: 'presence'; readonly device: string; readonly facts: PresenceFacts }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly times: number }
  | { readonly kind: 'healed' };

export type AgentCommand =
  | { readonly kind: 'send'; readonly client: string; readonly text: string; readonly afterMs: number }
  | { readonly kind: 'drop'; readonly client: string };

type Step = readonly [AgentModel, readonly AgentCommand[]];

export function stepAgent(model: AgentModel, event: AgentEvent): Step {
  switch (event.kind) {
    case 'opened':
      return [withClient(model, event.client, { endpoints: [], isInitialised: false }), []];
    case 'closed':
      return [{ ...model, clients: omit(model.clients, event.client) }, []];
    case 'received':
      return receive(model, event.client, event.text);
    case 'nfc':
      return [model, tell(model, event.endpoint, 'nfc_tap', { endpoint_id: event.endpoint, ...event.tag })];
    case 'ble':
      return [model, bleTap(model.advertMs).flatMap(({ rssi, afterMs }) =>
        tell(model, event.endpoint, 'ble_rssi', { endpoint_id: event.endpoint, device: event.device, rssi }, afterMs))];
    case 'presence':
      return [model, tell(model, null, 'presence', { device: event.device, ...event.facts })];
    case 'fault':
      return strike(model, event.fault, event.times);
    case 'healed':
      return tellEndpoints({ ...model, faults: {}, isEndpointRunning: true, isAdapterPresent: true });
  }
}

/** The tag of a band by alias, band id or NFC id; any other text is a tag that the Agent does not know. */
export function tagOf(people: readonly LabPerson[], band: string): Tag {
  const known = [...people, UNKNOWN_BAND].find(({ alias, bandId, nfcUid }) => [alias, bandId, nfcUid].includes(band));
  return known === undefined ? { uid: band, device: null } : { uid: known.nfcUid, device: known.bandId };
}

function strike(model: AgentModel, fault: Fault, times: number): Step {
  const clients = Object.keys(model.clients);
  switch (fault) {
    case Fault.disconnect:
      return [model, clients.map((client) => ({ kind: 'drop', client }))];
    case Fault.garbage:
      return [model, clients.flatMap((client) => GARBAGE.map((text) => send(client, text)))];
    case Fault.endpointStopped:
      return tellEndpoints({ ...model, isEndpointRunning: false });
    case Fault.adapterMissing:
      return tellEndpoints({ ...model, isAdapterPresent: false });
    default: {
      const forgotten = mapClients(model, (client) => ({ ...client, isInitialised: client.isInitialised && fault !== Fault.certificates }));
      return [{ ...forgotten, faults: { ...model.faults, [fault]: times } }, []];
    }
  }
}

function tellEndpoints(model: AgentModel): Step {
  const told = Object.entries(model.clients).flatMap(([client, { endpoints }]) =>
    endpoints.map((endpoint_id) => notify(client, 'endpoint_state', { endpoint_id, ...endpointFacts(model) })),
  );
  return [model, told];
}

function receive(model: AgentModel, client: string, text: string): Step {
  const request = requestOf(text);
  if (request === null) return [model, []];
  const { operation, exchange, payload } = request;
  if (due(model, Fault.silence)) return [spend(model, Fault.silence), []];
  const [next, status, answer] = serve(model, client, operation, payload);
  const reply = JSON.stringify({ operation, exchange, status, payload: answer, ...ERRORS[status] });
  const after = status === Status.ok && operation === 'subscribe_endpoint' && isReady(model)
    ? [notify(client, 'ble_ready', { endpoint_id: (payload as { endpoint_id: string }).endpoint_id })]
    : [];
  if (due(next, Fault.brokenJson)) return [spend(next, Fault.brokenJson), [send(client, reply.slice(0, -2))]];
  return [next, [send(client, reply), ...after]];
}

/** A request of the table, checked by the table; null for all else, which a real Agent may answer as it likes. */
function requestOf(text: string): { operation: Operation; exchange: string; payload: unknown } | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const envelope = ENVELOPE.safeParse(json);
  if (!envelope.success || !Object.hasOwn(OPERATIONS, envelope.data.operation)) return null;
  const operation = envelope.data.operation as Operation;
  const payload = OPERATIONS[operation].request.safeParse(envelope.data.payload);
  const { exchange } = envelope.data;
  return payload.success && exchange !== undefined ? { operation, exchange, payload: payload.data } : null;
}

type Served = readonly [AgentModel, number, object];

function serve(model: AgentModel, client: string, operation: Operation, payload: unknown): Served {
  const state = model.clients[client] ?? { endpoints: [], isInitialised: false };
  const asks = payload as { endpoint_id: string; device: string; query: Record<string, string>; nes_url: string; token: string };
  switch (operation) {
    case 'init': {
      const isInitialised = asks.nes_url !== '' && asks.token !== '';
      return [withClient(model, client, { ...state, isInitialised }), isInitialised ? Status.ok : Status.certificatesMissing, {}];
    }
    case 'subscribe_endpoint': {
      const trouble = overAir(model);
      if (trouble !== null) return trouble;
      const endpoints = [...state.endpoints.filter((id) => id !== asks.endpoint_id), asks.endpoint_id];
      return [withClient(model, client, { ...state, endpoints }), Status.ok, endpointFacts(model)];
    }
    case 'unsubscribe_endpoint': {
      const endpoints = state.endpoints.filter((id) => id !== asks.endpoint_id);
      return [withClient(model, client, { ...state, endpoints }), Status.ok, {}];
    }
    case 'lookup': {
      const person = model.people.find(({ user }) => user === asks.query['Username']);
      return [model, Status.ok, person === undefined ? {} : { NymiBandID: person.bandId }];
    }
    case 'assert_identity':
    case 'symmetric_key':
      return serveBand(model, state, operation, asks.device);
  }
}

/** Keys come over the radio, and only to a client that gave the Agent the means to get certificates. */
function serveBand(model: AgentModel, { isInitialised }: Client, operation: Operation, device: string): Served {
  const trouble = overAir(model);
  if (trouble !== null) return trouble;
  if (!isInitialised) return [model, Status.certificatesMissing, {}];
  const person = model.people.find(({ bandId }) => bandId === device);
  if (person === undefined || !isReady(model)) return [model, Status.radioTrouble, {}];
  if (operation === 'assert_identity') return [model, Status.ok, {}];
  return [model, Status.ok, { key: person.bandKey === null ? null : Buffer.from(person.bandKey).toString('hex') }];
}

function overAir(model: AgentModel): Served | null {
  if (due(model, Fault.radio)) return [spend(model, Fault.radio), Status.radioTrouble, {}];
  if (due(model, Fault.certificates)) return [spend(model, Fault.certificates), Status.certificatesMissing, {}];
  return null;
}

/** The text for 8000 is the documented one, to the letter. */
const ERRORS: Readonly<Record<number, { readonly error: { readonly error_description: string; readonly error_specifics: string } }>> = {
  [Status.radioTrouble]: { error: { error_description: 'BLE error.', error_specifics: 'The band did not answer.' } },
  [Status.certificatesMissing]: {
    error: {
      error_description: 'NEA missing certificates.',
      error_specifics: "Missing NES connection parameters. Please call `init` with additional fields 'nes_url' and 'token'",
    },
  },
};

const isReady = (model: AgentModel): boolean => model.isEndpointRunning && model.isAdapterPresent;
const endpointFacts = ({ isEndpointRunning, isAdapterPresent }: AgentModel): object => ({
  endpoint_running: isEndpointRunning, adapter_present: isAdapterPresent,
});

/** To the clients of one terminal; of any, where `endpoint` is null. */
function tell(model: AgentModel, endpoint: string | null, name: NoticeName, payload: object, afterMs = 0): AgentCommand[] {
  return Object.entries(model.clients)
    .filter(([, { endpoints }]) => (endpoint === null ? endpoints.length > 0 : endpoints.includes(endpoint)))
    .map(([client]) => notify(client, name, payload, afterMs));
}

const notify = (client: string, name: NoticeName, payload: object, afterMs = 0): AgentCommand =>
  send(client, JSON.stringify({ operation: name, exchange: '', status: Status.ok, payload }), afterMs);
const send = (client: string, text: string, afterMs = 0): AgentCommand => ({ kind: 'send', client, text, afterMs });

const due = ({ faults }: AgentModel, fault: Fault): boolean => (faults[fault] ?? 0) > 0;
const spend = (model: AgentModel, fault: Fault): AgentModel => ({
  ...model, faults: { ...model.faults, [fault]: (model.faults[fault] ?? 0) - 1 },
});

const withClient = (model: AgentModel, name: string, client: Client): AgentModel => ({
  ...model, clients: { ...model.clients, [name]: client },
});
const mapClients = (model: AgentModel, change: (client: Client) => Client): AgentModel => ({
  ...model, clients: Object.fromEntries(Object.entries(model.clients).map(([name, client]) => [name, change(client)])),
});
const omit = (clients: AgentModel['clients'], name: string): AgentModel['clients'] =>
  Object.fromEntries(Object.entries(clients).filter(([other]) => other !== name));
