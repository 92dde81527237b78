// What the tap-listener observed, as it arrives: facts may be lost, and what was lost is told by an entry of its own.
import { Entry } from '../../contracts/recording.ts';
import type { Body } from '../../contracts/catalogue.ts';

export class Intake {
  #run: string | null = null;
  #next = 0;
  #ended = false;

  /** The entries of a fact, with a gap before them where some are missing. */
  take({ run, first, entries: bytes, last }: Body<'tap.observed'>): readonly Entry[] {
    const lines = bytes.length === 0 ? [] : Buffer.from(bytes).toString().split('\n');
    const entries = lines.flatMap(entryIn);
    const lost = this.#lostBefore(run, first, entries[0]) + lines.length - entries.length;
    this.#run = run;
    this.#next = first + lines.length;
    this.#ended = last;
    const us = entries[0]?.us;
    return lost === 0 || us === undefined ? entries : [{ topic: 'gap', us, lost }, ...entries];
  }

  /** Of another run nobody knows how much it had to tell, unless it took its leave; a snapshot at the begin needs nothing before it. */
  #lostBefore(run: string, first: number, begin: Entry | undefined): number {
    if (run === this.#run) return Math.max(0, first - this.#next);
    if (this.#run === null) return begin?.topic === 'snapshot' ? 0 : Math.max(1, first);
    return first + (this.#ended ? 0 : 1);
  }
}

function entryIn(line: string): Entry[] {
  try {
    const entry = Entry.safeParse(JSON.parse(line));
    return entry.success ? [entry.data] : [];
  } catch {
    return [];
  }
}
