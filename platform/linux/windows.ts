// The window in front and those behind it, as the X server and the process table tell it.
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Trouble, WindowFacts } from '../port.ts';
import type { X11 } from './x11.ts';

/** Facts of the window that has the keyboard; `no-desktop` without a server, `ambiguous-window` if nothing is in front. */
export function frontWindow(x11: X11): WindowFacts | Trouble {
  if (x11.lost) return { trouble: 'no-desktop', detail: 'the X server is gone' };
  const window = x11.activeWindow();
  if (window === 0) return NONE;
  const facts = factsOf(x11, window);
  if (facts.pid > 0) return facts;
  // A window manager names the window in front for a moment after it has closed.
  return x11.rectangleOf(window) === null ? NONE : UNNAMED;
}

const NONE: Trouble = { trouble: 'ambiguous-window', detail: 'no window is in front' };

/** No rule can be asked about such a program, and none that shows its fields leaves its process out. */
export const UNNAMED: Trouble = { trouble: 'no-accessibility', detail: 'the window does not name its process' };

/** Facts of all windows, the one in front first, then from the top down. */
export function allWindows(x11: X11): readonly WindowFacts[] | Trouble {
  if (x11.lost) return { trouble: 'no-desktop', detail: 'the X server is gone' };
  const front = x11.activeWindow();
  const behind = x11.clients().filter((window) => window !== front).reverse();
  return [...(front === 0 ? [] : [front]), ...behind].map((window) => factsOf(x11, window));
}

function factsOf(x11: X11, window: number): WindowFacts {
  const { pid, title } = x11.toldOf(window);
  const executable = executableOf(pid);
  return { id: String(window), pid, executable, processName: processNameOf(pid, executable), title };
}

// The link of another user's process cannot be read, and a replaced program's link says so.
function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}

function processNameOf(pid: number, executable: string): string {
  if (executable !== '') return basename(executable).replace(/\.(exe|bin)$/i, '');
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
