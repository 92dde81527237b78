// What a recording keeps of the judgement, on its way to the recorder. It must never slow a tap: entries are noted as they
// are, and told when no tap is under way, under pseudonyms. Whoever misses some sees it by their numbers.
import type { Body } from '../../contracts/catalogue.ts';
import type { Decision, Entry } from '../../contracts/recording.ts';
import { OBSERVED_BYTES_MAX } from '../../contracts/tap.ts';
import { newId } from '../../runtime/id.ts';
import type { TimerClock } from '../../runtime/timer.ts';
import type { Event, State } from './decide.ts';
import type { Raw } from './raw.ts';
import type { CandidateState } from './streams.ts';
import { classifyUid, IdClass } from './uid.ts';

const TELL_AFTER_MS = 250;
/** A usual tap is over by then; what waits longer would be lost with a process that dies, when it is wanted most. */
const PUT_OFF_MAX = 2;
const SNAPSHOT_EVERY_US = 2_000_000;
const SNAPSHOT_EVERY_ENTRIES = 500;
/** Entries that wait to be told; what comes on top is lost. */
const WAITING_MAX = 2000;

export interface ObservedOptions {
  readonly pseudonym: (id: string) => string;
  readonly publish: (body: Body<'tap.observed'>) => void;
  /** What the judgement remembers at this moment. */
  readonly known: () => { readonly listener: State; readonly candidates: Tables };
  readonly timer: TimerClock;
}

type Table = Readonly<Record<string, object | number | boolean>>;
type Tables = { readonly [K in keyof CandidateState]: Table };

interface Noted {
  readonly number: number;
  readonly entry: Entry;
}

export class Observed {
  readonly #options: ObservedOptions;
  readonly #run = newId();
  readonly #waiting: Noted[] = [];
  #number = 0;
  #snapshotUs = -Infinity;
  #sinceSnapshot = 0;
  #putOff = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(options: ObservedOptions) {
    this.#options = options;
  }

  /** Call it before the event is judged. */
  raw(raw: Raw): void {
    this.#note({ topic: 'raw', us: this.#options.timer.nowUs(), raw });
  }

  /** Call it before its commands are performed; `known` still gives the state before it. */
  input(event: Event, us: number, decisions: readonly Decision[]): void {
    this.#note({ topic: 'input', us, event });
    for (const decision of decisions) this.#add(decision);
  }

  /** Tells what waits; the recorder knows that nothing was lost at the end. */
  close(): void {
    this.#cancelTimer?.();
    this.#tell(true);
  }

  #note(entry: Entry): void {
    if (entry.us - this.#snapshotUs >= SNAPSHOT_EVERY_US || this.#sinceSnapshot >= SNAPSHOT_EVERY_ENTRIES) {
      this.#snapshotUs = entry.us;
      this.#sinceSnapshot = 0;
      this.#add({ topic: 'snapshot', us: entry.us, ...this.#options.known() });
    }
    this.#sinceSnapshot += 1;
    this.#add(entry);
  }

  #add(entry: Entry): void {
    const number = this.#number++;
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push({ number, entry });
    this.#cancelTimer ??= this.#options.timer.after(TELL_AFTER_MS, () => this.#due());
  }

  #due(): void {
    const underWay = this.#options.known().listener.open !== null;
    if (underWay && this.#putOff++ < PUT_OFF_MAX) {
      this.#cancelTimer = this.#options.timer.after(TELL_AFTER_MS, () => this.#due());
      return;
    }
    this.#putOff = 0;
    this.#cancelTimer = null;
    this.#tell(false);
  }

  #tell(last: boolean): void {
    const { pseudonym, publish } = this.#options;
    let [first, lines, bytes] = [this.#number, [] as string[], 0];
    const send = (isLast: boolean): void => {
      if (lines.length > 0 || isLast) publish({ run: this.#run, first, entries: Buffer.from(lines.join('\n')), last: isLast });
      [lines, bytes] = [[], 0];
    };
    for (const { number, entry } of this.#waiting.splice(0)) {
      const line = JSON.stringify(underPseudonyms(entry, pseudonym));
      const size = Buffer.byteLength(line) + 1;
      if (size > OBSERVED_BYTES_MAX) continue;
      if (bytes + size > OBSERVED_BYTES_MAX || number !== first + lines.length) send(false);
      if (lines.length === 0) first = number;
      lines.push(line);
      bytes += size;
    }
    if (lines.length === 0) first = this.#number;
    send(last);
  }
}

/** The entry without any id of a band or a tag. An id keeps its class: what was no whole id stays none. */
export function underPseudonyms(entry: Entry, pseudonym: (id: string) => string): Entry {
  switch (entry.topic) {
    case 'raw': return { ...entry, raw: rawUnder(entry.raw, pseudonym) };
    case 'input': return 'band' in entry.event ? { ...entry, event: { ...entry.event, band: pseudonym(entry.event.band) } } : entry;
    case 'decision': return entry.band === null ? entry : { ...entry, band: pseudonym(entry.band) };
    case 'snapshot': return { ...entry, listener: bandsUnder(entry.listener, pseudonym), candidates: keysUnder(entry.candidates as Tables, pseudonym) };
    case 'gap': return entry;
  }
}

function rawUnder(raw: Raw, pseudonym: (id: string) => string): Raw {
  if (raw.kind !== 'nfc') return { ...raw, band: pseudonym(raw.band) };
  const { uid, idClass } = classifyUid(raw.uid, raw.band);
  const band = raw.band === null ? null : pseudonym(raw.band);
  if (idClass === IdClass.truncated) return { ...raw, band, uid: '04' };
  return { ...raw, band, uid: idClass === IdClass.empty || uid === '' ? '' : pseudonym(uid) };
}

/** Every `band`, at any depth. */
function bandsUnder(value: unknown, pseudonym: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => bandsUnder(item, pseudonym));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === 'band' ? pseudonym(String(inner)) : bandsUnder(inner, pseudonym)]));
}

/** Every part of what is known is a table by band; a table of bands would not compile. */
function keysUnder(parts: Tables, pseudonym: (id: string) => string): object {
  const under = (table: Table): object => Object.fromEntries(Object.entries(table).map(([band, told]) => [pseudonym(band), bandsUnder(told, pseudonym)]));
  return Object.fromEntries(Object.entries<Table>(parts).map(([name, table]) => [name, under(table)]));
}
