// The virtual desktop of another process: the questions of a desk, and a person's hands, over its socket. Connects when
// first asked and again when asked after a loss; every question has an answer, in time or as a trouble.
import { WebSocket } from 'ws';
import { Secret } from '../../contracts/secret.ts';
import type { Trouble } from '../port.ts';
import type { Control } from './control.ts';
import type { Desk } from './desk.ts';
import { ACTOR_CALLS, ANSWER_HEAD_BYTES, AnswerOp, CONTROL_CALLS, KeyOp, LIMITS, SAID, packKey } from './protocol.ts';
import type { KeyFrame } from './protocol.ts';
import { troubled } from './sight.ts';

const CONNECT_MS = 2_000;
const ANSWER_MS = 1_000;
/** The person's hands have no deadline to keep. */
const CONTROL_MS = 5_000;

/** Answered by a person, so never late. */
const UNHURRIED: ReadonlySet<string> = new Set(['messageBox', 'passwordForm']);

/** A desk at the actors' endpoint of a server. Never rejects: an unreachable server is the trouble `no-desktop`. */
export function deskAt(endpoint: string, { answerMs = ANSWER_MS }: { readonly answerMs?: number } = {}): Desk {
  const wire = new Wire(endpoint, answerMs);
  const asked = Object.keys(ACTOR_CALLS).map((call) => [call, (...args: unknown[]) => wire.ask(call, args)] as const);
  const keyed = { aim: 0, key: 0, codePoint: 0 };
  return {
    ...(Object.fromEntries(asked) as unknown as Pick<Desk, keyof typeof ACTOR_CALLS>),
    press: (aim, key) => wire.strike({ ...keyed, op: KeyOp.press, aim, key }),
    release: (key) => wire.strike({ ...keyed, op: KeyOp.release, key }),
    map: (key, codePoint) => wire.strike({ ...keyed, op: KeyOp.map, key, codePoint }),
    onChosen: (listener) => {
      wire.chosen = listener;
    },
    close: () => wire.close(),
  };
}

/** A person's hands at the control endpoint. Rejects with `ControlError` where the server is gone or refuses. */
export function controlAt(endpoint: string): Control & { close(): Promise<void> } {
  const wire = new Wire(endpoint, CONTROL_MS);
  const calls = Object.keys(CONTROL_CALLS).map((call) => [call, async (...args: unknown[]) => {
    const answer = await wire.ask(call, args.filter((arg) => arg !== undefined));
    if (isLost(answer)) throw new ControlError(`${call}: ${answer.detail}`);
    return answer;
  }] as const);
  return { ...(Object.fromEntries(calls) as unknown as Control), close: () => wire.close() };
}

export class ControlError extends Error {
  override readonly name = 'ControlError';
}

const isLost = (answer: unknown): answer is Trouble =>
  typeof answer === 'object' && answer !== null && 'trouble' in answer;

interface Waiting {
  readonly settle: (answer: unknown) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** One connection at a time, and the questions on it that have no answer yet. */
class Wire {
  chosen: ((id: string) => void) | null = null;
  readonly #endpoint: string;
  readonly #answerMs: number;
  readonly #waiting = new Map<number, Waiting>();
  /** Struck, not yet sent. */
  readonly #keys: Buffer[] = [];
  #socket: WebSocket | null = null;
  #opening: Promise<WebSocket | null> | null = null;
  #lastId = 0;
  #closed = false;

  constructor(endpoint: string, answerMs: number) {
    this.#endpoint = endpoint;
    this.#answerMs = answerMs;
  }

  async ask(call: string, args: readonly unknown[]): Promise<unknown> {
    const socket = this.#socket ?? (await this.#open());
    return this.#send(socket, UNHURRIED.has(call) ? null : this.#answerMs, (id) => JSON.stringify({ id, call, args }));
  }

