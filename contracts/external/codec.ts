// How a websocket client speaks with somebody else's server: all that a link knows of the other side.

/** What can be asked, by operation: what goes out and what comes back. */
export type Asks = Readonly<Record<string, { readonly request: unknown; readonly reply: unknown }>>;

/** Why a frame was dropped. Counted by name; never logged with a value of the frame. */
export const Garbage = {
  /** Not text, not UTF-8 or not JSON. */
  notJson: 'not-json',
  /** JSON, but a field of it is missing or of another type. */
  wrongShape: 'wrong-shape',
  /** Well formed, of a name that is not in the table. */
  unknownOperation: 'unknown-operation',
  /** An answer that nobody waits for: late, repeated or invented. */
  unsolicited: 'unsolicited',
} as const;
export type Garbage = (typeof Garbage)[keyof typeof Garbage];

/** One frame of the other side, parsed. */
export type Frame<Notice> =
  /** `payload` has the shape of the asked operation's reply if `status` is 0; it is null otherwise. */
  | { readonly kind: 'reply'; readonly exchange: string; readonly status: number; readonly payload: unknown }
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** `exchange` is there where the frame is a broken answer to a request that waits. */
  | { readonly kind: 'garbage'; readonly garbage: Garbage; readonly path: string; readonly exchange?: string };

/**
 * Turns requests into frames and frames into replies and notices. Pure: holds no state and no socket, so that
 * another framing of the same table (Phoenix: `[join_ref, ref, topic, event, payload]`) is another value of this type.
 */
export interface Codec<A extends Asks, Notice> {
  /** The text frame of a request. `exchange` comes back with its answer. */
  encode<O extends keyof A & string>(exchange: string, operation: O, payload: A[O]['request']): string;
  /**
   * Parses one frame, and blanks secrets in it. `asked` tells the operation that waits under an exchange, `link` where
   * it is the link's own (opening, heartbeat).
   */
  decode(frame: Buffer, asked: (exchange: string) => (keyof A & string) | 'link' | undefined): Frame<Notice>;
  /** The frame that must be answered with status 0 before the link is up (a channel's join); null where none is. */
  opening(exchange: string): string | null;
  /** The frame that keeps the connection alive; null where a websocket ping does. */
  heartbeat(exchange: string): string | null;
}
