// What outlives an actor of the simulated world: journals, written at once, and the audit log, written after a while.
import { append, EMPTY_CHAIN, type ChainState, type Head } from '../../services/audit/chain.ts';
import type { Journal, NotKept } from '../../services/audit/journal.ts';
import type { AuditBody } from '../../services/audit/record.ts';
import { isAlive, type Life } from './network.ts';
import type { Chance, VirtualTime } from './time.ts';

const CUT_AT_ENTRIES = 12;

/** A journal's file; `openFor` gives it to one life. */
export class JournalFile<Entry extends object> {
  entries: readonly Entry[] = [];
  readonly #written: (entry: Entry, life: Life) => void;

  constructor(written: (entry: Entry, life: Life) => void) {
    this.#written = written;
  }

  openFor(life: Life): { append(entry: Entry): void; cut(entries: readonly Entry[]): void; readonly wantsCut: boolean } {
    const file = this;
    return {
      append: (entry) => {
        if (!isAlive(life)) return;
        this.entries = [...this.entries, entry];
        this.#written(entry, life);
      },
      cut: (entries) => {
        if (isAlive(life)) this.entries = entries;
      },
      get wantsCut() {
        return file.entries.length > CUT_AT_ENTRIES;
      },
    };
  }
}

/** The audit log: records that were synced stay, those in flight go with the life that wrote them. */
export class AuditDisk {
  readonly records: AuditBody[] = [{ kind: 'genesis', session: null, chain: 'sim' }];
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #kept: (body: AuditBody) => void;

  constructor(time: VirtualTime, chance: Chance, kept: (body: AuditBody) => void) {
    this.#time = time;
    this.#chance = chance;
    this.#kept = kept;
  }

  openFor(life: Life): Pick<Journal, 'append' | 'open'> {
    const stamp = (): Parameters<typeof append>[2] => ({ wallMs: this.#time.frame, bootId: 'boot', monotonicUs: this.#time.nowUs() });
    let state: ChainState = EMPTY_CHAIN;
    for (const body of this.records) state = (append(state, body, stamp()) as readonly [ChainState, string])[0];
    let syncedMs = 0;
    return {
      get open() {
        return state.open;
      },
      append: (body): Promise<Head | NotKept> => {
        if (!isAlive(life)) return new Promise(() => {});
        const next = append(state, body, stamp());
        if (typeof next === 'string') return Promise.resolve({ notKept: next });
        [state] = next;
        const { head } = state;
        syncedMs = Math.max(syncedMs + 0.001, this.#time.frame + this.#chance.between(0.5, 6));
        return this.#time.pause(syncedMs - this.#time.frame).then(() => {
          if (life.dead) return new Promise<never>(() => {});
          this.records.push(body);
          this.#kept(body);
          return head;
        });
      },
    };
  }
}
