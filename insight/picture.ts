// What the picture of a replay shows, as plain data: taps with their stages beside the budget, and drops with their reasons.
import type { Decision, Entry, Header } from '../contracts/recording.ts';
import { explain, type Explained } from './explain.ts';
import type { ReplaySettings } from './replay-settings.ts';
import { limitsOf, stageBars, type StageBar } from './stages.ts';
import { Stories, type Story, type Via } from './stories.ts';

/** Milliseconds from the beginning of the recording, unless they are a stage's. */
export interface PicturedTap {
  readonly tap: string;
  readonly band: string;
  readonly via: Via;
  readonly atMs: number;
  /** Null: it had not ended when the recording did. */
  readonly totalMs: number | null;
  readonly byMs: number;
  /** From t0; null: it was not committed. */
  readonly commitMs: number | null;
  readonly outcome: string | null;
  readonly why: string | null;
  readonly assumed: boolean;
  readonly bars: readonly StageBar[];
  readonly told: Explained;
}
export interface PicturedDrop {
  readonly atMs: number;
  readonly band: string | null;
  readonly via: Via | null;
  readonly why: string;
  readonly assumed: boolean;
  readonly told: Explained;
}
export interface Picture {
  readonly product: string;
  readonly startedWallMs: number;
  readonly endMs: number;
  readonly settings: ReplaySettings;
  /** Numbers that are not the recorded ones. */
  readonly changed: readonly string[];
  readonly taps: readonly PicturedTap[];
  readonly drops: readonly PicturedDrop[];
  readonly storms: readonly number[];
  /** Gestures that found no place: a page must open. */
  readonly left: number;
}

/** Gestures that a page can still be moved with. */
const GESTURES_MAX = 4_000;

/** Gathers a picture while a replay goes on. */
export class Painter {
  readonly #header: Header;
  readonly #settings: ReplaySettings;
  readonly #stories = new Stories(Number.POSITIVE_INFINITY);
  readonly #nameless: PicturedDrop[] = [];
  readonly #storms: number[] = [];
  #endMs = 0;
  #left = 0;

  constructor(header: Header, settings: ReplaySettings) {
    this.#header = header;
    this.#settings = settings;
  }

  take(entry: Entry | null, decisions: readonly Decision[]): void {
    const drawn = decisions.filter((decision) => this.#hasRoom(decision));
    for (const decision of drawn) {
      if (decision.decision === 'storm-warned') this.#storms.push(this.#ms(decision.us));
      else if (decision.tap === null) this.#nameless.push(this.#namelessDrop(decision));
    }
    for (const { us } of [...(entry === null ? [] : [entry]), ...decisions]) this.#endMs = Math.max(this.#endMs, this.#ms(us));
    this.#stories.take(entry, drawn);
  }

  picture(changed: readonly string[]): Picture {
    const { product, startedWallMs } = this.#header;
    const stories = this.#stories.all;
    const drops = stories.filter(({ accepted }) => !accepted).map((story) => this.#drop(story));
    return {
      product, startedWallMs, endMs: this.#endMs, settings: this.#settings, changed, storms: this.#storms, left: this.#left,
      taps: stories.filter(({ accepted }) => accepted).map((story) => this.#tap(story)),
      drops: [...drops, ...this.#nameless].toSorted((one, other) => one.atMs - other.atMs),
    };
  }

  #ms(us: number): number {
    return (us - this.#header.startedUs) / 1000;
  }

  /** What follows from a gesture is drawn if the gesture is. */
  #hasRoom({ tap, decision }: Decision): boolean {
    const isNew = decision === 'dropped' || decision === 'accepted';
    if (!isNew) return tap === null || this.#stories.has(tap);
    if (this.#stories.size + this.#nameless.length < GESTURES_MAX) return true;
    this.#left += 1;
    return false;
  }

  #tap(story: Story): PicturedTap {
    const { tap, band, via, t0Us, decisions } = story;
    const ended = decisions.find(({ decision }) => decision === 'ended');
    const committed = decisions.find(({ decision }) => decision === 'committed');
    const { budget } = this.#settings;
    return {
      tap, band, via, atMs: this.#ms(t0Us), totalMs: ended?.stages?.total ?? null, byMs: limitsOf(via, budget).totalMs,
      commitMs: committed === undefined ? null : (committed.us - t0Us) / 1000,
      outcome: ended?.outcome ?? null, why: ended?.why ?? null, assumed: isAssumed(decisions),
      bars: ended?.stages == null ? [] : stageBars(ended.stages, via, budget),
      told: explain(story, this.#settings, this.#header.startedUs),
    };
  }

  #drop(story: Story): PicturedDrop {
    const { band, via, t0Us, decisions } = story;
    const told = explain(story, this.#settings, this.#header.startedUs);
    return { atMs: this.#ms(t0Us), band, via, why: decisions[0]?.why ?? '', assumed: isAssumed(decisions), told };
  }

  #namelessDrop({ us, band, via, why, assumed }: Decision): PicturedDrop {
    const seen = band === null ? 'The reader saw a tag that cannot be read as a band.' : `The band ${band} was seen.`;
    const told: Explained = { seen: [seen], decided: [`It did not count: ${why ?? ''}.`], time: [] };
    return { atMs: this.#ms(us), band, via, why: why ?? '', assumed: assumed === true, told };
  }
}

const isAssumed = (decisions: readonly Decision[]): boolean => decisions.some(({ assumed }) => assumed === true);
