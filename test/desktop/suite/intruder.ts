// A process of its own that gives the keyboard to other windows: `intruder.ts DISPLAY`. For each line, a list of
// `[milliseconds, window]`, it waits so long and gives the input focus to the window, one after the other, and says `done`.
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { X11 } from '../../../platform/linux/x11.ts';

/** Timers are too coarse for what comes between two keys. */
const COARSE_MS = 5;
const [display = ''] = process.argv.slice(2);
const x11 = new X11(display);
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  for (const [ms, window] of JSON.parse(line) as [number, number][]) {
    const endMs = performance.now() + ms;
    if (ms > COARSE_MS) await after(ms - COARSE_MS);
    while (performance.now() < endMs);
    x11.setInputFocus(window);
  }
  process.stdout.write('done\n');
}
