// Doors and lines without sockets: delays, lost acknowledgements, repeated messages, receivers that come and go. What a
// line promises is kept (order, one handling of an id by one life of a receiver); nothing more is.
import type { ActorName } from '../../contracts/actors.ts';
import { contractOf, permitted, type Body, type Kind, type Message } from '../../contracts/catalogue.ts';
import type { Ack, Bus, Meta } from '../../runtime/bus/bus.ts';
import type { Chance, VirtualTime } from './time.ts';

export const SESSION = 'session-1';
const TTL_MS = 5000;

/** One run of an actor: when it ends, nothing that it still does has an effect. */
export interface Life {
  readonly actor: ActorName;
  dead: boolean;
  /** Deeds (sends, journal entries) until it dies of itself; for a death between two lines. */
  deedsLeft: number;
}

interface Door {
  readonly life: Life;
  readonly handle: (message: Message) => unknown;
  readonly answers: Map<string, Promise<Answer>>;
}
interface Answer {
  readonly code: string;
  readonly reply: unknown;
}
interface Letter {
  readonly message: Message;
  readonly from: Life;
  readonly to: ActorName;
  readonly settle: (answer: Answer) => void;
  settled: boolean;
}

export class Network {
  /** How often things go wrong, from 0. */
  trouble = 0;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #doors = new Map<ActorName, Door>();
  readonly #lines = new Map<string, { letters: Letter[]; lastMs: number }>();
  #lastId = 0;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** The mailbox of a new life; what waits for the actor comes in now. */
  open(life: Life, handle: (message: Message) => unknown): void {
    this.#doors.set(life.actor, { life, handle, answers: new Map() });
    for (const { letters } of this.#lines.values()) {
      for (const letter of letters) if (letter.to === life.actor && !letter.settled) this.#transmit(letter);
    }
  }

  busOf(life: Life): Pick<Bus, 'send'> {
    return { send: (kind, body, meta) => this.#send(life, kind, body, meta) };
  }

  #send<K extends Kind>(life: Life, kind: K, body: Body<K>, meta: Meta): Promise<Ack<K>> {
    if (!isAlive(life)) return new Promise(() => {});
    if (!permitted(kind, life.actor, meta.to)) throw new TypeError(`${life.actor} may not send ${kind} to ${meta.to}`);
    contractOf(kind).body.parse(body);
    const nowUs = this.#time.nowUs();
    const deadline = meta.deadlineUs ?? nowUs + TTL_MS * 1000;
    const envelope = {
      id: `m${++this.#lastId}`, kind, v: 1, tap: meta.tap ?? null, cause: meta.cause ?? null, from: life.actor,
      session: SESSION, at: meta.atUs ?? nowUs, deadline, wall: 0,
    };
    return new Promise((resolve) => {
      const settle = ({ code, reply }: Answer): void => {
        if (letter.settled) return;
        letter.settled = true;
        if (!life.dead) resolve(code === 'ok' ? ({ ok: true, reply } as Ack<K>) : { ok: false, code });
      };
      const letter: Letter = { message: { kind, body, envelope } as Message, from: life, to: meta.to, settle, settled: false };
      const line = this.#lineOf(letter);
      line.letters = [...line.letters.filter((other) => !other.settled), letter];
      this.#time.after((deadline - nowUs) / 1000, () => settle({ code: 'undelivered', reply: null }));
      this.#transmit(letter);
      if (this.#chance.happens(0.05 * this.trouble)) this.#transmit(letter);
    });
  }

  #transmit(letter: Letter): void {
    const line = this.#lineOf(letter);
    const slow = this.#chance.happens(0.04 * this.trouble);
    const arrivesMs = Math.max(this.#time.frame + (slow ? this.#chance.between(10, 400) : this.#chance.between(0.05, 1)), line.lastMs + 0.001);
    line.lastMs = arrivesMs;
    this.#time.after(arrivesMs - this.#time.frame, () => void this.#arrive(letter));
  }

  async #arrive(letter: Letter): Promise<void> {
    const door = this.#doors.get(letter.to);
    if (door === undefined || door.life.dead || letter.settled) return;
    if (letter.from.dead && this.#chance.happens(0.5)) return;
    const { id, deadline } = letter.message.envelope;
    if (deadline < this.#time.nowUs()) return letter.settle({ code: 'expired', reply: null });
    const answering = door.answers.get(id) ?? this.#handle(door, letter.message);
    door.answers.set(id, answering);
    const answer = await answering;
    if (door.life.dead) return;
    if (!this.#chance.happens(0.03 * this.trouble)) return void this.#time.after(this.#chance.between(0.05, 1), () => letter.settle(answer));
    // The acknowledgement is lost with the connection: everything goes again under its old id.
    this.#time.after(this.#chance.between(5, 300), () => {
      if (!letter.settled && !letter.from.dead) this.#transmit(letter);
    });
  }

  async #handle(door: Door, message: Message): Promise<Answer> {
    try {
      return { code: 'ok', reply: await door.handle(message) };
    } catch {
      return { code: 'handler-failed', reply: null };
    }
  }

  #lineOf({ from, to }: Pick<Letter, 'from' | 'to'>): { letters: Letter[]; lastMs: number } {
    const key = `${from.actor}>${to}`;
    const line = this.#lines.get(key) ?? { letters: [], lastMs: 0 };
    this.#lines.set(key, line);
    return line;
  }
}

/** Counts a deed; false for a life that is over, also if it is over with this one. */
export function isAlive(life: Life): boolean {
  if (!life.dead && life.deedsLeft-- <= 0) life.dead = true;
  return !life.dead;
}
