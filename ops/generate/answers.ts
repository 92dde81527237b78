// What resolver, broker and injector answer to a tap of the generator, and when: fixed by the tap itself, so that the people
// of a stream can wait for their form to be filled before anything has judged them.
import { Chance } from './chance.ts';
import { ANSWERS_MS, REFUSED_SHARE } from './habits.ts';

/** Microseconds from t0. */
export interface Answers {
  /** No login form is in front: the resolver refuses, and nothing else follows. */
  readonly refused: boolean;
  readonly resolvedUs: number;
  /** The credential is at the injector, which begins as soon as the tap is committed. */
  readonly credentialUs: number;
  readonly typingUs: number;
}

export function answersTo(band: string, t0Us: number): Answers {
  const chance = new Chance(hashOf(`${band}@${t0Us}`));
  const us = (what: keyof typeof ANSWERS_MS): number => Math.round(chance.drawn(ANSWERS_MS[what]) * 1000);
  return { refused: chance.happens(REFUSED_SHARE), resolvedUs: us('resolved'), credentialUs: us('credential'), typingUs: us('typing') };
}

/** When a person sees how the tap ended, in milliseconds from t0. */
export function seenAfterMs(band: string, t0Us: number): number {
  const { refused, resolvedUs, credentialUs, typingUs } = answersTo(band, t0Us);
  return (refused ? resolvedUs : credentialUs + typingUs) / 1000;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
