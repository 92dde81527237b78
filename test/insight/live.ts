// A terminal in virtual time, recorded: raw events and answers go through the operators and the runner of the tap-listener,
// and what they see and decide is written down as the recorder does.
import fc from 'fast-check';
import { Subject, type SchedulerLike, type Subscription } from 'rxjs';
import { SettingsSchema } from '../../config/schema.ts';
import { Outcome } from '../../contracts/reasons.ts';
import type { Decision, Entry, Header } from '../../contracts/recording.ts';
import { decisionsOf } from '../../insight/decisions.ts';
import { Runner } from '../../runtime/run.ts';
import { decideWith, eventOf, stateWith, type Command, type Event, type State } from '../../services/tap-listener/decide.ts';
import type { Raw } from '../../services/tap-listener/raw.ts';
import { RSSI_DEFAULTS } from '../../services/tap-listener/rssi.ts';
import { NO_CANDIDATES, tapCandidates, type CandidateState } from '../../services/tap-listener/streams.ts';
import { VirtualTime } from '../system/time.ts';

export const SETTINGS = SettingsSchema.parse({});
export const BANDS = ['04A1B2C3D4E5F6', '04FFEEDDCCBBAA', '04112233445566'] as const;

export const header = (settings: Pick<typeof SETTINGS, 'budget' | 'tap'> = SETTINGS): Header => ({
  version: 1, product: '0.1.0', startedWallMs: 1_780_000_000_000, startedUs: 0,
  settings: { budget: settings.budget, tap: settings.tap }, settingsHash: '0'.repeat(64), source: 'recorder',
});

type Distributed<T> = T extends { readonly atUs: number } ? Omit<T, 'atUs'> : never;
/** What happens at the terminal from outside; milliseconds. */
export type Happening =
  | { readonly ms: number; readonly what: 'raw'; readonly raw: Distributed<Raw> }
  /** A row of readings that rises from far to near. */
  | { readonly ms: number; readonly what: 'approach'; readonly band: string; readonly nearDbm: number }
  /** A word that nobody asked for, about the n-th tap. */
  | { readonly ms: number; readonly what: 'stray'; readonly tap: number; readonly word: 'resolved' | 'refused' | 'begun' | 'ended' }
  | { readonly ms: number; readonly what: 'slept' | 'snapshot' | 'restart' };
/** How the others answer to the n-th accepted tap; milliseconds since it was accepted, since the commit, since the begin. */
export interface Manner {
  readonly refuses: boolean;
  readonly resolvedMs: number;
  readonly begunMs: number;
  readonly endedMs: number;
}
export interface Play {
  readonly happenings: readonly Happening[];
  readonly manners: readonly Manner[];
  /** How much later than due the n-th timer fires. */
  readonly lagsMs: readonly number[];
}

export interface Recorded {
  readonly header: Header;
  readonly entries: readonly Entry[];
  readonly decisions: readonly Decision[];
}

/** Plays it to its end. */
export function recorded(play: Play): Recorded {
  const terminal = new Terminal(play);
  return { header: header(), ...terminal.run() };
}

class Terminal {
  readonly #play: Play;
  readonly #time = new VirtualTime();
  readonly #entries: Entry[] = [];
  readonly #decisions: Decision[] = [];
  readonly #raws = new Subject<Raw>();
  #candidates: CandidateState = NO_CANDIDATES;
  #runner: Runner<State, Event, Command>;
  #taps = 0;
  readonly #manners = new Map<string, Manner>();
  #timers = 0;

