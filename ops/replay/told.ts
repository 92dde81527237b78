// A replay for people: a line for each decision, and at the end what there was of each kind.
import type { Decision } from '../../contracts/recording.ts';
import type { Terminal } from '../terminal.ts';

/** `00:00:12.345  dropped    nfc  04A1B2C3D4E5F6  bounce`. `fromUs`: the beginning of the recording. */
export function decisionText({ us, decision, tap, band, via, why, outcome, stages, assumed }: Decision, fromUs: number, { paint }: Pick<Terminal, 'paint'>): string {
  const what = decision === 'ended' ? `${outcome}: ${why}, ${(stages?.total ?? 0).toFixed(1)} ms` : (why ?? '');
  const colour = COLOURS[decision === 'ended' ? `ended ${outcome}` : decision];
  const shown = decision.padEnd(DECISION_COLUMNS);
  return [
    paint('dim', momentText(us - fromUs)), colour === undefined ? shown : paint(colour, shown), (via ?? '').padEnd(3), (band ?? '').padEnd(BAND_COLUMNS), what,
    assumed === true ? paint('dim', '(assumed)') : '', paint('dim', tap ?? ''),
  ].filter((part, at) => at < 4 || part !== '').join('  ').trimEnd();
}

const DECISION_COLUMNS = 12;
const BAND_COLUMNS = 14;
const COLOURS: Readonly<Record<string, Parameters<Terminal['paint']>[0]>> = {
  'dropped': 'yellow', 'cancelled': 'yellow', 'storm-warned': 'yellow',
  'ended filled': 'green', 'ended filled-unverified': 'green', 'ended refused': 'yellow', 'ended failed': 'red', 'ended unknown': 'red',
};

export function momentText(us: number): string {
  const ms = Math.max(0, Math.floor(us / 1000));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** Counts decisions as they come. */
export class Summary {
  #accepted = 0;
  #assumed = 0;
  readonly #dropped = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  #storms = 0;

  count({ decision, why, outcome, assumed }: Decision): void {
    const more = (counts: Map<string, number>, key: string): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
    if (assumed === true) this.#assumed += 1;
    if (decision === 'accepted') this.#accepted += 1;
    if (decision === 'dropped') more(this.#dropped, why ?? '');
    if (decision === 'ended') more(this.#ended, outcome ?? '');
    if (decision === 'storm-warned') this.#storms += 1;
  }

  lines(): string[] {
    return [
      `accepted  ${this.#accepted}`,
      `dropped   ${counts(this.#dropped)}`,
      `ended     ${counts(this.#ended)}`,
      ...(this.#storms === 0 ? [] : [`storms    ${this.#storms}`]),
      ...(this.#assumed === 0 ? [] : [`assumed   ${this.#assumed} of these decisions: nobody recorded what the others would have answered`]),
    ];
  }
}

function counts(of: ReadonlyMap<string, number>): string {
  const total = [...of.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...of].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, count]) => `${key} ${count}`);
  return total === 0 ? '0' : `${total}: ${parts.join(', ')}`;
}
