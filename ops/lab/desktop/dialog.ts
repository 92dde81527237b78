// A native dialog of the lab as its opener sees it: what it says about itself, and what it may be told.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPTS = { gtk3: 'gtk3.py', gtk4: 'gtk4.py', qt5: 'qt5.py' } as const;
/** What a native dialog is made with. */
export type Toolkit = keyof typeof SCRIPTS;

/** Path of the script that shows a dialog of that toolkit. */
export const scriptOf = (toolkit: Toolkit): string => fileURLToPath(new URL(SCRIPTS[toolkit], import.meta.url));

/** What a dialog said so far. */
export interface DialogAccount {
  /** What each field holds; of a drop-down the chosen option. */
  readonly values: Readonly<Record<string, string>>;
  /** Characters that arrived outside of fields. */
  readonly stray: string;
  /** How often its button was pressed. */
  readonly clicks: number;
  /** The field that was last given the focus on order. */
  readonly focused: string | null;
  /** The field that was last replaced on order. */
  readonly replaced: string | null;
  /** How many changes it was ordered to wait for. */
  readonly awaited: number | null;
}

interface Said {
  readonly values?: Record<string, string>;
  readonly stray?: string;
  readonly clicked?: boolean;
  readonly focused?: string;
  readonly replaced?: string;
  readonly awaited?: number;
}

const NOTHING: DialogAccount = { values: {}, stray: '', clicks: 0, focused: null, replaced: null, awaited: null };

/** A dialog process with pipes for its input and output. */
export class Dialog {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #account = NOTHING;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#hear(JSON.parse(line) as Said));
  }

  get account(): DialogAccount {
    return this.#account;
  }

  /** Orders: `{focus: name}`, `{replace: name}`, or `{elsewhereAfter: number}`: after so many changes the button has the focus. */
  tell(order: { readonly focus?: string; readonly replace?: string; readonly elsewhereAfter?: number }): void {
    this.#account = { ...this.#account, focused: null, replaced: null, awaited: null };
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** Resolves with true at the first moment at which `holds`, with false after `withinMs`. */
  until(holds: (account: DialogAccount) => boolean, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(held);
      };
      const look = (): void => void (holds(this.#account) && end(true));
      const timer = setTimeout(() => end(false), withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  #hear(said: Said): void {
    const now = this.#account;
    this.#account = {
      values: said.values ?? now.values,
      stray: now.stray + (said.stray ?? ''),
      clicks: now.clicks + (said.clicked === true ? 1 : 0),
      focused: said.focused ?? now.focused,
      replaced: said.replaced ?? now.replaced,
      awaited: said.awaited ?? now.awaited,
    };
    for (const look of this.#waiting) look();
  }
}