  constructor(play: Play) {
    this.#play = play;
    this.#runner = this.#started(stateWith(null));
    this.#raws.pipe(tapCandidates(RSSI_DEFAULTS, NO_CANDIDATES, (state) => (this.#candidates = state))).subscribe((candidate) => {
      this.#runner.emit(eventOf(candidate, () => `t${this.#taps++}`));
    });
  }

  run(): Omit<Recorded, 'header'> {
    this.#snapshot();
    for (const happening of this.#play.happenings) this.#time.after(happening.ms, () => this.#happen(happening));
    this.#time.flush();
    return { entries: this.#entries, decisions: this.#decisions };
  }

  get #us(): number {
    return this.#time.nowUs();
  }

  #started(initial: State): Runner<State, Event, Command> {
    let current: Event = { event: 'slept' };
    return new Runner<State, Event, Command>({
      step: decideWith(SETTINGS.budget), initial, nowUs: this.#time.nowUs, scheduler: this.#lagging(),
      observe: (event, us) => {
        current = event;
        this.#entries.push({ topic: 'input', us, event });
      },
      perform: (command) => {
        const decisions = decisionsOf([command], this.#us, current);
        this.#entries.push(...decisions);
        this.#decisions.push(...decisions);
        this.#answer(command);
      },
    });
  }

  /** Timers fire late, as they do in life. */
  #lagging(): SchedulerLike {
    const { lagsMs } = this.#play;
    const schedule = (work: () => void, ms = 0): Subscription => this.#time.schedule(() => work(), ms + (lagsMs[this.#timers++ % lagsMs.length] ?? 0));
    return { now: () => this.#time.now(), schedule: schedule as SchedulerLike['schedule'] };
  }

  #happen(happening: Happening): void {
    switch (happening.what) {
      case 'raw': return this.#raw({ ...happening.raw, atUs: this.#us });
      case 'approach': return this.#approach(happening.band, happening.nearDbm);
      case 'stray': return this.#runner.emit(wordOf(happening.word, `t${happening.tap}`, this.#us));
      case 'slept': return this.#runner.emit({ event: 'slept' });
      case 'snapshot': return this.#snapshot();
      case 'restart': {
        this.#runner.stop();
        this.#runner = this.#started(stateWith(this.#runner.state.open));
        this.#snapshot();
        return this.#runner.emit({ event: 'recovered', sameBoot: true });
      }
    }
  }

  #raw(raw: Raw): void {
    this.#entries.push({ topic: 'raw', us: this.#us, raw });
    this.#raws.next(raw);
  }

  #approach(band: string, nearDbm: number): void {
    for (let n = 0; n < 24; n += 1) this.#time.after(n * 40, () => this.#raw({ kind: 'rssi', atUs: this.#us, band, rssiDbm: n < 10 ? -70 : nearDbm }));
  }

  #snapshot(): void {
    // Through JSON, as a file has it.
    const states: unknown = JSON.parse(JSON.stringify({ listener: this.#runner.state, candidates: this.#candidates }));
    this.#entries.push({ topic: 'snapshot', us: this.#us, ...(states as { listener: unknown; candidates: unknown }) });
  }

  #answer(command: Command): void {
    const { manners } = this.#play;
    if (!('open' in command)) return;
    const { tap } = command.open;
    if (command.do === 'accept') this.#manners.set(tap, manners[this.#manners.size % manners.length]!);
    const manner = this.#manners.get(tap);
    if (manner === undefined) return;
    const say = (ms: number, word: Parameters<typeof wordOf>[0]): unknown => this.#time.after(ms, () => this.#runner.emit(wordOf(word, tap, this.#us)));
    if (command.do === 'accept') say(manner.resolvedMs, manner.refuses ? 'refused' : 'resolved');
    if (command.do === 'commit' && !manner.refuses) {
      say(manner.begunMs, 'begun');
      say(manner.begunMs + manner.endedMs, 'ended');
    }
  }
}

function wordOf(word: 'resolved' | 'refused' | 'begun' | 'ended', tap: string, atUs: number): Event {
  switch (word) {
    case 'resolved': return { event: 'resolved', tap, atUs };
    case 'refused': return { event: 'refused', tap, reason: 'no-user-field', atUs };
    case 'begun': return { event: 'begun', tap, atUs, credentialUs: atUs };
    case 'ended': return { event: 'ended', tap, atUs, outcome: Outcome.filled, reason: 'ok' };
  }
}

const ms = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: max * 10 }).map((tenths) => tenths / 10);
const band = fc.constantFrom(...BANDS);
const at = ms(8_000);
const word = fc.constantFrom('resolved', 'refused', 'begun', 'ended');
const presence = fc.record({
  kind: fc.constant('presence'), band, presence: fc.constantFrom('yes', 'no'), authenticated: fc.nat({ max: 3 }).map((n) => n > 0), worn: fc.constantFrom(true, null),
});
const unreadable = fc.constantFrom('', '04').map((uid) => ({ kind: 'nfc', uid, band: null }) as const);
const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ms: at, what: fc.constant('raw'), raw: band.map((id) => ({ kind: 'nfc', uid: id, band: id }) as const) }) },
  { weight: 1, arbitrary: fc.record({ ms: at, what: fc.constant('raw'), raw: unreadable }) },
  { weight: 1, arbitrary: fc.record({ ms: at, what: fc.constant('raw'), raw: presence }) },
  { weight: 3, arbitrary: fc.record({ ms: at, what: fc.constant('approach'), band, nearDbm: fc.integer({ min: -55, max: -30 }) }) },
  { weight: 2, arbitrary: fc.record({ ms: at, what: fc.constant('stray'), tap: fc.nat({ max: 8 }), word }) },
  { weight: 2, arbitrary: fc.record({ ms: at, what: fc.constantFrom('slept', 'snapshot', 'snapshot', 'restart') }) },
);
const MANNER: fc.Arbitrary<Manner> = fc.record({
  refuses: fc.nat({ max: 4 }).map((n) => n === 0), resolvedMs: fc.oneof(ms(19), ms(80)),
  begunMs: fc.oneof(ms(300), ms(2_200)), endedMs: fc.oneof(ms(100), ms(2_000)),
});
/** Lives of a terminal: near one another, so that gestures meet. */
export const PLAY: fc.Arbitrary<Play> = fc.record({
  happenings: fc.array(HAPPENING, { minLength: 1, maxLength: 30 }),
  manners: fc.array(MANNER, { minLength: 1, maxLength: 6 }),
  lagsMs: fc.array(ms(4), { minLength: 1, maxLength: 7 }),
});
