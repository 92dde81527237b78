// In which frames a client of the lab's Agent speaks: bare envelopes, or Phoenix frames once it has joined a channel.
import { fromJson } from '../../../contracts/external/nymi-json.ts';
import { Event, PHOENIX_FRAME, SOCKET_TOPIC } from '../../../contracts/external/nymi-phoenix.ts';

/** What a frame asks: an envelope for the model, or an answer of the framing itself. */
export type Heard = { readonly envelope: string } | { readonly answer: string };

interface Envelope {
  readonly operation: string;
  readonly exchange?: string;
  readonly status?: number;
  readonly payload?: unknown;
  readonly error?: unknown;
}

export class Framing {
  #topic: string | null = null;
  #joinRef: string | null = null;
  /** Requests under way: an answer names its ref, a notice has none. */
  readonly #refs = new Set<string>();

  heard(text: string): Heard {
    const frame = PHOENIX_FRAME.safeParse(fromJson(text));
    if (!frame.success) return { envelope: text };
    const [joinRef, ref, topic, event, payload] = frame.data;
    const isJoin = event === Event.join;
    if (isJoin) [this.#topic, this.#joinRef] = [topic, joinRef];
    if (isJoin || topic === SOCKET_TOPIC) return { answer: JSON.stringify([joinRef, ref, topic, Event.reply, { status: 'ok', response: {} }]) };
    if (ref !== null) this.#refs.add(ref);
    return { envelope: JSON.stringify({ operation: event, exchange: ref, payload }) };
  }

  /** An envelope of the model in the client's frames. Text that is no envelope stays as it is: rubbish is meant as rubbish. */
  said(text: string): string {
    const envelope = this.#topic === null ? undefined : (fromJson(text) as Envelope | undefined);
    if (typeof envelope?.operation !== 'string') return text;
    const { operation, exchange, status, payload, error } = envelope;
    if (exchange === undefined || !this.#refs.delete(exchange)) return JSON.stringify([this.#joinRef, null, this.#topic, operation, payload]);
    const reply = status === 0 ? { status: 'ok', response: payload } : { status: 'error', response: { status, error } };
    return JSON.stringify([this.#joinRef, exchange, this.#topic, Event.reply, reply]);
  }
}
