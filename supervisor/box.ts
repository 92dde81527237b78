// What keeps the product from running, in a box on the desktop: a person who logs in or clicks sees no terminal.
import { setTimeout as after } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import { platformFor } from '../platform/index.ts';
import { desktopAddress } from '../runtime/desktop.ts';

/** A box that nobody dismisses does not keep the process. */
const BOX_WITHIN_MS = 60_000;

/** Resolves when the person has dismissed it, a minute later at most, or at once where there is no desktop. Does not throw. */
export async function showBox(config: Pick<Config, 'desktop' | 'environment'>, { title, message }: { readonly title: string; readonly message: string }): Promise<void> {
  const address = desktopAddress(config);
  if (address.kind === 'virtual' && address.endpoint === undefined) return;
  try {
    const show = await (await platformFor(address)).show(address);
    await Promise.race([show.messageBox({ title, message }), after(BOX_WITHIN_MS, undefined, { ref: false })]).finally(() => show.close());
  } catch {
    // The desktop is not there; the terminal and the log have been told.
  }
}
