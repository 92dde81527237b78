// The judgement as it would have been by other numbers: raw events and recorded answers in virtual time, beside a fold that
// tells how it was. Timers of the step fire when they are due; one that was due at that very time in the recorded run fires
// when it fired there. The same numbers so give the same decisions.
//
// What others answered to a tap holds as long as that tap goes the way it went. Where it commits later, the injector begins
// later by as much. Where it lives on after its recorded end, or never was, the model of answers.ts speaks for the others,
// and what follows is marked as assumed.
import type { Decision, Entry } from '../contracts/recording.ts';
import { decideWith, eventOf, INITIAL, Phase, stateWith, type Event, type OpenTap, type State } from '../services/tap-listener/decide.ts';
import { NO_CANDIDATES, stepCandidates, type Candidate, type CandidateState } from '../services/tap-listener/streams.ts';
import { Agenda } from './agenda.ts';
import { answersFrom, answersTo, answerToBegun, type Answer } from './answers.ts';
import { decisionsOf } from './decisions.ts';
import { Fold, isGesture, isOf, type Commands, type Doubt } from './fold.ts';
import { dueOf, RecordedTimers } from './recorded-timers.ts';
import type { ReplaySettings } from './replay-settings.ts';
import { knownFrom } from './snapshot.ts';
import { hasMoreTime, shifted, type Word } from './words.ts';

type Input = Extract<Entry, { topic: 'input' }>;

/** A tap to which the injector's words come as much later as it commits later. */
interface Held {
  readonly tap: string;
  readonly recordedCommitUs: number;
  /** Null: not committed yet. */
  readonly shiftUs: number | null;
  readonly words: readonly { readonly us: number; readonly event: Word }[];
}

interface Unclaimed {
  readonly us: number;
  readonly candidates: readonly Candidate[];
}
const NOTHING: Unclaimed = { us: 0, candidates: [] };

export class Simulation {
  readonly #fold: Fold;
  readonly #settings: ReplaySettings;
  readonly #sameRssi: boolean;
  readonly #step: ReturnType<typeof decideWith>;
  readonly #timers = new RecordedTimers();
  readonly #agenda = new Agenda<Event>();
  #state: State | null = INITIAL;
  #candidates: CandidateState = NO_CANDIDATES;
  /** The gesture of the last raw event, until it is known whether the recorded run had it. */
  #unclaimed: Unclaimed = NOTHING;
  #isOfRawAlone = true;
  /** The last accepted tap, if the model speaks for the others. */
  #assumed: string | null = null;
  #held: Held | null = null;
  #recordedCommit: { readonly tap: string; readonly us: number } | null = null;
  #begun = false;
  #decisions: Decision[] = [];

  constructor(recorded: ReplaySettings, settings: ReplaySettings, doubt: (doubt: Doubt) => void = () => {}) {
    this.#fold = new Fold(recorded, doubt);
    this.#settings = settings;
    this.#sameRssi = JSON.stringify(recorded.rssi) === JSON.stringify(settings.rssi);
    this.#step = decideWith(settings.budget);
  }

  take(entry: Entry): readonly Decision[] {
    const was = this.#fold.state?.open ?? null;
    const { commands } = this.#fold.take(entry);
    if (this.#fold.state === null) {
      // What the last raw event gave may be among the inputs that are missing.
      this.#unclaimed = NOTHING;
      this.#runUntil(entry.us);
      this.#forget();
      return this.#taken();
    }
    this.#learn(entry, commands);
    const seen = this.#state === null ? entry : this.#advance(entry);
    if (entry.topic === 'snapshot') this.#adopt(entry);
    else if (this.#state !== null && entry.topic === 'raw') this.#raw(entry);
    else if (this.#state !== null && entry.topic === 'input') {
      if (seen?.topic === 'input') this.#input(seen, was);
      this.#compareEnds(entry.us);
    }
    this.#begun = true;
    return this.#taken();
  }

  /** What was still to come when the recording ended. */
  end(): readonly Decision[] {
    if (this.#state !== null) {
      // One that is cut off may have lost the input of its last raw event; one of raw events alone has none.
      if (this.#isOfRawAlone) this.#flush();
      this.#runUntil(Number.POSITIVE_INFINITY);
    }
    return this.#taken();
  }

  #taken(): readonly Decision[] {
    const decisions = this.#decisions;
    this.#decisions = [];
    return decisions;
  }

  #learn(entry: Entry, commands: Commands): void {
    if (entry.topic === 'input' && entry.event.event === 'recovered') this.#timers.clear();
    this.#timers.learn(commands, entry.us);
    for (const command of commands) if (command.do === 'commit') this.#recordedCommit = { tap: command.open.tap, us: entry.us };
  }

