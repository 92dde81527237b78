// Which raw events are candidates of a tap: marbles for the stream, whose virtual time shows that only stamps decide.
import test from 'ava';
import { from } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { bleTap } from '../../ops/lab/nymi-agent/gesture.ts';
import type { Raw } from '../../services/tap-listener/raw.ts';
import { RSSI_DEFAULTS } from '../../services/tap-listener/rssi.ts';
import { NO_CANDIDATES, stepCandidates, tapCandidates } from '../../services/tap-listener/streams.ts';
import type { Candidate, CandidateState } from '../../services/tap-listener/streams.ts';

const BAND = '02:4E:42:00:00:01';
const OTHER = '02:4E:42:00:00:02';
/** A window of two keeps the marbles short. */
const SHORT = { ...RSSI_DEFAULTS, windowReadings: 2 };
const THREE = { ...RSSI_DEFAULTS, windowReadings: 3 };

/** f far, n near, e at the edge between threshold and rearm line; the other band in capitals; the stamp is the frame. */
const DBM: Readonly<Record<string, number>> = { f: -70, e: -45, n: -30 };

const marbles: readonly (readonly [string, string, string])[] = [
  ['a band that comes near taps once, with the reading that carries the mean over', 'ffnnnn', '---b--'],
  ['a band that rests near when it is first heard does not tap', 'nnnnnn', '------'],
  ['a band that flutters between the lines after its tap does not tap again', 'ffnneenneenn', '---b--------'],
  ['a band that went away and comes back taps again', 'ffnnffnn', '---b---b'],
  ['a band that stays at the edge never taps', 'ffeeee', '------'],
  ['two bands are judged apart', 'fFfFnNnN', '------bB'],
];
for (const [name, input, expected] of marbles) {
  test(name, (t) => {
    new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(({ cold, expectObservable }) => {
      // One reading every 100 ms by its stamp, one every millisecond by the scheduler.
      const values: Record<string, Raw> = {};
      const script = [...input].map((letter, index) => ((values[MARKS[index]!] = reading(letter, index * 100)), MARKS[index]!)).join('');
      const taps: Record<string, Candidate> = {};
      const wanted = [...expected].map((mark, index) => {
        if (mark === '-') return '-';
        taps[MARKS[index]!] = tap(mark === 'b' ? BAND : OTHER, index * 100);
        return MARKS[index]!;
      }).join('');
      expectObservable(cold(script, values).pipe(tapCandidates(SHORT))).toBe(wanted, taps);
    });
  });
}
const MARKS = 'abcdefghijklmnopqrstuvwxyz';

test('a wrist that comes close and leaves twice is two taps, by ten readings and -42 dBm', (t) => {
  const gesture = (startMs: number): Raw[] =>
    bleTap(100).map(({ rssi, afterMs }) => ({ kind: 'rssi', band: BAND, atUs: (startMs + afterMs) * 1000, rssiDbm: rssi }));
  t.deepEqual(collect([...gesture(0), ...gesture(5_000)]).map(({ atUs }) => atUs), [2_100_000, 7_100_000]);
});

test('with the default window of ten, no tap is before the tenth reading', (t) => {
  const rise: Raw[] = [-60, ...Array<number>(20).fill(-20)].map((rssiDbm, index) => ({ kind: 'rssi', band: BAND, atUs: index, rssiDbm }));
  t.deepEqual(collect(rise).map(({ atUs }) => atUs), [9]);
});

test('threshold 0 switches Bluetooth taps off and leaves NFC alone', (t) => {
  const raws: Raw[] = [...[...'ffnnnn'].map((letter, index) => reading(letter, index)), nfc('04AABBCCDDEEFF', BAND)];
  t.deepEqual(collect(raws, { ...SHORT, tapThresholdDbm: 0 }).map((candidate) => candidate.via), ['nfc']);
});

test('a mean that only reaches the threshold is no tap', (t) => {
  const raws: Raw[] = [-70, -70, -42, -42, -42].map((rssiDbm, index) => ({ kind: 'rssi', band: BAND, atUs: index, rssiDbm }));
  t.deepEqual(collect(raws, SHORT), []);
});

test('a band unheard for longer than the memory is new, and must be far first', (t) => {
  const raws = [reading('f', 0), reading('f', 100), reading('n', 6_000), reading('n', 6_100), reading('n', 6_200)];
  t.deepEqual(collect(raws, SHORT), []);
});

test('a crowd of bands is followed up to the bound, and the longest unheard is forgotten', (t) => {
  let state: CandidateState = NO_CANDIDATES;
  for (let at = 0; at < 200; at += 1) {
    [state] = stepCandidates(state, { kind: 'rssi', atUs: at, band: `band-${at}`, rssiDbm: -70 }, RSSI_DEFAULTS);
  }
  t.deepEqual(Object.keys(state.rssi), Array.from({ length: 64 }, (_, index) => `band-${136 + index}`));
});

