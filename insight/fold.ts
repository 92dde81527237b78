// The judgement again, as it was: the recorded inputs through the very step, and the raw events through the very rule for
// taps, to see that they give the recorded gestures. Where inputs are missing nothing is judged until the next snapshot.
//
//   snapshot ── inputs ── gap ┄┄ not known ┄┄ snapshot ── inputs ──
import type { Decision, Entry } from '../contracts/recording.ts';
import { decideWith, eventOf, INITIAL, stateWith, type Event, type State } from '../services/tap-listener/decide.ts';
import { NO_CANDIDATES, stepCandidates, type Candidate, type CandidateState } from '../services/tap-listener/streams.ts';
import { decisionLine, decisionsOf } from './decisions.ts';
import type { ReplaySettings } from './replay-settings.ts';
import { isSound, knownFrom, spelled } from './snapshot.ts';

/** The recording contradicts itself there, or its replay. */
export interface Doubt {
  readonly us: number;
  readonly sentence: string;
}

export type Commands = ReturnType<ReturnType<typeof decideWith>>[1];
/** What an entry led to; null: it was not judged. */
export interface Folded {
  readonly decisions: readonly Decision[];
  readonly commands: Commands;
}
const NOTHING: Folded = { decisions: [], commands: [] };

/** Recorded decisions that may be awaited at once: a recorder writes them right after their input. */
const AWAITED_MAX = 64;

export class Fold {
  readonly #settings: ReplaySettings;
  readonly #step: ReturnType<typeof decideWith>;
  readonly #doubt: (doubt: Doubt) => void;
  #state: State | null = INITIAL;
  #candidates: CandidateState = NO_CANDIDATES;
  /** Gestures that the raw events gave and no input has shown yet. */
  #expected: readonly Candidate[] = [];
  #awaited: readonly string[] = [];
  #begun = false;
  #hasRaw = false;
  /** A snapshot that differs, unless it turns out to be a successor's, who knows less. */
  #suspicion: Doubt | null = null;

  constructor(settings: ReplaySettings, doubt: (doubt: Doubt) => void = () => {}) {
    this.#settings = settings;
    this.#step = decideWith(settings.budget);
    this.#doubt = doubt;
  }

  /** Null: not known, since inputs are missing. */
  get state(): State | null {
    return this.#state;
  }

  take(entry: Entry): Folded {
    const first = !this.#begun;
    this.#begun = true;
    this.#confirm(entry);
    if (!isSound(entry)) return this.#lose({ us: entry.us, sentence: 'An entry cannot be understood.' });
    switch (entry.topic) {
      case 'gap': return this.#lose({ us: entry.us, sentence: `${entry.lost} inputs were lost on the way to the recorder.` });
      case 'snapshot': return this.#adopt(entry, first);
      case 'raw': return this.#raw(entry);
      case 'input': return this.#input(entry.event, entry.us);
      case 'decision': return this.#compare(entry);
    }
  }

  #confirm(entry: Entry): void {
    if (this.#suspicion === null || entry.topic === 'decision') return;
    const isSuccessors = entry.topic === 'input' && entry.event.event === 'recovered';
    if (!isSuccessors) this.#doubt(this.#suspicion);
    this.#suspicion = null;
  }

  #lose(doubt: Doubt): Folded {
    this.#doubt({ ...doubt, sentence: `${doubt.sentence} Nothing is judged up to the next snapshot.` });
    this.#state = null;
    this.#expected = [];
    this.#awaited = [];
    return NOTHING;
  }

  #adopt(entry: Extract<Entry, { topic: 'snapshot' }>, first: boolean): Folded {
    const known = knownFrom(entry);
    if (known === null) return this.#lose({ us: entry.us, sentence: 'A snapshot cannot be understood.' });
    const differs = this.#state !== null && !first && spelled(this.#state) !== spelled(known.listener);
    this.#suspicion = differs ? { us: entry.us, sentence: 'The state that was recorded is not the one that the inputs before it give.' } : null;
    this.#state = known.listener;
    this.#candidates = known.candidates;
    this.#expected = [];
    return NOTHING;
  }

  #raw({ us, raw }: Extract<Entry, { topic: 'raw' }>): Folded {
    if (this.#state === null) return NOTHING;
    this.#missed(us);
    const [next, candidates] = stepCandidates(this.#candidates, raw, this.#settings.rssi);
    this.#hasRaw = true;
    this.#candidates = next;
    this.#expected = candidates;
    return NOTHING;
  }

  #input(event: Event, us: number): Folded {
    if (this.#state === null) return NOTHING;
    if (isGesture(event)) this.#expect(event, us);
    else this.#missed(us);
    // A successor knows what the journal showed open, and nothing else.
    const before = event.event === 'recovered' ? stateWith(this.#state.open) : this.#state;
    const [state, commands] = this.#step(before, event, us);
    this.#state = state;
    const decisions = decisionsOf(commands, us, event);
    if (decisions.length > 0) this.#awaited = [...this.#awaited, ...decisions.map(decisionLine)].slice(-AWAITED_MAX);
    return { decisions, commands };
  }

  #expect(event: Gesture, us: number): void {
    const [next, ...others] = this.#expected;
    if (next !== undefined && tells(next, event)) this.#expected = others;
    else if (this.#hasRaw) this.#doubt({ us, sentence: 'The raw events do not give the gesture that was recorded.' });
  }

  #missed(us: number): void {
    if (this.#expected.length > 0) this.#doubt({ us, sentence: 'The raw events give a gesture that was not recorded.' });
    this.#expected = [];
  }

  /** A recorder may leave decisions out: they follow from the inputs. What it has must be what follows. */
  #compare(recorded: Decision): Folded {
    if (this.#awaited.length === 0) return NOTHING;
    const at = this.#awaited.indexOf(decisionLine(recorded));
    if (at === -1) this.#doubt({ us: recorded.us, sentence: `It was decided otherwise: ${decisionLine(recorded)}, and now ${this.#awaited[0]}.` });
    this.#awaited = this.#awaited.slice(at === -1 ? 1 : at + 1);
    return NOTHING;
  }
}

/** Is an input the gesture of that candidate? */
function tells(candidate: Candidate, event: Event): boolean {
  const expected = eventOf(candidate, () => (event.event === 'tapped' ? event.tap : ''));
  return GESTURE_KEYS.every((key) => valueOf(expected, key) === valueOf(event, key));
}
/** Does it tell of the same moment and band, whatever it makes of them? */
export const isOf = (candidate: Candidate, gesture: Gesture): boolean =>
  candidate.atUs === gesture.atUs && ('via' in gesture ? candidate.via === gesture.via && 'band' in candidate && candidate.band === gesture.band : candidate.via === 'nfc');

const GESTURE_KEYS = ['event', 'atUs', 'via', 'band', 'why', 'held'];
const valueOf = (event: Event, key: string): unknown => (Object.hasOwn(event, key) ? event[key as keyof Event] : undefined);

/** Does an input come from the radios? */
export const isGesture = (event: Event): event is Gesture => event.event === 'tapped' || event.event === 'unreadable' || event.event === 'unfit';
export type Gesture = Extract<Event, { event: 'tapped' | 'unreadable' | 'unfit' }>;
