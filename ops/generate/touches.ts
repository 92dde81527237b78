// Each way to touch a reader or to come near an adapter, meant or not.
import { seenAfterMs } from './answers.ts';
import { DISTANCE_CM, HAND_MS, READER_MS } from './habits.ts';
import { dbmAt, type Person, type Scene } from './scene.ts';
import type { Why } from './labels.ts';

/** The terminal's own: where the reader stands from the adapter, and which card it read last. */
export interface Place {
  readonly readerCm: number;
  previous: Person | null;
}

/** A read that is not a gesture of its own has no length. */
const AN_INSTANT_MS = 1;
/** A reader nearer than this hears what the adapter hears: one gesture may reach the threshold of both radios. */
const BOTH_HEAR_DBM = -44;

/** Reaches for reader or adapter; returns when the person has seen what came of it. */
export function tap(scene: Scene, person: Person, place: Place, { ms, isFit }: { readonly ms: number; readonly isFit: boolean }): number {
  return scene.chance.happens(scene.habits.byBluetooth) ? atAdapter(scene, person, ms, isFit) : atReader(scene, person, place, { ms, isFit });
}

const UNFIT = (isFit: boolean): { readonly why?: Why } => (isFit ? {} : { why: 'unfit' });

function atAdapter(scene: Scene, person: Person, ms: number, isFit: boolean): number {
  const { hurried } = scene.habits;
  const reachMs = scene.drawn(hurried ? HAND_MS.reachHurried : HAND_MS.reach);
  const holdMs = scene.drawn(hurried ? HAND_MS.atAdapterHurried : HAND_MS.atAdapter);
  const held = scene.drawn(DISTANCE_CM.held);
  moves(scene, person, { fromMs: ms, nearMs: ms + reachMs, awayMs: ms + reachMs + holdMs, reachMs, cm: held });
  const endMs = ms + reachMs + holdMs + reachMs;
  scene.gesture({ atMs: ms, untilMs: endMs + 500, band: person.band, via: 'ble', ...UNFIT(isFit) });
  return endMs;
}

interface Move {
  readonly fromMs: number;
  readonly nearMs: number;
  readonly awayMs: number;
  readonly reachMs: number;
  readonly cm: number;
}

function moves(scene: Scene, person: Person, { fromMs, nearMs, awayMs, reachMs, cm }: Move): void {
  scene.wrist(person, fromMs, scene.drawn(DISTANCE_CM.atWork));
  scene.wrist(person, nearMs, cm);
  scene.wrist(person, awayMs, cm);
  scene.wrist(person, awayMs + reachMs, scene.drawn(DISTANCE_CM.atWork));
}

function atReader(scene: Scene, person: Person, place: Place, { ms, isFit }: { readonly ms: number; readonly isFit: boolean }): number {
  const { chance, habits } = scene;
  const reachMs = scene.drawn(habits.hurried ? HAND_MS.reachHurried : HAND_MS.reach);
  const holdMs = scene.drawn(habits.hurried ? HAND_MS.onReaderHurried : HAND_MS.onReader);
  const touchMs = ms + reachMs;
  const firstMs = touchMs + misread(scene, person, place, touchMs);
  const leavesMs = Math.max(touchMs + holdMs, firstMs + 50);
  moves(scene, person, { fromMs: ms, nearMs: touchMs, awayMs: leavesMs, reachMs, cm: place.readerCm });
  scene.read(firstMs, person);
  scene.gesture({ atMs: firstMs, untilMs: leavesMs, band: person.band, via: 'nfc', ...UNFIT(isFit) });
  place.previous = person;
  const again = (atMs: number, why: Why): void => readAgain(scene, person, atMs, isFit ? why : 'unfit');
  if (chance.happens(habits.polls)) polled(scene, { fromMs: firstMs, untilMs: leavesMs }, (atMs) => again(atMs, 'polled'));
  if (chance.happens(habits.bounces)) bounced(scene, leavesMs, (atMs) => again(atMs, 'bounce'));
  if (dbmAt(place.readerCm) > BOTH_HEAR_DBM) scene.gesture({ atMs: ms, untilMs: leavesMs + reachMs + 1_500, band: person.band, via: 'ble', why: 'other-radio' });
  const seenMs = firstMs + seenAfterMs(person.band, scene.us(firstMs));
  const impatientMs = firstMs + scene.drawn(HAND_MS.impatience);
  const isImpatient = chance.happens(habits.impatient) && impatientMs > leavesMs && impatientMs < seenMs + HAND_MS.impatience.min;
  if (isImpatient) again(impatientMs, 'impatient');
  return Math.max(seenMs, leavesMs + reachMs, isImpatient ? impatientMs : 0);
}

