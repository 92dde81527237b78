// Mailboxes of a zone on real sockets, and a client that says what no mailbox of ours would.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { Dealer } from 'zeromq';
import { ACTORS, Zone, type ActorName } from '../../contracts/actors.ts';
import { Bus, type Handler } from '../../runtime/bus/bus.ts';
import type { Neighbours } from '../../runtime/bus/neighbours.ts';
import { zoneKeys, type CurvePair, type KeyHolder } from '../../runtime/bus/curve.ts';
import { systemClock, type Clock } from '../../runtime/clock.ts';
import { pack, readAnswer, type Refusal } from '../../runtime/codec.ts';
import { newId } from '../../runtime/id.ts';
import { doorEndpoint, placesOf } from '../../runtime/places.ts';

export interface CurveClient {
  readonly curveServerKey: string;
  readonly curvePublicKey: string;
  readonly curveSecretKey: string;
}

export function folder(t: ExecutionContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'bus-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What happened, in order; `next` waits for what has not. */
export class Happened<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<() => void>();

  add(value: T): void {
    this.all.push(value);
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves with the first that fits, past or to come. */
  next(fits: (value: T) => boolean = () => true): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.all.find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when so many fit. */
  async count(times: number, fits: (value: T) => boolean = () => true): Promise<void> {
    let seen = 0;
    await this.next((value) => fits(value) && ++seen % times === 0 && this.all.filter(fits).length >= times);
  }
}

export interface Mailbox {
  readonly bus: Bus;
  readonly refused: Happened<Refusal & { readonly sender: ActorName | null }>;
  readonly lines: Happened<{ readonly to: ActorName; readonly up: boolean }>;
  readonly keys: ReadonlyMap<KeyHolder, CurvePair>;
  readonly run: string;
}

export interface MailboxOptions {
  readonly name: ActorName;
  /** Folder of the zone. */
  readonly root: string;
  readonly session?: string;
  readonly handler?: Handler;
  readonly clock?: Clock;
  readonly neighbours?: Neighbours;
}

/** Opens the mailbox of an actor; it closes with the test. */
export async function mailbox(t: ExecutionContext, options: MailboxOptions): Promise<Mailbox> {
  const opened = await openMailbox(options);
  t.teardown(() => opened.bus.close());
  return opened;
}

export async function openMailbox({ name, root, session, handler = () => undefined, clock = systemClock, neighbours }: MailboxOptions): Promise<Mailbox> {
  const places = placesOf(root);
  const keys = zoneKeys(ACTORS[name].zone, places.keys);
  const refused: Mailbox['refused'] = new Happened();
  const lines: Mailbox['lines'] = new Happened();
  const bus = new Bus({
    name, places, keys, clock, neighbours, session: ACTORS[name].zone === Zone.machine ? null : session!,
    refused: (refusal, sender) => refused.add({ ...refusal, sender }),
    lineChanged: (to, _session, up) => lines.add({ to, up }),
  });
  await bus.open(handler);
  return { bus, refused, lines, keys, run: places.run };
}

export const publicOf = ({ keys }: Mailbox): Map<ActorName, string> =>
  new Map([...keys].filter(([holder]) => holder !== 'observer').map(([holder, { publicKey }]) => [holder as ActorName, publicKey]));

export const REPLY = { refused: null, userId: '1', user: 'ada', domain: 'LAB', encryptedPassword: null, tookMs: 1 };
export const BAND = { band: '02:4E:42:00:00:01' };

/** A handler that answers the gateway's questions, and keeps their ids. */
export function answering(handled: Happened<string>): Handler {
  return ({ kind, envelope }) => {
    handled.add(envelope.id);
    return kind === 'nes.fetch-credential' ? REPLY : { refused: null };
  };
}

/** An envelope of the broker to the gateway that is as it should be, but for `changes`. */
export function envelope(changes: object = {}): Record<string, unknown> {
  const nowUs = systemClock.nowUs();
  return {
    id: newId(), kind: 'nes.fetch-credential', v: 1, tap: null, cause: null, from: 'credential-broker', session: null,
    at: nowUs, deadline: nowUs + 5_000_000, wall: Date.now(), ...changes,
  };
}

export const frames = (head: object, body: unknown = BAND): Uint8Array[] => [pack(head), pack(body)];

export interface Stranger {
  readonly answers: Happened<{ readonly id: string; readonly code: string; readonly reply: unknown }>;
  /** Types of what happened to the connection: `handshake`, `disconnect`, `handshake:error:auth`, ... */
  readonly events: Happened<string>;
  send(frames: readonly Uint8Array[]): Promise<void>;
}

/** A bare client at an endpoint, with these keys or none. */
export function stranger(t: ExecutionContext, endpoint: string, curve: CurveClient | Record<string, never> = {}): Stranger {
  const socket = new Dealer({ linger: 0, sendTimeout: 5000, ...curve });
  const answers: Stranger['answers'] = new Happened();
  const events: Stranger['events'] = new Happened();
  void (async () => {
    for await (const { type } of socket.events) events.add(type);
  })();
  void (async () => {
    for await (const [frame] of socket) {
      const answer = readAnswer(frame!);
      if (answer !== null) answers.add(answer);
    }
  })();
  socket.connect(endpoint);
  t.teardown(() => socket.close());
  return { answers, events, send: (parts) => socket.send([...parts]) };
}

/** A bare client with the keys of the broker, at the gateway's door for it. */
export function brokerAt(t: ExecutionContext, gateway: Mailbox): Stranger {
  return stranger(t, doorEndpoint(gateway.run, 'nes-gateway', 'credential-broker', null), clientOf(gateway, 'nes-gateway', 'credential-broker'));
}

/** Keys to speak as `sender` to `receiver`, both of the zone of that mailbox. */
export function clientOf({ keys }: Mailbox, receiver: ActorName, sender: KeyHolder): CurveClient {
  const own = keys.get(sender)!;
  return { curveServerKey: keys.get(receiver)!.publicKey, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey };
}
