// A tap in plain sentences: what was seen, what was decided, by which rule and number, and where the time went.
import { REASONS, type Reason } from '../contracts/reasons.ts';
import type { Decision } from '../contracts/recording.ts';
import type { ReplaySettings } from './replay-settings.ts';
import { limitsOf, stageBars, type StageBar } from './stages.ts';
import type { Earlier, Story, Via } from './stories.ts';

export interface Explained {
  readonly seen: readonly string[];
  readonly decided: readonly string[];
  readonly time: readonly string[];
}

/** `startedUs`: the beginning of the recording. */
export function explain(story: Story, { budget, rssi }: ReplaySettings, startedUs: number): Explained {
  const { decisions, t0Us } = story;
  const [first] = decisions;
  const ended = decisions.find(({ decision }) => decision === 'ended');
  const rules = { story, budget, rssi };
  return {
    seen: [seen(rules), `That was ${seconds(t0Us - startedUs)} after the recording began.`],
    decided: [
      ...(first === undefined ? ['Nothing was decided about it.'] : first.decision === 'dropped' ? dropped(first, rules) : accepted(rules)),
      ...decisions.flatMap((decision) => followed(decision, rules)),
      ...(decisions.some(({ assumed }) => assumed === true) ? ['What the others would have answered is assumed: the recorded run had no such tap.'] : []),
    ],
    time: ended === undefined ? [] : timeOf(ended, rules),
  };
}

interface Rules extends ReplaySettings {
  readonly story: Story;
}

function seen({ story: { via, band, rssiDbm }, rssi }: Rules): string {
  if (via === 'nfc') return `The reader saw the band ${band}.`;
  const reading = rssiDbm === null ? '' : `, with a reading of ${rssiDbm} dBm`;
  return `Over Bluetooth the band ${band} came near: the mean of ${rssi.windowReadings} readings rose over ${rssi.tapThresholdDbm} dBm${reading}`
    + ' (tap.rssiWindowTap, tap.rssiTapThresholdDbm).';
}

function accepted({ budget }: Rules): string[] {
  return [
    `It counted: the same band had not tapped within ${ms(budget.bounceMs)} (budget.bounceMs), no other band within ${ms(budget.ambiguityMs)} (budget.ambiguityMs), and no tap was under way.`,
  ];
}

/** Why a gesture did not count: the rule, its number, and the gesture that it ran into. */
function dropped({ why, us }: Decision, { story, budget }: Rules): string[] {
  const { band, via, t0Us, earlier } = story;
  const same = (other: Earlier): boolean => other.band === band;
  const ago = (other: Earlier | undefined): string => (other === undefined ? 'shortly before' : `${ms((t0Us - other.t0Us) / 1000)} before`);
  switch (why) {
    case 'bounce': {
      const before = earlier.find((other) => same(other) && other.accepted);
      return [`It did not count: a bounce. The same band had tapped ${ago(before)}; within ${ms(budget.bounceMs)} of a tap that counted, or of being seen on the reader since, or while it stays near, it is the same one (budget.bounceMs).`];
    }
    case 'paired': {
      const before = earlier.find((other) => same(other) && other.via !== via);
      return [`It did not count on its own: ${RADIO[via === 'nfc' ? 'ble' : 'nfc']} had seen the same gesture ${ago(before)}; within ${ms(budget.pairMs)} both radios see one tap (budget.pairMs).`];
    }
    case 'two-bands': {
      const other = earlier.find((before) => !same(before));
      return [`It did not count, nor did the other: the band ${other?.band ?? 'of somebody else'} had tapped ${ago(other)}; within ${ms(budget.ambiguityMs)} nobody can say which was meant (budget.ambiguityMs).`];
    }
    case 'busy': {
      const open = earlier.find((before) => before.accepted);
      return [`It did not count: the tap ${open?.tap ?? 'before it'}, begun ${ago(open)}, had not ended yet.`];
    }
    case 'late': return [
      `It did not count: it was seen ${ms((us - t0Us) / 1000)} after it was made; after ${ms(budget.acceptMs + budget.ambiguityMs)} it cannot be told from others any more (budget.acceptMs and budget.ambiguityMs).`,
    ];
    default: return [`It did not count: ${(why === null ? undefined : CANNOT_MEAN[why]) ?? why ?? 'no reason was given'}.`];
  }
}

