// What people do at a terminal, one visit after the other: each touch of the reader and each move of a wrist, with its truth.
import type { Raw } from '../../services/tap-listener/raw.ts';
import { Absences } from './absences.ts';
import { Chance } from './chance.ts';
import { DISTANCE_CM, HABITS, HAND_MS, type Kind } from './habits.ts';
import type { Label } from './labels.ts';
import { Scene, type Person } from './scene.ts';
import { collide, rest, storm, tap, type Place } from './touches.ts';

/** People of one shift at one terminal. */
const PEOPLE = 6;

export interface Visit {
  readonly raws: readonly Raw[];
  readonly labels: readonly Label[];
  readonly endUs: number;
}

export interface StreamOptions {
  readonly seed: number;
  readonly kind: Kind;
  readonly startUs: number;
}

/** Visits without end, by time; the same for the same seed and kind. One visit is held at a time. */
export function* visits({ seed, kind, startUs }: StreamOptions): Generator<Visit> {
  const chance = new Chance(seed);
  const habits = HABITS[kind];
  const people = Array.from({ length: PEOPLE }, (): Person => ({ band: chance.hex(14), uid: `04${chance.hex(12)}` }));
  const place: Place = { readerCm: chance.drawn(DISTANCE_CM.onReader), previous: null };
  const absences = new Absences();
  let us = startUs;
  for (;;) {
    const scene = new Scene({ chance, habits, startUs: us });
    const endUs = scene.us(visit(scene, people, place));
    yield { raws: absences.within(scene.raws(), endUs), labels: scene.labels.toSorted((a, b) => a.t0Us - b.t0Us), endUs };
    us = endUs + Math.round(chance.drawn(HAND_MS.absence) * 1000);
  }
}

/** Somebody comes, does what they came for, and goes; returns when all is still. */
function visit(scene: Scene, people: readonly Person[], place: Place): number {
  const { chance, habits } = scene;
  const person = chance.oneOf(people);
  const isFit = !chance.happens(habits.unfit);
  const worn = isFit || chance.happens(0.5);
  let ms = comes(scene, person, { authenticated: isFit, worn });
  if (chance.happens(habits.passing)) passes(scene, others(people, person)[0]!, ms);
  const checker = chance.happens(habits.confirmed) ? others(people, person)[1]! : null;
  if (checker !== null) standsBeside(scene, checker);
  const [min, max] = habits.tapsAVisit;
  for (let left = Math.floor(chance.between(min, max + 1)); left > 0; left -= 1) {
    ms = tap(scene, person, place, { ms, isFit });
    if (checker !== null && isFit) ms = confirms(scene, person, checker, place, ms);
    ms += scene.drawn(habits.hurried ? HAND_MS.nextTapHurried : HAND_MS.nextTap);
  }
  if (isFit) ms = rest(scene, person, place, ms);
  if (isFit && chance.happens(habits.storms)) ms = storm(scene, person, ms);
  if (checker !== null) scene.wrist(checker, ms + 3_000, scene.drawn(DISTANCE_CM.door));
  return goes(scene, person, ms);
}

function comes(scene: Scene, person: Person, state: { readonly authenticated: boolean; readonly worn: boolean }): number {
  scene.presence(person, 0, state);
  scene.wrist(person, 0, scene.drawn(DISTANCE_CM.door));
  const atWorkMs = scene.chance.between(1_500, 4_000);
  scene.wrist(person, atWorkMs, scene.drawn(DISTANCE_CM.atWork));
  return atWorkMs + scene.chance.between(300, 4_000);
}

function goes(scene: Scene, person: Person, ms: number): number {
  scene.wrist(person, ms, scene.drawn(DISTANCE_CM.atWork));
  scene.wrist(person, ms + 2_500, scene.drawn(DISTANCE_CM.door));
  return ms + 4_000;
}

function passes(scene: Scene, person: Person, ms: number): void {
  const nearestMs = ms + scene.chance.between(0, 6_000);
  scene.presence(person, nearestMs - 1_800, { authenticated: true, worn: true });
  scene.wrist(person, nearestMs - 1_800, scene.drawn(DISTANCE_CM.door));
  scene.wrist(person, nearestMs, scene.drawn(DISTANCE_CM.passing));
  scene.wrist(person, nearestMs + 1_800, scene.drawn(DISTANCE_CM.door));
  scene.gesture({ atMs: nearestMs - 1_800, untilMs: nearestMs + 1_800, band: person.band, via: 'ble', why: 'passing' });
}

function standsBeside(scene: Scene, person: Person): void {
  scene.presence(person, 0, { authenticated: true, worn: true });
  scene.wrist(person, 0, scene.drawn(DISTANCE_CM.door));
  scene.wrist(person, 2_000, scene.drawn(DISTANCE_CM.beside));
}

/** The second person signs after the first, or both at once, and then each alone. */
function confirms(scene: Scene, first: Person, second: Person, place: Place, ms: number): number {
  const { chance, habits } = scene;
  if (!chance.happens(habits.collides)) return tap(scene, second, place, { ms: ms + scene.drawn(HAND_MS.checker), isFit: true });
  const collided = collide(scene, [first, second], ms + scene.drawn(HAND_MS.checker));
  const again = tap(scene, first, place, { ms: collided + scene.drawn(HAND_MS.again), isFit: true });
  return tap(scene, second, place, { ms: again + scene.drawn(HAND_MS.checker), isFit: true });
}

const others = (people: readonly Person[], person: Person): readonly Person[] => people.filter((other) => other !== person);