test('a stream cut at any place and continued from the snapshot decides the same', (t) => {
  const raws = [...'ffnneennffnnffnn'].map((letter, index) => reading(letter, index * 100));
  const whole = collect(raws, SHORT);
  t.is(whole.length, 3);
  for (let cut = 0; cut <= raws.length; cut += 1) {
    let snapshot = NO_CANDIDATES;
    const before = collect(raws.slice(0, cut), SHORT, NO_CANDIDATES, (state) => (snapshot = state));
    const after = collect(raws.slice(cut), SHORT, JSON.parse(JSON.stringify(snapshot)) as CandidateState);
    t.deepEqual([...before, ...after], whole);
  }
});

const uids: readonly (readonly [string, string, string | null, Partial<Candidate>])[] = [
  ['an id that the Agent knows is its band', '04 aa:bb', BAND, { kind: 'candidate', band: BAND, idClass: 'good' }],
  ['a whole id that it does not know is foreign, in one spelling', '04:aa:bb-cc dd ee ff', null, { kind: 'candidate', band: '04AABBCCDDEEFF', idClass: 'foreign' }],
  ['a four-byte id is whole', 'DEADBEEF', null, { kind: 'candidate', idClass: 'foreign' }],
  ['no id is empty', '', null, { kind: 'unreadable', idClass: 'empty' }],
  ['an id of zeros is empty', '00000000', null, { kind: 'unreadable', idClass: 'empty' }],
  ['half an id is truncated', '04AABB', null, { kind: 'unreadable', idClass: 'truncated' }],
  ['an id that is no hex is truncated', 'zzzzzzzz', null, { kind: 'unreadable', idClass: 'truncated' }],
];
for (const [name, uid, band, expected] of uids) {
  test(`NFC: ${name}`, (t) => {
    t.like(collect([nfc(uid, band)])[0], { atUs: 5, via: 'nfc', ...expected } as Candidate);
  });
}

const touches: readonly (readonly [string, string, string])[] = [
  ['what Bluetooth hears of a wrist on the reader is no tap of its own', 'fffTnnnnnn', '---T------'],
  ['a wrist that was lifted from the reader and comes to the adapter taps', 'fTnnffffnnn', '-T--------b'],
  ['seen again by the reader without having been lifted, it is held', 'ffTnnnnTnn', '--T----H--'],
  ['one single far reading does not lift it', 'ffTnfnnTnn', '--T----H--'],
  ['seen again after it was lifted, it is a new touch', 'ffTnfffnnTnn', '--T------T--'],
  ['unheard in between, it is a new touch', 'ffTT', '--TT'],
  ['near the adapter for longer than anyone holds a band on a reader, it is a new touch', `ffT${'n'.repeat(25)}T`, `--T${'-'.repeat(25)}T`],
];
for (const [name, input, expected] of touches) {
  test(`with a reader beside the adapter: ${name}`, (t) => {
    const raws = [...input].map((letter, at): Raw => (letter === 'T' ? { kind: 'nfc', atUs: at * 100_000, uid: '04AABBCCDDEEFF', band: BAND } : reading(letter, at * 100)));
    const got = collect(raws, THREE);
    const marks = raws.map(({ atUs }) => got.filter((candidate) => candidate.atUs === atUs).map(markOf).join('') || '-').join('');
    t.is(marks, expected);
  });
}
const markOf = (candidate: Candidate): string => (candidate.kind !== 'candidate' ? 'X' : candidate.via === 'ble' ? 'b' : candidate.held ? 'H' : 'T');

const changes: readonly (readonly [string, string, string])[] = [
  ['while it comes near, it is dropped by that reason, once', 'ffeENNNNN', '-----X---'],
  ['while it is far, the new id is as good', 'ffffFFNNN', '--------B'],
  ['while it rests near, nothing is dropped', 'nnnnNNNNN', '---------'],
  ['but both are heard on, they are two', 'ffeEeNNNN', '---------'],
  ['but the new one is of another place, they are two', 'ffffNNNNN', '---------'],
  ['and the new one stays at the edge, there is no gesture', `ffe${'E'.repeat(30)}NN`, '-'.repeat(35)],
];
for (const [name, input, expected] of changes) {
  test(`when the id of a band changes ${name}`, (t) => {
    const got = collect([...input].map((letter, at) => reading(letter, at * 100)), THREE);
    const at = (atUs: number): Candidate | undefined => got.find((candidate) => candidate.atUs === atUs);
    const drawn = (candidate: Candidate | undefined): string => (candidate === undefined ? '-' : candidate.kind === 'candidate' ? 'B' : 'X');
    t.is([...input].map((_, index) => drawn(at(index * 100_000))).join(''), expected);
    t.true(got.every((candidate) => candidate.kind === 'candidate' || (candidate.kind === 'unfit' && candidate.why === 'id-changed')));
  });
}

