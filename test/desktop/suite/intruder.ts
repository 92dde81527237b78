// A process of its own that gives the keyboard to other windows: `intruder.ts DISPLAY`. For each line, a list of
// `[milliseconds, window]`, it waits so long and gives the input focus to the window, one after the other, and says `done`.
import { createInterface } from 'node:readline';
import { X11 } from '../../../platform/linux/x11.ts';

const [display = ''] = process.argv.slice(2);
const x11 = new X11(display);
process.stdout.write('ready\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  for (const [ms, window] of JSON.parse(line) as [number, number][]) {
    const endMs = performance.now() + ms;
    // Timers are too coarse for what comes between two keys.
    while (performance.now() < endMs);
    x11.setInputFocus(window);
  }
  process.stdout.write('done\n');
});
