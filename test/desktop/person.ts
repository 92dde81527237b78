// A person at the keyboard of a lab desktop, with an X connection of their own: chooses layouts, presses and holds keys.
import { execFileSync } from 'node:child_process';
import { X11 } from '../../platform/linux/x11.ts';
import type { Lab } from '../platform/linux-stage.ts';

export const Key = { shift: 0xffe1, altGr: 0xfe03, deadAcute: 0xfe51, deadGrave: 0xfe50, compose: 0xff20, apostrophe: 0x27, x: 0x78 } as const;
/** A key that stands for no character. */
export const AUDIO_PLAY = 0x1008ff14;
export const Lock = { caps: 0x2, num: 0x10 } as const;
/** Bits of the keyboard's controls. */
export const Aid = { slow: 0x2, bounce: 0x4, sticky: 0x8 } as const;

const GROUPS = 2;
const LEVELS = 4;

/** Where a keysym is. */
interface Place {
  readonly keycode: number;
  readonly group: number;
  readonly shift: boolean;
  readonly altGr: boolean;
}

export class Person {
  readonly x11: X11;
  readonly #environment: Readonly<Record<string, string>>;

  constructor({ desktop }: Lab) {
    this.x11 = new X11(desktop.address.display ?? '');
    this.#environment = desktop.environment;
  }

  /** Layout as in `us,ru`, or with a variant as in `us(intl)`; `options` as in `compose:menu`. */
  layout(name: string, options = ''): void {
    const [, layout = name, variant = ''] = /^(.+)\((.+)\)$/.exec(name) ?? [];
    execFileSync('setxkbmap', ['-layout', layout, '-variant', variant, '-option', '', '-option', options], { env: { ...this.#environment } });
  }

  has(keysym: number): boolean {
    return this.#find(keysym) !== null;
  }

  hold(keysym: number): void {
    this.x11.key(this.#place(keysym).keycode, true);
    this.x11.sync();
  }

  /** Presses and lets go, with the modifiers that the key needs. */
  tap(keysym: number): void {
    const { keycode, group, shift, altGr } = this.#place(keysym);
    const modifiers = [...(shift ? [this.#place(Key.shift).keycode] : []), ...(altGr ? [this.#place(Key.altGr).keycode] : [])];
    const before = this.x11.keyboardState().lockedGroup;
    this.x11.lockGroup(group);
    for (const modifier of modifiers) this.x11.key(modifier, true);
    this.x11.key(keycode, true);
    this.x11.key(keycode, false);
    for (const modifier of modifiers) this.x11.key(modifier, false);
    this.x11.lockGroup(before);
    this.x11.sync();
  }

  /** Gives every keycode that has no meaning one that writes nothing, until the next layout. */
  takeSpareKeys(): void {
    const rows = this.x11.keyboardMapping();
    const spare = rows.flatMap((row, index) => (row.every((keysym) => keysym === 0) ? [this.x11.minKeycode + index] : []));
    this.x11.mapKeys(spare.map((keycode) => ({ keycode, keysyms: [AUDIO_PLAY] })));
    this.x11.sync();
  }

  /** Takes the hands off the keyboard and leaves it as it was at first. */
  leave(): void {
    for (const keycode of this.x11.pressedKeys()) this.x11.key(keycode, false);
    this.x11.lockModifiers(0xff, 0);
    this.x11.lockGroup(0);
    this.x11.clearLatches();
    this.x11.setTypingAids(0);
    this.x11.sync();
  }

  close(): void {
    this.x11.close();
  }

  #place(keysym: number): Place {
    const place = this.#find(keysym);
    if (place === null) throw new Error(`the layout has no keysym ${keysym.toString(16)}`);
    return place;
  }

  #find(keysym: number): Place | null {
    this.x11.refreshKeyboard();
    for (let group = 0; group < GROUPS; group++) {
      for (let keycode = this.x11.minKeycode; keycode <= this.x11.maxKeycode; keycode++) {
        for (let level = 0; level < LEVELS; level++) {
          if (this.x11.keysymAt(keycode, group, level) === keysym) return { keycode, group, shift: level % 2 === 1, altGr: level > 1 };
        }
      }
    }
    return null;
  }
}
