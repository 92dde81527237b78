// The tap-listener's judgement over raw events in virtual time, as the live one would record it: the same operator, the same
// step, timers at their due times, and answers of the others as `answers.ts` has them.
import { Subject } from 'rxjs';
import type { Entry } from '../../contracts/recording.ts';
import { Outcome } from '../../contracts/reasons.ts';
import { Agenda } from '../../insight/agenda.ts';
import { decisionsOf } from '../../insight/decisions.ts';
import type { ReplaySettings } from '../../insight/replay-settings.ts';
import { decideWith, eventOf, INITIAL, Phase, type Event, type OpenTap, type State } from '../../services/tap-listener/decide.ts';
import type { Raw } from '../../services/tap-listener/raw.ts';
import { NO_CANDIDATES, tapCandidates, type CandidateState } from '../../services/tap-listener/streams.ts';
import { answersTo } from './answers.ts';

/** A snapshot at least so often, as a recorder's chunks have. */
const SNAPSHOT_EVERY_US = 10_000_000;
/** From the commit to the injector's begin, if the credential was there before. */
const BEGIN_AFTER_US = 2_000;
const MS = 1000;

export class VirtualListener {
  readonly #step: ReturnType<typeof decideWith>;
  readonly #write: (entry: Entry) => void;
  readonly #agenda = new Agenda<Event>();
  readonly #raws = new Subject<Raw>();
  #state: State = INITIAL;
  #candidates: CandidateState = NO_CANDIDATES;
  #taps = 0;
  #nextSnapshotUs = 0;

  constructor({ budget, rssi }: ReplaySettings, write: (entry: Entry) => void) {
    this.#step = decideWith(budget);
    this.#write = write;
    const candidates = this.#raws.pipe(tapCandidates(rssi, NO_CANDIDATES, (state) => (this.#candidates = state)));
    candidates.subscribe((candidate) => this.#input(eventOf(candidate, () => `generated-${(this.#taps += 1)}`), candidate.atUs));
  }

  take(raw: Raw): void {
    this.#runUntil(raw.atUs);
    if (raw.atUs >= this.#nextSnapshotUs) this.#snapshot(raw.atUs);
    this.#write({ topic: 'raw', us: raw.atUs, raw });
    this.#raws.next(raw);
  }

  /** What is still to come when the last raw event has been. */
  end(): void {
    this.#runUntil(Number.POSITIVE_INFINITY);
  }

  #snapshot(us: number): void {
    this.#nextSnapshotUs = us + SNAPSHOT_EVERY_US;
    this.#write({ topic: 'snapshot', us, listener: this.#state, candidates: this.#candidates });
  }

  #runUntil(us: number): void {
    for (let due = this.#agenda.next(us); due !== null; due = this.#agenda.next(us)) this.#input(due.item, due.us);
  }

  #input(event: Event, us: number): void {
    this.#write({ topic: 'input', us, event });
    const [state, commands] = this.#step(this.#state, event, us);
    this.#state = state;
    for (const decision of decisionsOf(commands, us, event)) this.#write(decision);
    for (const command of commands) {
      if (command.do === 'after') this.#agenda.add(us + Math.round(command.ms * MS), command.event);
      else if (command.do === 'accept') this.#resolve(command.open);
      else if (command.do === 'commit') this.#issue(command.open, us);
    }
    if (event.event === 'begun' && state.open?.phase === Phase.injecting) this.#type(state.open, us);
  }

  #resolve({ tap, band, tappedUs }: OpenTap): void {
    const { refused, resolvedUs } = answersTo(band, tappedUs);
    const us = tappedUs + resolvedUs;
    this.#agenda.add(us, refused ? { event: 'refused', tap, reason: 'no-user-field', atUs: us } : { event: 'resolved', tap, atUs: us });
  }

  #issue({ tap, band, tappedUs }: OpenTap, nowUs: number): void {
    const credentialUs = tappedUs + answersTo(band, tappedUs).credentialUs;
    const us = Math.max(credentialUs, nowUs) + BEGIN_AFTER_US;
    this.#agenda.add(us, { event: 'begun', tap, atUs: us, credentialUs });
  }

  #type({ tap, band, tappedUs }: OpenTap, nowUs: number): void {
    const us = nowUs + answersTo(band, tappedUs).typingUs;
    this.#agenda.add(us, { event: 'ended', tap, atUs: us, outcome: Outcome.filled, reason: 'ok' });
  }
}
