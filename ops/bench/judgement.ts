// What the default settings make of people, kind by kind, on seeds that nothing was chosen on.
import { KINDS, type Kind } from '../generate/habits.ts';
import { judged, summed } from '../generate/judgement.ts';
import type { Label } from '../generate/labels.ts';
import { generated } from '../generate/recording.ts';
import type { Decision } from '../../contracts/recording.ts';

/** Habits and settings were looked at on seeds below 1,000. */
const SEEDS = [2_001, 2_002, 2_003, 2_004];
const MINUTES = 120;

export interface KindFigures {
  readonly meantLost: number;
  readonly spuriousAccepted: number;
  /** Raw events that were judged. */
  readonly events: number;
  /** Gestures that were meant, and that were not. */
  readonly meant: number;
  readonly spurious: number;
}
export type JudgementFigures = { readonly [K in Kind]: KindFigures };

export async function benchJudgement(progress: (text: string) => void, minutes = MINUTES): Promise<JudgementFigures> {
  const figures: Partial<Record<Kind, KindFigures>> = {};
  for (const kind of KINDS) {
    progress(`judgement: ${kind}`);
    figures[kind] = figuresOf(kind, minutes);
  }
  return figures as JudgementFigures;
}

function figuresOf(kind: Kind, minutes: number): KindFigures {
  let events = 0;
  const counts = SEEDS.map((seed) => {
    const labels: Label[] = [];
    const decisions: Decision[] = [];
    for (const part of generated({ seed, kind, minutes })) {
      labels.push(...part.labels);
      decisions.push(...part.entries.filter((entry) => entry.topic === 'decision'));
      events += part.entries.filter(({ topic }) => topic === 'raw').length;
    }
    return judged(labels, decisions);
  });
  const { meantLost, spuriousAccepted, meant, spurious } = summed(counts);
  return { meantLost, spuriousAccepted, events, meant, spurious };
}
