// The yardstick of a fill in a browser: as many keys, each sent when the page itself has told by a socket that it holds the one
// before. Nothing is checked and nothing looked at, so no tap that stops within one character takes less.
import { X11 } from '../../platform/linux/x11.ts';
import type { FormPage } from './form-page.ts';
import { quantile } from './quantile.ts';

const ROUNDS = 10;
const WARM = 2;
const KEYSYM_A = 0x61;
const TYPED_WITHIN_MS = 2000;

/** Milliseconds at p50 for so many keys into the page that is in front. Rejects where one does not arrive. */
export async function bareKeys(display: string, page: FormPage, keys: number): Promise<number> {
  const x11 = new X11(display);
  try {
    const keycode = x11.minKeycode + x11.keyboardMapping().findIndex((row) => row.includes(KEYSYM_A));
    const took: number[] = [];
    for (let round = 0; round < WARM + ROUNDS; round++) {
      await page.fresh('Sign in', { tells: true });
      const fromMs = performance.now();
      for (let key = 0; key < keys; key++) {
        const typed = page.typed(TYPED_WITHIN_MS);
        x11.grabbed(() => [true, false].forEach((press) => x11.key(keycode, press)));
        if (!(await typed)) throw new Error('a key did not reach the page');
      }
      took.push(performance.now() - fromMs);
    }
    return quantile(took.slice(WARM), 0.5);
  } finally {
    x11.close();
  }
}
