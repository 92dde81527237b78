// Actors of one process hand each other messages in memory: the same frames, judged by the same doors, without sockets and
// the threads behind them. Whoever shares a process shares its memory, so a cipher between them would guard nothing.
import type { AnswerCode } from '../codec.ts';

export type Answer = readonly [id: string, code: AnswerCode, reply: Uint8Array | null];
/** A door, as the one sender that it admits meets it. */
export type Take = (frames: readonly Uint8Array[]) => Promise<Answer>;

export class Neighbours {
  readonly #doors = new Map<string, Take>();

  /** `senderKey`: public CURVE key of the sender that the door at `endpoint` admits. Returns what closes it. */
  open(endpoint: string, senderKey: string, take: Take): () => void {
    const name = nameOf(endpoint, senderKey);
    this.#doors.set(name, take);
    return () => {
      if (this.#doors.get(name) === take) this.#doors.delete(name);
    };
  }

  /** The door of this process at that endpoint, for a sender with that key. */
  find(endpoint: string, senderKey: string): Take | undefined {
    return this.#doors.get(nameOf(endpoint, senderKey));
  }
}

const nameOf = (endpoint: string, senderKey: string): string => `${endpoint} ${senderKey}`;
