// What was meant, where no sidecar tells: read from what people did next. Somebody whose gesture was dropped, who then lifted
// the hand and tapped again within five seconds, had meant it; somebody whose form was filled had meant that tap.
import type { Decision } from '../../contracts/recording.ts';
import type { Label } from '../generate/labels.ts';

const AGAIN_WITHIN_US = 5_000_000;
/** A hand that was lifted is away for longer; reads closer together are one hand. */
const LIFTED_US = 700_000;
/** The deciding reading moves with the numbers: a tap over Bluetooth is the same one within this time. */
const NEAR_US = { nfc: 1_000, ble: 1_000_000 } as const;

interface Gesture {
  readonly us: number;
  readonly via: 'nfc' | 'ble';
  readonly band: string;
  readonly tap: string | null;
  readonly accepted: boolean;
  filled: boolean;
}

/** Labels by time, from the decisions as they were recorded. */
export function labelsFromBehaviour(decisions: Iterable<Decision>): readonly Label[] {
  const byBand = Map.groupBy(gesturesOf(decisions), ({ band }) => band);
  const labels = [...byBand.values()].flatMap((gestures) => gestures.map((gesture, at) => labelOf(gesture, wasMeant(gestures, at))));
  return labels.toSorted((a, b) => a.t0Us - b.t0Us);
}

function gesturesOf(decisions: Iterable<Decision>): readonly Gesture[] {
  const gestures: Gesture[] = [];
  for (const { decision, us, band, via, tap, outcome } of decisions) {
    const isGesture = decision === 'accepted' || decision === 'dropped';
    if (isGesture && band !== null && via !== null) gestures.push({ us, via, band, tap, accepted: decision === 'accepted', filled: false });
    if (decision !== 'ended' || outcome === null || !outcome.startsWith('filled')) continue;
    const ended = gestures.findLast((gesture) => gesture.accepted && gesture.tap === tap);
    if (ended !== undefined) ended.filled = true;
  }
  return gestures;
}

/** Of one band, by time. */
function wasMeant(gestures: readonly Gesture[], at: number): boolean {
  const gesture = gestures[at]!;
  if (gesture.accepted && gesture.filled) return true;
  const isServed = gestures.some(({ us, filled }) => filled && us <= gesture.us && gesture.us - us < AGAIN_WITHIN_US);
  if (isServed) return false;
  for (let next = at + 1; next < gestures.length && gestures[next]!.us - gesture.us <= AGAIN_WITHIN_US; next += 1) {
    if (gestures[next]!.us - gestures[next - 1]!.us >= LIFTED_US) return true;
  }
  return false;
}

const labelOf = ({ us, via, band }: Gesture, meant: boolean): Label =>
  ({ t0Us: us - NEAR_US[via], untilUs: us + NEAR_US[via], band, via, meant, why: meant ? null : 'noise' });
