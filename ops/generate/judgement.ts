// What the judgement made of people: taps that were meant and did not count, and taps that counted and were not meant.
import type { Decision } from '../../contracts/recording.ts';
import type { Label, Why } from './labels.ts';

export interface Counts {
  readonly meant: number;
  readonly meantLost: number;
  /** Gestures that were not meant. */
  readonly spurious: number;
  readonly spuriousAccepted: number;
  /** Why those that were let through were there; `again`: a meant gesture that counted twice. */
  readonly acceptedWhy: Readonly<Partial<Record<Why | 'again' | 'unlabelled', number>>>;
  /** What became of meant taps that did not count. */
  readonly lostWhy: Readonly<Record<string, number>>;
}

/** Stamps of a tap and of its decision differ by what judging takes. */
const SLACK_US = 10_000;

interface Tap {
  readonly band: string;
  readonly via: 'nfc' | 'ble' | null;
  readonly atUs: number;
  /** Accepted, and not cancelled since somebody else tapped too. */
  counts: boolean;
  why: string;
}

/** `labels` and `decisions` by time. */
export function judged(labels: readonly Label[], decisions: Iterable<Decision>): Counts {
  const taps = tapsOf(decisions);
  const byBand = Map.groupBy(labels, ({ band }) => band);
  const counted = new Set<Label>();
  const acceptedWhy: Record<string, number> = {};
  for (const tap of taps) {
    if (!tap.counts) continue;
    const around = (byBand.get(tap.band) ?? []).filter(({ t0Us, untilUs }) => t0Us - SLACK_US <= tap.atUs && tap.atUs <= untilUs + SLACK_US);
    const meant = around.find((label) => label.meant && !counted.has(label));
    if (meant === undefined) count(acceptedWhy, around.find(({ via, why }) => via === tap.via && why !== null)?.why ?? (around.length > 0 ? 'again' : 'unlabelled'));
    else counted.add(meant);
  }
  const meant = labels.filter((label) => label.meant);
  const lost = meant.filter((label) => !counted.has(label));
  const lostWhy: Record<string, number> = {};
  for (const label of lost) count(lostWhy, fateOf(label, taps));
  return {
    meant: meant.length,
    meantLost: lost.length,
    spurious: labels.length - meant.length,
    spuriousAccepted: Object.values(acceptedWhy).reduce((sum, n) => sum + n, 0),
    acceptedWhy,
    lostWhy,
  };
}

function tapsOf(decisions: Iterable<Decision>): readonly Tap[] {
  const taps: Tap[] = [];
  const open = new Map<string, Tap>();
  for (const { decision, tap, band, via, us, why } of decisions) {
    if (band === null) continue;
    if (decision === 'accepted' || decision === 'dropped') {
      const seen = { band, via, atUs: us, counts: decision === 'accepted', why: why ?? '' };
      taps.push(seen);
      // A gesture of a band that cannot mean it is no tap: it has no id.
      if (tap !== null) open.set(tap, seen);
    }
    if (tap === null) continue;
    if (decision === 'ended' && why === 'cancelled:two-bands') Object.assign(open.get(tap) ?? {}, { counts: false, why });
    if (decision === 'ended') open.delete(tap);
  }
  return taps;
}

const fateOf = ({ band, t0Us, untilUs }: Label, taps: readonly Tap[]): string =>
  taps.find((tap) => !tap.counts && tap.band === band && t0Us - SLACK_US <= tap.atUs && tap.atUs <= untilUs + SLACK_US)?.why ?? 'unseen';

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

export function summed(all: readonly Counts[]): Counts {
  const sum = (of: (counts: Counts) => number): number => all.reduce((total, counts) => total + of(counts), 0);
  const merged = (of: (counts: Counts) => Readonly<Record<string, number>>): Record<string, number> => {
    const into: Record<string, number> = {};
    for (const counts of all) for (const [what, n] of Object.entries(of(counts))) into[what] = (into[what] ?? 0) + n;
    return into;
  };
  return {
    meant: sum(({ meant }) => meant), meantLost: sum(({ meantLost }) => meantLost),
    spurious: sum(({ spurious }) => spurious), spuriousAccepted: sum(({ spuriousAccepted }) => spuriousAccepted),
    acceptedWhy: merged(({ acceptedWhy }) => acceptedWhy), lostWhy: merged(({ lostWhy }) => lostWhy),
  };
}
