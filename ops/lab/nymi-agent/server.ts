// The lab's Nymi Agent on a real websocket: the model, with connections and timers.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { LabPerson } from '../people.ts';
import { Framing } from './framing.ts';
import { newAgent, stepAgent, tagOf } from './model.ts';
import type { AgentCommand, AgentEvent, AgentModel, Fault, PresenceFacts } from './model.ts';

const PATH = '/socket/websocket';
const LOOPBACK = '127.0.0.1';
const ADVERT_MS = 20;
const FOREIGN_UID = '0499AABBCCDDEE';
const FRAME_BYTES_MAX = 65_536;

export interface NymiAgentOptions {
  readonly people: readonly LabPerson[];
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Between two readings of a Bluetooth tap. */
  readonly advertMs?: number;
}

/** Listens on loopback only. Rejects if the port is taken. */
export async function startNymiAgent({ people, port = 0, advertMs = ADVERT_MS }: NymiAgentOptions): Promise<NymiAgent> {
  const http = createServer((_request, response) => response.writeHead(426).end());
  const server = new WebSocketServer({ server: http, path: PATH, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    http.listen(port, LOOPBACK, resolve);
  });
  return new NymiAgent(http, server, newAgent(people, advertMs));
}

export class NymiAgent {
  readonly url: string;
  readonly #http: Server;
  readonly #server: WebSocketServer;
  readonly #sockets = new Map<string, WebSocket>();
  readonly #framings = new Map<string, Framing>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #watchers = new Set<() => void>();
  #model: AgentModel;
  #clients = 0;

  constructor(http: Server, server: WebSocketServer, model: AgentModel) {
    this.#http = http;
    this.#server = server;
    this.#model = model;
    this.url = `ws://${LOOPBACK}:${(http.address() as AddressInfo).port}${PATH}`;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /**
   * Taps at a terminal with the band of that alias, band id or NFC id; any other text is the NFC id of a foreign tag,
   * empty and truncated ones included. Returns how many sockets are told.
   */
  tap(band: string, via: 'nfc' | 'ble', endpoint: string = LOOPBACK): number {
    const tag = tagOf(this.#model.people, band);
    return this.#happen(via === 'nfc' ? { kind: 'nfc', endpoint, tag } : { kind: 'ble', endpoint, device: tag.device ?? band });
  }

  /** Taps with a tag that the Agent knows nothing of. */
  tapUnknown(endpoint: string = LOOPBACK): number {
    return this.#happen({ kind: 'nfc', endpoint, tag: { uid: FOREIGN_UID, device: null } });
  }

  presence(band: string, facts: PresenceFacts): number {
    return this.#happen({ kind: 'presence', device: tagOf(this.#model.people, band).device ?? band, facts });
  }

  /** Lets something go wrong `times` times, or until `heal` where it is a state. */
  fault(fault: Fault, times = 1): void {
    this.#happen({ kind: 'fault', fault, times });
  }

  heal(): void {
    this.#happen({ kind: 'healed' });
  }

  /** Sends one frame as it is, to every socket. */
  say(frame: string | Uint8Array): number {
    for (const socket of this.#sockets.values()) socket.send(frame);
    return this.#sockets.size;
  }

  /** Resolves when that many sockets hold a subscription for a terminal. */
  subscribed(sockets: number, endpoint: string = LOOPBACK): Promise<void> {
    return new Promise((resolve) => {
      const watch = (): void => {
        const holders = Object.values(this.#model.clients).filter(({ endpoints }) => endpoints.includes(endpoint));
        if (holders.length !== sockets) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  /** Ends every connection; the port is free afterwards. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets.values()) socket.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #accept(socket: WebSocket): void {
    const client = String((this.#clients += 1));
    const framing = new Framing();
    this.#sockets.set(client, socket);
    this.#framings.set(client, framing);
    socket.on('message', (data, isBinary) => {
      if (isBinary) return;
      const heard = framing.heard(String(data));
      if ('answer' in heard) socket.send(heard.answer);
      else this.#happen({ kind: 'received', client, text: heard.envelope });
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#sockets.delete(client);
      this.#framings.delete(client);
      this.#happen({ kind: 'closed', client });
    });
    this.#happen({ kind: 'opened', client });
  }

  /** Returns how many sockets are told. */
  #happen(event: AgentEvent): number {
    const [next, commands] = stepAgent(this.#model, event);
    this.#model = next;
    for (const command of commands) this.#perform(command);
    for (const watch of [...this.#watchers]) watch();
    return new Set(commands.map(({ client }) => client)).size;
  }

  #perform(command: AgentCommand): void {
    const socket = this.#sockets.get(command.client);
    if (command.kind === 'drop') return socket?.terminate();
    const text = this.#framings.get(command.client)?.said(command.text) ?? command.text;
    if (command.afterMs === 0) return socket?.send(text);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      socket?.send(text);
    }, command.afterMs);
    this.#timers.add(timer);
  }
}