const FIT = { kind: 'presence', atUs: 1, band: BAND, presence: 'yes', authenticated: true, worn: true } as const;
const AWAY = { ...FIT, presence: 'no' } as const;
const presences: readonly (readonly [string, readonly Raw[], string | null])[] = [
  ['nothing was told', [], null],
  ['all is well', [FIT], null],
  ['the Agent does not tell whether it is worn', [{ ...FIT, worn: null }], null],
  ['nobody proved who they are', [{ ...FIT, authenticated: false }], 'not-authenticated'],
  ['it is not worn', [{ ...FIT, worn: false }], 'not-worn'],
  ['it is gone, so that the id is that of the card before', [AWAY], 'gone'],
  ['it has not been heard for some seconds, as radios do', [{ ...FIT, presence: 'unlikely' }], null],
  ['it went and came back', [AWAY, FIT], null],
  ['it went and is heard', [AWAY, reading('f', 0)], null],
  ['it is heard, and still nobody proved who they are', [{ ...AWAY, authenticated: false }, reading('f', 0)], 'not-authenticated'],
  ['another one is gone', [{ ...AWAY, band: OTHER }], null],
];
for (const [name, told, why] of presences) {
  test(`a band on the reader when ${name}: ${why ?? 'it taps'}`, (t) => {
    const [got] = collect([...told, nfc('04AABBCCDDEEFF', BAND)]);
    t.like(got, why === null ? { kind: 'candidate', band: BAND } : { kind: 'unfit', via: 'nfc', band: BAND, why, atUs: 5 });
  });
}

const reads: readonly (readonly [string, string, string | null])[] = [
  ['it was read before, is elsewhere, and another wrist is at the adapter', 'TfffNNNT', 'previous-id'],
  ['it was not read before: the id of another card is never swallowed', 'fffNNNT', null],
  ['it is at the adapter as well', 'TnnnNNNT', null],
  ['nobody is at the adapter', 'TfffFFFT', null],
  ['where it is has not been heard', 'TNNNT', null],
  ['it fell silent, and another wrist is at the adapter', `Tfff${'F'.repeat(50)}NNNT`, 'previous-id'],
  ['where it is was heard too long ago', 'Tfff' + 'N'.repeat(12) + 'T', null],
];
for (const [name, input, why] of reads) {
  test(`the reader gives the id of a band when ${name}: ${why ?? 'it taps'}`, (t) => {
    const raws = [...input].map((letter, at): Raw => (letter === 'T' ? { ...nfc('04AABBCCDDEEFF', BAND), atUs: at * 100_000 } : reading(letter, at * 100)));
    const last = collect(raws, THREE).filter(({ via }) => via === 'nfc').at(-1);
    t.like(last, why === null ? { kind: 'candidate', band: BAND } : { kind: 'unfit', band: BAND, why });
  });
}

test('a band that is not worn does not tap over Bluetooth, and bands told of are bounded', (t) => {
  t.like(collect([{ ...FIT, worn: false }, ...[...'ffnn'].map((letter, at) => reading(letter, at * 100))], SHORT)[0], { kind: 'unfit', via: 'ble', why: 'not-worn' });
  let state: CandidateState = NO_CANDIDATES;
  for (let n = 0; n < 500; n += 1) [state] = stepCandidates(state, { ...AWAY, band: `band-${n}` }, RSSI_DEFAULTS);
  t.is(Object.keys(state.presence ?? {}).length, 256);
});

test('presence is no candidate', (t) => {
  t.deepEqual(collect([{ kind: 'presence', atUs: 1, band: BAND, presence: 'yes', authenticated: true, worn: null }]), []);
});

function collect(raws: readonly Raw[], settings = RSSI_DEFAULTS, start = NO_CANDIDATES, onState?: (state: CandidateState) => void): Candidate[] {
  const got: Candidate[] = [];
  from(raws).pipe(tapCandidates(settings, start, onState)).subscribe((candidate) => got.push(candidate));
  return got;
}

function reading(letter: string, atMs: number): Raw {
  const small = letter.toLowerCase();
  return { kind: 'rssi', atUs: atMs * 1000, band: letter === small ? BAND : OTHER, rssiDbm: DBM[small]! };
}

function tap(band: string, atMs: number): Candidate {
  return { kind: 'candidate', atUs: atMs * 1000, via: 'ble', band, idClass: 'good' };
}

function nfc(uid: string, band: string | null): Raw {
  return { kind: 'nfc', atUs: 5, uid, band };
}