function readAgain(scene: Scene, person: Person, atMs: number, why: Why): void {
  scene.read(atMs, person);
  scene.gesture({ atMs, untilMs: atMs + AN_INSTANT_MS, band: person.band, via: 'nfc', why });
}

function polled(scene: Scene, { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }, read: (atMs: number) => void): void {
  const pollMs = scene.drawn(READER_MS.poll);
  for (let ms = fromMs + pollMs; ms < untilMs; ms += pollMs) read(ms);
}

/** The wrist leaves through the edge of the field. */
function bounced(scene: Scene, leavesMs: number, read: (atMs: number) => void): void {
  let ms = leavesMs;
  for (let left = Math.floor(scene.chance.between(1, 4)); left > 0; left -= 1) {
    ms += scene.drawn(READER_MS.bounce);
    read(ms);
  }
}

const NO_IDS = ['', '00000000', '04', '04A1B2'];

/** How much later than the touch the first good read is; bad ones come before it. */
function misread(scene: Scene, person: Person, { previous }: Place, touchMs: number): number {
  const { chance, habits } = scene;
  const isStale = chance.happens(habits.previousId) && previous !== null && previous !== person;
  if (!isStale && !chance.happens(habits.unreadable)) return 0;
  if (isStale) readAgain(scene, previous, touchMs, 'previous-id');
  else unreadable(scene, touchMs, 'unreadable');
  return scene.drawn(READER_MS.reread);
}

function unreadable(scene: Scene, atMs: number, why: Why): void {
  scene.read(atMs, { uid: scene.chance.oneOf(NO_IDS), band: null });
  scene.gesture({ atMs, untilMs: atMs + AN_INSTANT_MS, band: '', via: 'nfc', why });
}

/** Two wrists at one reader: nobody can say who was meant, so that both taps are lost and made again. */
export function collide(scene: Scene, people: readonly Person[], ms: number): number {
  let atMs = ms;
  for (const person of people) {
    scene.read(atMs, person);
    scene.gesture({ atMs, untilMs: atMs + 50, band: person.band, via: 'nfc' });
    atMs += scene.chance.between(15, 250);
  }
  return atMs;
}

/** After work the wrist comes to rest where it should not, or the band is put down on the reader. */
export function rest(scene: Scene, person: Person, place: Place, ms: number): number {
  const { chance, habits } = scene;
  if (chance.happens(habits.rests)) return restsBeside(scene, person, ms);
  return chance.happens(habits.lies) ? liesOnReader(scene, person, place, ms) : ms;
}

function restsBeside(scene: Scene, person: Person, fromMs: number): number {
  const untilMs = fromMs + scene.drawn(HAND_MS.rest);
  let ms = fromMs;
  while (ms < untilMs) {
    const nextMs = Math.min(untilMs, ms + scene.drawn(HAND_MS.shift));
    const cm = scene.drawn(DISTANCE_CM.resting);
    scene.wrist(person, ms + 300, cm);
    scene.wrist(person, Math.max(nextMs, ms + 301), cm);
    scene.gesture({ atMs: ms, untilMs: nextMs, band: person.band, via: 'ble', why: 'resting' });
    ms = nextMs;
  }
  return ms + 500;
}

/** Put down, it taps once; taken up and put down again, once more. */
function liesOnReader(scene: Scene, person: Person, place: Place, fromMs: number): number {
  let ms = fromMs;
  for (let times = 0; times < 2; times += 1) {
    const untilMs = ms + scene.drawn(HAND_MS.rest);
    moves(scene, person, { fromMs: ms - 400, nearMs: ms, awayMs: untilMs, reachMs: 400, cm: place.readerCm });
    scene.read(ms, person);
    scene.gesture({ atMs: ms, untilMs: ms + 50, band: person.band, via: 'nfc' });
    place.previous = person;
    polled(scene, { fromMs: ms, untilMs }, (atMs) => readAgain(scene, person, atMs, 'lying'));
    ms = untilMs + scene.chance.between(1_200, 5_000);
  }
  return ms;
}

/** A reader that has gone mad, or a band that swings at the edge of its field: reads without a meaning, many a second. */
export function storm(scene: Scene, person: Person, fromMs: number): number {
  const { chance } = scene;
  const untilMs = fromMs + chance.between(8_000, 30_000);
  const isMad = chance.happens(0.5);
  let ms = fromMs;
  if (!isMad) {
    scene.read(ms, person);
    scene.gesture({ atMs: ms, untilMs: ms + 50, band: person.band, via: 'nfc' });
  }
  for (ms += scene.drawn(READER_MS.bounce); ms < untilMs; ms += scene.drawn(READER_MS.bounce)) {
    if (isMad) unreadable(scene, ms, 'noise');
    else readAgain(scene, person, ms, 'noise');
  }
  return ms + 3_000;
}
