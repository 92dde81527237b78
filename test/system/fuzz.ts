// Runs many worlds: `node test/system/fuzz.ts --seeds 100000 [--from 1]`, or `--seed N` for the history of one.
import { parseArgs } from 'node:util';
import { breaches } from './invariants.ts';
import { World } from './world.ts';

export interface Tally {
  readonly worlds: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Seeds with what they broke. */
  readonly broken: readonly { readonly seed: number; readonly breaches: readonly string[] }[];
}

/** Runs the worlds of `seeds` seeds one after the other; stops after `brokenMax` broken ones. */
export async function fuzz(from: number, seeds: number, brokenMax = 10): Promise<Tally> {
  const outcomes: Record<string, number> = {};
  const broken: { seed: number; breaches: string[] }[] = [];
  let worlds = 0;
  for (let seed = from; seed < from + seeds && broken.length < brokenMax; seed++) {
    const world = new World(seed);
    await world.run();
    worlds++;
    for (const fact of world.history) {
      if (fact.fact !== 'ended') continue;
      const words = `${fact.outcome} ${fact.reason}`;
      outcomes[words] = (outcomes[words] ?? 0) + 1;
    }
    const found = breaches(world);
    if (found.length > 0) broken.push({ seed, breaches: found });
  }
  return { worlds, outcomes, broken };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' }, seed: { type: 'string' } } });
  if (values.seed !== undefined) {
    const world = new World(Number(values.seed));
    await world.run();
    for (const { atUs, ...fact } of world.history) console.log((atUs / 1000).toFixed(3).padStart(10), JSON.stringify(fact));
    console.log(breaches(world).join('\n') || 'all invariants hold');
  } else {
    const beganMs = performance.now();
    const { worlds, outcomes, broken } = await fuzz(Number(values.from), Number(values.seeds));
    for (const [words, times] of Object.entries(outcomes).sort(([, a], [, b]) => b - a)) console.log(String(times).padStart(8), words);
    for (const { seed, breaches: found } of broken) console.log(`seed ${seed}: ${found.join('; ')}`);
    console.log(`${worlds} worlds in ${((performance.now() - beganMs) / 1000).toFixed(1)} s, ${broken.length} broken`);
    process.exitCode = broken.length === 0 ? 0 : 1;
  }
}