/** Gestures that cannot be meant, by why they were dropped. */
const CANNOT_MEAN: Readonly<Record<string, string>> = {
  'unreadable': 'the reader gave no usable id',
  'not-authenticated': 'the wearer had not proved who they are since putting the band on',
  'not-worn': 'the band was not worn',
  'gone': 'the band had not been heard over Bluetooth for so long that it was not here',
  'previous-id': 'the reader gave the id of the card before, whose band was plainly elsewhere while another wrist was at the adapter',
  'id-changed': 'the band changed its Bluetooth id while it came near, so that nobody can say whose gesture it was; tapping again is enough',
};

const RADIO: Readonly<Record<Via, string>> = { nfc: 'the reader', ble: 'Bluetooth' };

function followed({ decision, us, why, outcome }: Decision, { story, budget }: Rules): string[] {
  const since = ms((us - story.t0Us) / 1000);
  switch (decision) {
    case 'committed': return [`It was committed ${since} after the gesture: no other band had tapped within ${ms(budget.ambiguityMs)} (budget.ambiguityMs).`];
    case 'cancelled': return [`From ${since} after the gesture on nobody may type for it: ${why ?? ''}.`];
    case 'ended': return [`It ended ${since} after the gesture as ${outcome ?? 'unknown'}, ${why ?? ''}: ${meaning(why)}${rule(why, story.via, budget)}`];
    default: return [];
  }
}

const meaning = (why: string | null): string => (why !== null && Object.hasOwn(REASONS, why) ? REASONS[why as Reason] : 'no text is known for it.');

/** The number behind a reason, where there is one. */
function rule(why: string | null, via: Via, budget: ReplaySettings['budget']): string {
  const { credentialMs, totalMs } = limitsOf(via, budget);
  const radio = via === 'nfc' ? 'Nfc' : 'Ble';
  switch (why) {
    case 'deadline:resolve': return ` It had ${ms(budget.resolveMs)} (budget.resolveMs).`;
    case 'deadline:credential': return ` It had ${ms(credentialMs)} (budget.credentialMs${radio}).`;
    case 'deadline:injection': return ` An injection takes up to ${ms(budget.injectionMs)} (budget.injectionMs), and the whole tap had ${ms(totalMs)} (budget.totalMs${radio}).`;
    case 'deadline:total': return ` It had ${ms(totalMs)} (budget.totalMs${radio}).`;
    case 'lease-expired': return ` It had ${ms(totalMs)} and ${ms(budget.leaseGraceMs)} of grace (budget.totalMs${radio}, budget.leaseGraceMs).`;
    case 'cancelled:two-bands': return ` The window is ${ms(budget.ambiguityMs)} (budget.ambiguityMs).`;
    default: return '';
  }
}

const STAGE_TEXTS: Readonly<Record<StageBar['name'], string>> = {
  accept: 'to accept it', resolve: 'to find the window and its fields', credential: 'to get the credential', wait: 'waiting to be committed', inject: 'to fill the fields',
};

function timeOf({ stages }: Decision, { story: { via }, budget }: Rules): string[] {
  if (stages === null) return [];
  const { totalMs } = limitsOf(via, budget);
  const bars = stageBars(stages, via, budget);
  const limit = ({ toMs, byMs, open }: StageBar): string =>
    (byMs === null ? '' : `, ${open === true ? 'not over' : 'over'} after ${ms(toMs)} of ${ms(byMs)}${toMs > byMs ? ': too late' : ''}`);
  const lines = bars.map((bar) => `${ms(bar.toMs - bar.fromMs)} ${STAGE_TEXTS[bar.name]} (${bar.actor})${limit(bar)}.`);
  const longest = bars.toSorted((one, other) => other.toMs - other.fromMs - (one.toMs - one.fromMs))[0];
  const most = longest === undefined ? [] : [`Most of it went to one stage: ${ms(longest.toMs - longest.fromMs)} ${STAGE_TEXTS[longest.name]}.`];
  return [`The whole tap took ${ms(stages.total)} of ${ms(totalMs)}.`, ...lines, ...(bars.length > 1 ? most : [])];
}

/** `1,000 ms`, `20.4 ms`. */
const ms = (value: number): string => `${(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10).toLocaleString('en-US')} ms`;
const seconds = (us: number): string => `${(us / 1_000_000).toFixed(3)} s`;