  /** Keys of one turn share a frame: a release follows its press without a turn between. */
  strike(key: Omit<KeyFrame, 'id'>): Promise<Trouble | null> {
    const sent = (socket: WebSocket | null) => this.#send(socket, this.#answerMs, (id) => packKey({ ...key, id }));
    return (this.#socket === null ? this.#open().then(sent) : sent(this.#socket)) as Promise<Trouble | null>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const socket = this.#socket ?? (await this.#opening);
    if (socket === null || socket.readyState === WebSocket.CLOSED) return;
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.terminate();
    await gone;
  }

  #send(socket: WebSocket | null, answerMs: number | null, frameOf: (id: number) => string | Buffer): Promise<unknown> {
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(troubled('no-desktop', 'the virtual desktop is not reached'));
    if (this.#waiting.size >= LIMITS.open) return Promise.resolve(troubled('desktop-error', 'too many questions wait'));
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1;
    const id = this.#lastId;
    return new Promise((settle) => {
      const late = (): void => {
        this.#settle(id, troubled('desktop-error', 'the virtual desktop did not answer in time'));
      };
      this.#waiting.set(id, { settle, timer: answerMs === null ? undefined : setTimeout(late, answerMs) });
      const frame = frameOf(id);
      if (typeof frame !== 'string') return this.#collect(socket, frame);
      this.#flush(socket);
      socket.send(frame);
    });
  }

  #collect(socket: WebSocket, key: Buffer): void {
    if (this.#keys.length === 0) process.nextTick(() => this.#flush(socket));
    this.#keys.push(key);
    if (this.#keys.length === LIMITS.keys) this.#flush(socket);
  }

  #flush(socket: WebSocket): void {
    const keys = this.#keys.splice(0);
    if (keys.length === 0) return;
    const frame = Buffer.concat(keys);
    for (const key of keys) key.fill(0);
    socket.send(frame, () => frame.fill(0));
  }

  #open(): Promise<WebSocket | null> {
    if (this.#closed) return Promise.resolve(null);
    this.#opening ??= new Promise<WebSocket | null>((resolve) => {
      const socket = new WebSocket(this.#endpoint, {
        perMessageDeflate: false, maxPayload: LIMITS.answerBytes, handshakeTimeout: CONNECT_MS,
      });
      socket.on('error', () => resolve(null));
      socket.on('close', () => this.#lost(socket));
      socket.on('message', (data, binary) => (binary ? this.#heardBytes(data as Buffer) : this.#heard(String(data))));
      socket.on('open', () => {
        this.#socket = socket;
        resolve(socket);
      });
    }).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  #heardBytes(frame: Buffer): void {
    if (frame.length < ANSWER_HEAD_BYTES) return;
    if (frame.readUInt8(0) === AnswerOp.secret) {
      const secret = new Secret(Uint8Array.from(frame.subarray(ANSWER_HEAD_BYTES)));
      if (!this.#settle(frame.readUInt32LE(1), secret)) secret.wipe();
    } else {
      for (let at = 0; at + ANSWER_HEAD_BYTES <= frame.length; at += ANSWER_HEAD_BYTES) this.#settle(frame.readUInt32LE(at + 1), null);
    }
    frame.fill(0);
  }

  #heard(text: string): void {
    const said = SAID.safeParse(JSON.parse(text));
    if (!said.success) return;
    if ('chosen' in said.data) this.chosen?.(said.data.chosen);
    else if ('refused' in said.data) this.#settle(said.data.id, troubled('desktop-error', `refused: ${said.data.refused}`));
    else this.#settle(said.data.id, said.data.answer);
  }

  #settle(id: number, answer: unknown): boolean {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    waiting?.settle(answer);
    return waiting !== undefined;
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    for (const key of this.#keys.splice(0)) key.fill(0);
    for (const id of [...this.#waiting.keys()]) this.#settle(id, troubled('no-desktop', 'the virtual desktop went away'));
  }
}
