// A process of its own that steals the keyboard: `thief.ts DISPLAY WINDOW`. For each line `N` it waits N milliseconds
// without yielding, gives the input focus to its window, and says `stolen`.
import { createInterface } from 'node:readline';
import { X11 } from '../../platform/linux/x11.ts';

const [display = '', window = '0'] = process.argv.slice(2);
const x11 = new X11(display);
console.log('ready');
createInterface({ input: process.stdin }).on('line', (line) => {
  const endMs = performance.now() + Number(line);
  while (performance.now() < endMs);
  x11.setInputFocus(Number(window));
  console.log('stolen');
});
