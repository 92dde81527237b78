// What the step of the tap-listener decided, as a recording keeps it and a replay prints it: live and replayed by the same words.
import type { Decision } from '../contracts/recording.ts';
import type { After } from '../runtime/run.ts';
import type { Command, End, Event } from '../services/tap-listener/decide.ts';
import { endBody } from '../services/tap-listener/entries.ts';

/** The decisions in the commands that one event gave at `us`. A drop is of the gesture that `event` told of. */
export function decisionsOf(commands: readonly (Command | After<Event>)[], us: number, event: Event): Decision[] {
  return commands.flatMap((command) => {
    const decided = decisionOf(command, event);
    return decided === null ? [] : [{ topic: 'decision' as const, us, ...decided }];
  });
}

/** One line of JSON, the same for the same decision. */
export const decisionLine = (decision: Decision): string => JSON.stringify(decision);

type Decided = Omit<Decision, 'topic' | 'us'>;
type OfTap = Pick<Decision, 'tap' | 'band' | 'via'>;
const NOBODY: OfTap = { tap: null, band: null, via: null };
const NOTHING_MORE = { why: null, outcome: null, stages: null } as const;

function decisionOf(command: Command | After<Event>, event: Event): Decided | null {
  switch (command.do) {
    case 'accept': return { decision: 'accepted', ...ofTap(command.open), ...NOTHING_MORE };
    case 'commit': return { decision: 'committed', ...ofTap(command.open), ...NOTHING_MORE };
    case 'cancel': return { decision: 'cancelled', ...ofTap(command.open), ...NOTHING_MORE, why: command.reason };
    case 'drop': return { decision: 'dropped', ...ofGesture(event), ...NOTHING_MORE, why: command.why };
    case 'end': return ended(command.end);
    case 'warn-storm': return { decision: 'storm-warned', ...NOBODY, ...NOTHING_MORE };
    case 'journal':
    case 'after': return null;
  }
}

function ended(end: End): Decided {
  const { outcome, reason, stages } = endBody(end);
  return { decision: 'ended', ...ofTap(end.tap), why: reason, outcome, stages };
}

const ofGesture = (event: Event): OfTap => ('band' in event ? { tap: 'tap' in event ? event.tap : null, band: event.band, via: event.via } : NOBODY);
const ofTap = ({ tap, band, via }: { readonly [K in keyof OfTap]: NonNullable<OfTap[K]> }): OfTap => ({ tap, band, via });
