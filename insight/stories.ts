// Taps one by one, gathered from a recording and its decisions: what was seen, who answered when, what was decided.
import type { Decision, Entry } from '../contracts/recording.ts';
import type { Event } from '../services/tap-listener/decide.ts';
import { isSound } from './snapshot.ts';

export type Via = 'nfc' | 'ble';
type Word = Extract<Event, { event: 'resolved' | 'refused' | 'begun' | 'ended' }>;

/** A gesture as it was judged, for those that came after it. */
export interface Earlier {
  readonly tap: string;
  readonly band: string;
  readonly via: Via;
  readonly t0Us: number;
  readonly accepted: boolean;
}

export interface Story extends Earlier {
  /** Gestures of the seconds before it, newest first. */
  readonly earlier: readonly Earlier[];
  /** Of a tap over Bluetooth: the reading that carried the mean over the threshold. */
  readonly rssiDbm: number | null;
  readonly words: readonly { readonly us: number; readonly word: Word }[];
  /** In order; the first one tells whether it counted. */
  readonly decisions: readonly Decision[];
}

/** Gestures that can matter to a later one. */
const EARLIER_MAX = 16;

export class Stories {
  readonly #keep: number;
  readonly #pinned: string | null;
  readonly #stories = new Map<string, Story>();
  #earlier: readonly Earlier[] = [];
  #heard: { readonly atUs: number; readonly band: string; readonly rssiDbm: number } | null = null;

  /** Keeps the newest so many taps, and the pinned one however old it is. */
  constructor(keep: number, pinned: string | null = null) {
    this.#keep = keep;
    this.#pinned = pinned;
  }

  /** Oldest first. */
  get all(): readonly Story[] {
    return [...this.#stories.values()];
  }

  get size(): number {
    return this.#stories.size;
  }

  has(tap: string): boolean {
    return this.#stories.has(tap);
  }

  /** `decisions`: those that the entry led to; null: that came after the last one. */
  take(entry: Entry | null, decisions: readonly Decision[]): void {
    const sound = entry !== null && isSound(entry) ? entry : null;
    if (sound?.topic === 'raw' && sound.raw.kind === 'rssi') this.#heard = sound.raw;
    if (sound?.topic === 'input') this.#hear(sound.event, sound.us);
    for (const decision of decisions) this.#decide(decision, entry);
  }

  #hear(event: Event, us: number): void {
    if (event.event !== 'resolved' && event.event !== 'refused' && event.event !== 'begun' && event.event !== 'ended') return;
    const story = this.#stories.get(event.tap);
    if (story !== undefined) this.#stories.set(event.tap, { ...story, words: [...story.words, { us, word: event }] });
  }

  #decide(decision: Decision, entry: Entry | null): void {
    const { tap, band, via } = decision;
    if (tap === null || band === null || via === null) return;
    const story = this.#stories.get(tap) ?? this.#begun(decision, { tap, band, via }, entry);
    this.#stories.set(tap, { ...story, decisions: [...story.decisions, decision] });
  }

  #begun({ us, decision }: Decision, of: Pick<Earlier, 'tap' | 'band' | 'via'>, entry: Entry | null): Story {
    const isSeen = entry?.topic === 'input' && entry.event.event === 'tapped' && entry.event.tap === of.tap;
    const t0Us = isSeen && 'atUs' in entry.event ? entry.event.atUs : us;
    const rssiDbm = of.via === 'ble' && this.#heard?.band === of.band && this.#heard.atUs === t0Us ? this.#heard.rssiDbm : null;
    const gesture: Earlier = { ...of, t0Us, accepted: decision === 'accepted' };
    const story: Story = { ...gesture, earlier: this.#earlier, rssiDbm, words: [], decisions: [] };
    this.#earlier = [gesture, ...this.#earlier].slice(0, EARLIER_MAX);
    if (this.#stories.size >= this.#keep) this.#forget();
    return story;
  }

  #forget(): void {
    for (const tap of this.#stories.keys()) {
      if (tap === this.#pinned) continue;
      this.#stories.delete(tap);
      return;
    }
  }
}
