// What the acceptance suite needs of a desktop under test, apart from the adapter: a person's hands and eyes.
import type { Act, Field, Look } from '../../platform/port.ts';
import type { SceneName } from '../../platform/virtual/scenes.ts';

/** What only some stages can do; scenes go by their own names. */
export const Ability = {
  /** Windows hold documents with a URL. */
  documents: 'documents',
  /** Fields of documents carry their HTML names. */
  htmlNames: 'htmlNames',
  /** Fields carry the accessible names of the scene. */
  labels: 'labels',
  /** An element can be replaced by one of the same name. */
  replace: 'replace',
  /** Another document can be opened in the same window. */
  navigate: 'navigate',
  /** Characters that no key of the layout gives can be written. */
  unicode: 'unicode',
  /** An option of a drop-down can be chosen. */
  choose: 'choose',
  /** The adapter sees how many characters arrived. */
  verify: 'verify',
} as const;
export type Ability = (typeof Ability)[keyof typeof Ability];

/** The stage's own name of a window that it opened. */
export type WindowKey = string;

export interface Seen {
  /** Value of every field by its name (of a drop-down: the chosen option), for every window that is open. */
  readonly windows: Readonly<Record<WindowKey, Readonly<Record<string, string>>>>;
  /** Characters that arrived anywhere but in a field of these windows. */
  readonly stray: string;
  /** How often any form was submitted. */
  readonly submits: number;
}

/**
 * One desktop with one adapter on it. Each action returns when the desktop has done it; the adapter may learn of it
 * a little later. Rejects where the stage itself fails.
 */
export interface Stage {
  readonly look: Look;
  readonly act: Act;
  /** Opens a page of that name in a window of its own and brings it to the front. */
  open(scene: SceneName): Promise<WindowKey>;
  /** Puts the focus into a field of the window in front, as a person would. */
  focus(window: WindowKey, field: string): Promise<void>;
  /** Brings a window to the front. */
  raise(window: WindowKey): Promise<void>;
  close(window: WindowKey): Promise<void>;
  /** Puts a new, empty element of the same name in the place of the old one. */
  replace(window: WindowKey, field: string): Promise<void>;
  /** Opens another scene in the same window. */
  navigate(window: WindowKey, scene: SceneName): Promise<void>;
  seen(): Promise<Seen>;
  /** Name of a field in its scene. */
  nameOf(field: Field): string;
  /** Closes all windows and forgets what was seen. */
  reset(): Promise<void>;
  end(): Promise<void>;
}

/** `can` is known before anything is started: tests of what a stage cannot do are not registered. */
export interface StageFactory {
  readonly can: ReadonlySet<Ability | SceneName>;
  start(): Promise<Stage>;
}

/** Runs `probe` until `good` says yes, at most `forMs`; gives the last answer either way. */
export async function eventually<T>(probe: () => Promise<T>, good: (answer: T) => boolean, forMs = 3_000): Promise<T> {
  const endMs = performance.now() + forMs;
  for (;;) {
    const answer = await probe();
    if (good(answer) || performance.now() > endMs) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
