// What other numbers would have decided: recorded answers hold as long as the tap goes the way it went; beyond it a stated
// model answers, and what follows from it is marked.
import test from 'ava';
import type { Decision } from '../../contracts/recording.ts';
import { ANSWERED } from '../../insight/answers.ts';
import { replayer } from '../../insight/replay.ts';
import type { Changes } from '../../insight/replay-settings.ts';
import { BANDS, recorded, type Happening, type Manner } from './live.ts';

const [ADA, GRACE] = BANDS;
const tap = (ms: number, band: string): Happening => ({ ms, what: 'raw', raw: { kind: 'nfc', uid: band, band } });
const QUICK: Manner = { refuses: false, resolvedMs: 9, begunMs: 20, endedMs: 50 };

const CASES: readonly (readonly [string, readonly Happening[], Partial<Manner>, Changes, readonly string[]])[] = [
  ['a bounce counts where bounces are over sooner; what follows is assumed', [tap(0, ADA), tap(700, ADA)], {}, { budget: { bounceMs: 500 } }, [
    '0 accepted t0', '100 committed t0', '170 ended t0 ok',
    '700 accepted t1 assumed', '800 committed t1 assumed', `${850 + ANSWERED.filledMs} ended t1 ok assumed`,
  ]],
  ['a tap bounces where bounces last longer, and its recorded answers are nobody\'s', [tap(0, ADA), tap(1_500, ADA)], {}, { budget: { bounceMs: 2_000 } }, [
    '0 accepted t0', '100 committed t0', '170 ended t0 ok', '1500 dropped t1 bounce',
  ]],
  ['a later commit makes the injector begin later by as much', [tap(0, ADA)], {}, { budget: { ambiguityMs: 300 } }, [
    '0 accepted t0', '300 committed t0', '370 ended t0 ok assumed',
  ]],
  ['an earlier commit makes nobody answer sooner than they did', [tap(0, ADA)], {}, { budget: { ambiguityMs: 30 } }, [
    '0 accepted t0', '30 committed t0', '170 ended t0 ok',
  ]],
  ['two bands are two taps where the window is shorter', [tap(0, ADA), tap(80, GRACE)], {}, { budget: { ambiguityMs: 40 } }, [
    '0 accepted t0', '40 committed t0', '80 dropped t1 busy', `${150 + ANSWERED.filledMs} ended t0 ok assumed`,
  ]],
  ['who was too late is not, where there is more time', [tap(0, ADA)], { begunMs: 1_500 }, { budget: { credentialMsNfc: 1_900, totalMsNfc: 3_000 } }, [
    '0 accepted t0', '100 committed t0', `${1_550 + ANSWERED.begunMs + ANSWERED.filledMs} ended t0 ok assumed`,
  ]],
  ['who was in time is not, where there is less', [tap(0, ADA)], { begunMs: 400 }, { budget: { credentialMsNfc: 300 } }, [
    '0 accepted t0', '100 committed t0', '350 ended t0 deadline:credential', '350 cancelled t0 deadline:credential',
  ]],
  ['a target that came too late is in time, and the others go on as they usually do', [tap(0, ADA)], { resolvedMs: 40 }, { budget: { resolveMs: 60 } }, [
    '0 accepted t0', '100 committed t0 assumed', `${150 + ANSWERED.filledMs} ended t0 ok assumed`,
  ]],
];

for (const [title, happenings, manner, changed, expected] of CASES) {
  test(title, (t) => {
    const { header, entries } = recorded({ happenings, manners: [{ ...QUICK, ...manner }], lagsMs: [0] });
    const { take, end } = replayer(header, changed);
    t.deepEqual([...entries.flatMap((entry) => take(entry)), ...end()].map(brief), expected);
  });
}

test('Bluetooth by another threshold is seen from the raw events: earlier, later, or not at all', (t) => {
  const { header, entries } = recorded({ happenings: [{ ms: 0, what: 'approach', band: ADA, nearDbm: -40 }], manners: [QUICK], lagsMs: [0] });
  const by = (tapThresholdDbm: number): string[] => {
    const { take, end } = replayer(header, { rssi: { tapThresholdDbm } });
    return [...entries.flatMap((entry) => take(entry)), ...end()].map(brief);
  };
  t.deepEqual(by(-42), ['760 accepted t0', '860 committed t0', '930 ended t0 ok']);
  t.deepEqual(by(-45).map((line) => line.replace(/unrecorded\S+/, 'new')), ['720 accepted new assumed', '820 committed new assumed', '930 ended new ok assumed']);
  t.deepEqual(by(-35), []);
});

test('a gesture of the reader is one gesture, whatever other numbers for Bluetooth make of it', (t) => {
  const raw = (ms: number, rssiDbm: number): Happening => ({ ms, what: 'raw', raw: { kind: 'rssi', band: ADA, rssiDbm } });
  // The wrist stays at the adapter from one touch to the next: held by a threshold that it is above, lifted by one that it is below.
  const near = Array.from({ length: 40 }, (_, n) => raw(100 + n * 40, -45));
  const { header, entries } = recorded({ happenings: [tap(0, ADA), ...near, tap(1_900, ADA)], manners: [QUICK], lagsMs: [0] });
  const gestures = (tapThresholdDbm: number): string[] => {
    const { take, end } = replayer(header, { rssi: { tapThresholdDbm } });
    const decisions = [...entries.flatMap((entry) => take(entry)), ...end()];
    return decisions.filter(({ decision, via }) => via === 'nfc' && (decision === 'accepted' || decision === 'dropped')).map(brief);
  };
  t.deepEqual(gestures(-42), ['0 accepted t0', '1900 dropped t1 bounce']);
  t.deepEqual(gestures(-30), ['0 accepted t0', '1900 accepted t1 assumed']);
});

test('a recording of raw events alone is judged, too', (t) => {
  const { header, entries } = recorded({ happenings: [tap(0, ADA), tap(300, ADA)], manners: [QUICK], lagsMs: [0] });
  const { take, end } = replayer(header, {});
  const lines = [...entries.filter(({ topic }) => topic === 'raw').flatMap((entry) => take(entry)), ...end()].map(brief);
  t.deepEqual(lines.map((line) => line.replace(/unrecorded\S+/, 'new')), [
    '0 accepted new assumed', '100 committed new assumed', '210 ended new ok assumed', '300 dropped new bounce',
  ]);
});

function brief({ us, decision, tap: of, why, assumed }: Decision): string {
  return [us / 1000, decision, of, why, assumed === true ? 'assumed' : null].filter((word) => word !== null).join(' ');
}
