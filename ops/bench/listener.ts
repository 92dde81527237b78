// The tap-listener's own time, from a frame of the Nymi Agent on a real websocket to `tap.accepted` handed to the bus: link,
// judgement and journal as they run in the actor, with the lab's Agent before them and nobody behind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { SettingsSchema } from '../../config/schema.ts';
import { codecFor } from '../../contracts/external/nymi-codec.ts';
import { bootId } from '../../runtime/clock.ts';
import { newId } from '../../runtime/id.ts';
import { Journal } from '../../runtime/journal.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { Agent } from '../../services/tap-listener/agent.ts';
import { eventOf } from '../../services/tap-listener/decide.ts';
import type { Entry } from '../../services/tap-listener/entries.ts';
import type { Raw } from '../../services/tap-listener/raw.ts';
import { tapCandidates } from '../../services/tap-listener/streams.ts';
import { Taps, type TapsOptions } from '../../services/tap-listener/taps.ts';
import { startNymiAgent, type NymiAgent } from '../lab/nymi-agent/server.ts';
import { makePeople } from '../lab/people.ts';
import { quantile } from './quantile.ts';

const TAPS = 400;
const WARM = 20;
/** A listener sleeps between taps, and wakes up cold: in a loop it takes a small part of the time. */
const BETWEEN_TAPS_MS = 50;
const WITHIN_MS = 5_000;
/** Every tap is to count, however soon after the one before. */
const BUDGET = { ...SettingsSchema.parse({}).budget, acceptMs: 1_000, ambiguityMs: 0, bounceMs: 0, pairMs: 0 };
const HOST = '127.0.0.1';

export interface ListenerFigures {
  readonly msP50: number;
  readonly msP99: number;
  readonly taps: number;
}

export async function benchListener(progress: (text: string) => void, taps = TAPS, betweenMs = BETWEEN_TAPS_MS): Promise<ListenerFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'tl-bench-'));
  const lab = await startNymiAgent({ people: makePeople(dir).all });
  const stage = await openStage(dir, lab);
  try {
    progress(`listener: ${taps} taps`);
    const took: number[] = [];
    for (let tap = 0; tap < taps + WARM; tap++) {
      await sleep(betweenMs);
      const ms = await stage.tap();
      if (tap >= WARM) took.push(ms);
    }
    return { msP50: quantile(took, 0.5), msP99: quantile(took, 0.99), taps };
  } finally {
    await stage.close();
    await lab.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Stage {
  /** One tap; milliseconds from the frame to the message. */
  readonly tap: () => Promise<number>;
  readonly close: () => Promise<void>;
}

async function openStage(dir: string, lab: NymiAgent): Promise<Stage> {
  const { journal, entries } = Journal.open<Entry>(join(dir, 'tap-listener.jsonl'));
  let accepted = (_tap: string, _tappedUs: number): void => undefined;
  const bus = {
    send: (kind: string, body: object, { tap }: { tap?: string }) => {
      if (kind === 'tap.accepted' && 'tappedUs' in body) accepted(tap!, body.tappedUs as number);
      return Promise.resolve({ ok: true });
    },
  } as unknown as TapsOptions['bus'];
  const silent = { info: () => undefined, warn: () => undefined } as unknown as TapsOptions['log'];
  const taps = new Taps({ budget: BUDGET, bus, timer: systemTimer, journal, entries, boot: bootId(), log: silent, profile: silent });
  const raws = new Subject<Raw>();
  raws.pipe(tapCandidates()).subscribe((candidate) => taps.emit(eventOf(candidate, newId)));
  const connected = Promise.withResolvers<void>();
  const agent = new Agent({
    url: lab.url, codec: codecFor('json'), clock: systemTimer, random: Math.random, endpoint: async () => HOST,
    onRaw: (raw) => raws.next(raw),
    onState: (state) => state === 'connected' && connected.resolve(),
  });
  agent.connect();
  await connected.promise;
  return {
    tap: async () => {
      const told = Promise.withResolvers<number>();
      const giveUp = setTimeout(() => told.reject(new Error('A tap of the bench was not accepted.')), WITHIN_MS);
      accepted = (tap, tappedUs) => {
        const ms = (systemTimer.nowUs() - tappedUs) / 1000;
        clearTimeout(giveUp);
        // Its end, once the command at hand is done, leaves the listener free for the next one.
        void turn().then(() => taps.emit({ event: 'refused', tap, reason: 'no-user-field', atUs: systemTimer.nowUs() })).then(() => told.resolve(ms));
      };
      lab.tap('NB-01', 'nfc');
      return told.promise;
    },
    close: async () => {
      taps.stop();
      await agent.close();
      journal.close();
    },
  };
}