  #forget(): void {
    this.#state = null;
    this.#timers.clear();
    this.#standStill();
  }

  /** Nothing is under way any more: the actor ended, or it is not known what was. */
  #standStill(): void {
    this.#agenda.clear();
    this.#assumed = null;
    this.#held = null;
  }

  #adopt(entry: Extract<Entry, { topic: 'snapshot' }>): void {
    const known = this.#state === null || !this.#begun ? knownFrom(entry) : null;
    if (known === null) return;
    this.#state = known.listener;
    this.#candidates = known.candidates;
  }

  /** Up to the time of the next entry. Returns the entry as this run sees it; null: a gesture that it does not see. */
  #advance(entry: Entry): Entry | null {
    const [candidate] = this.#unclaimed.candidates;
    const gesture = entry.topic === 'input' && isGesture(entry.event) ? entry.event : null;
    const claimed = gesture !== null && candidate !== undefined && isOf(candidate, gesture) ? candidate : null;
    if (entry.topic !== 'raw') this.#isOfRawAlone = false;
    if (claimed !== null) this.#unclaimed = NOTHING;
    else this.#flush();
    this.#runUntil(entry.us);
    if (gesture === null || this.#sameRssi || entry.topic !== 'input') return entry;
    // By other numbers for Bluetooth the same gesture may mean something else, or nothing.
    if (claimed !== null) return { ...entry, event: eventOf(claimed, () => (gesture.event === 'tapped' ? gesture.tap : nameOf(claimed))) };
    return 'via' in gesture && gesture.via === 'ble' ? null : entry;
  }

  /** Gestures that the recorded run did not have. */
  #flush(): void {
    const { us, candidates } = this.#unclaimed;
    this.#unclaimed = NOTHING;
    if (candidates.length > 0) this.#runUntil(us);
    for (const candidate of candidates) this.#see(eventOf(candidate, () => nameOf(candidate)), us);
  }

  #raw({ us, raw }: Extract<Entry, { topic: 'raw' }>): void {
    const [next, candidates] = stepCandidates(this.#candidates, raw, this.#settings.rssi);
    this.#candidates = next;
    if (candidates.length > 0) this.#unclaimed = { us, candidates };
  }

  #input({ us, event }: Input, was: OpenTap | null): void {
    switch (event.event) {
      case 'recovered': {
        this.#standStill();
        this.#state = stateWith(this.#state?.open ?? null);
        return this.#see(event, us);
      }
      case 'due': return this.#timers.fired(event) ? this.#see(event, us) : undefined;
      case 'resolved':
      case 'refused':
      case 'begun':
      case 'ended': return this.#hear(event, us, was);
      default: return this.#see(event, us);
    }
  }

  /** The recorded word of another. `was`: the tap in the recorded run, before the word. */
  #hear(event: Word, us: number, was: OpenTap | null): void {
    const open = this.#state?.open ?? null;
    if (open === null || open.tap !== event.tap || this.#assumed === event.tap) return;
    if (this.#isHeld(event, open, was)) return this.#hold(event, us);
    if ('reason' in event && hasMoreTime(event.reason, open, was)) return this.#assume(open, us);
    this.#see(event, us);
    if (event.event === 'begun') this.#compareGrants(us);
  }

  /** Does the word follow from a commit that has not been yet, or was later? */
  #isHeld(event: Word, { phase }: OpenTap, was: OpenTap | null): boolean {
    const isInjectors = event.event === 'begun' || event.event === 'ended';
    if (this.#held?.tap === event.tap) return isInjectors;
    return isInjectors && phase === Phase.accepted && was?.tap === event.tap && was.phase !== Phase.accepted && this.#recordedCommit?.tap === event.tap;
  }

  #hold(event: Word, us: number): void {
    const held = this.#held ?? { tap: event.tap, recordedCommitUs: this.#recordedCommit?.us ?? us, shiftUs: null, words: [] };
    if (held.shiftUs !== null) this.#agenda.add(us + held.shiftUs, shifted(event, held.shiftUs));
    else this.#held = { ...held, words: [...held.words, { us, event }] };
  }

  #release(held: Held, nowUs: number): void {
    const shiftUs = Math.max(0, nowUs - held.recordedCommitUs);
    this.#held = { ...held, shiftUs, words: [] };
    for (const { us, event } of held.words) this.#agenda.add(us + shiftUs, shifted(event, shiftUs));
  }

  /** Granted in one run and not in the other: what the injector said then is no word for this one. */
  #compareGrants(us: number): void {
    const [open, there] = [this.#state?.open ?? null, this.#fold.state?.open ?? null];
    if (open === null || there?.tap !== open.tap || (open.phase === Phase.injecting) === (there.phase === Phase.injecting)) return;
    this.#assumed = open.tap;
    this.#plan([answerToBegun(open, us)]);
  }

  /** The recorded tap has ended and this one has not: no word of anybody will come any more. */
  #compareEnds(us: number): void {
    const open = this.#state?.open ?? null;
    if (open === null || this.#assumed === open.tap || this.#held?.tap === open.tap || this.#fold.state?.open?.tap === open.tap) return;
    this.#assume(open, us);
  }

  #assume(open: OpenTap, us: number): void {
    this.#assumed = open.tap;
    this.#plan(answersFrom(open, us));
  }

  #plan(answers: readonly Answer[]): void {
    for (const { us, event } of answers) this.#agenda.add(us, event);
  }

  #runUntil(us: number): void {
    for (let due = this.#agenda.next(us); due !== null; due = this.#agenda.next(us)) this.#see(due.item, due.us);
  }

  /** The step, and what follows from its commands. */
  #see(event: Event, us: number): void {
    const before = this.#state;
    if (before === null) return;
    const guessed = this.#guessed();
    const [state, commands] = this.#step(before, event, us);
    this.#state = state;
    if (state.open !== null && state.open.tap !== before.open?.tap) this.#welcome(state.open, us);
    guessed.push(...this.#guessed());
    this.#perform(commands, us);
    if (event.event === 'begun') this.#grant(event.tap, us);
    for (const decision of decisionsOf(commands, us, event)) {
      const about = decision.decision === 'dropped' ? before.open?.tap : decision.tap;
      this.#decisions.push(guessed.some((tap) => tap === about) ? { ...decision, assumed: true } : decision);
    }
  }

  /** Taps of which more than the recording tells is taken for granted. */
  #guessed(): string[] {
    const { tap = null, shiftUs = null } = this.#held ?? {};
    return [...(this.#assumed === null ? [] : [this.#assumed]), ...(tap === null || shiftUs === null ? [] : [tap])];
  }

  #welcome(open: OpenTap, us: number): void {
    this.#held = null;
    this.#assumed = null;
    if (this.#fold.state?.open?.tap !== open.tap) this.#assume(open, us);
  }

  #perform(commands: Commands, us: number): void {
    for (const command of commands) {
      if (command.do === 'after') {
        const dueUs = dueOf(command.ms, us);
        if (command.event.event === 'due' && !this.#timers.isRecorded(command.event, dueUs)) this.#agenda.add(dueUs, command.event);
      } else if ('open' in command && command.open.tap === this.#assumed) {
        this.#plan(answersTo(command, us));
      } else if (command.do === 'commit' && command.open.tap === this.#held?.tap) {
        this.#release(this.#held, us);
      }
    }
  }

  /** What the injector does once it has asked: that of the model, or a held one to whom the end was not granted. */
  #grant(tap: string, us: number): void {
    const open = this.#state?.open ?? null;
    if (open === null || open.tap !== tap) return;
    if (this.#held?.tap === tap && open.phase !== Phase.injecting) {
      this.#held = null;
      this.#assumed = tap;
    }
    if (this.#assumed === tap) this.#plan([answerToBegun(open, us)]);
  }
}

/** The id of a tap that the recorded run did not have follows from it, so that each run names it alike. */
function nameOf(candidate: Candidate): string {
  const band = 'band' in candidate ? candidate.band.slice(0, 14) : '';
  return `unrecorded-${candidate.atUs}-${candidate.via}-${band}`;
}
