// The icons, drawn in code: a coloured dot with a white tap wave, so that no theme and no file is needed.

export interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

export const COLOURS = {
  green: { red: 34, green: 154, blue: 76 },
  amber: { red: 224, green: 148, blue: 18 },
  red: { red: 200, green: 36, blue: 40 },
  blue: { red: 38, green: 110, blue: 200 },
} as const;

/** `size` * `size` pixels of 4 bytes, row by row, as a StatusNotifierItem wants them: A, R, G, B. */
export function argb(size: number, colour: Colour): Buffer {
  return paint(size, colour, (alpha, { red, green, blue }) => [alpha, red, green, blue]);
}

/** The same picture as the `image-data` of a notification wants it: R, G, B, A. */
export function rgba(size: number, colour: Colour): Buffer {
  return paint(size, colour, (alpha, { red, green, blue }) => [red, green, blue, alpha]);
}

const WHITE: Colour = { red: 255, green: 255, blue: 255 };

function paint(size: number, colour: Colour, pack: (alpha: number, colour: Colour) => readonly number[]): Buffer {
  const pixels = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const across = (x + 0.5) / size;
      const down = (y + 0.5) / size;
      const alpha = Math.round(255 * edge((0.47 - Math.hypot(across - 0.5, down - 0.5)) * size));
      pixels.set(pack(alpha, blend(colour, WHITE, wave(across, down, size))), (y * size + x) * 4);
    }
  }
  return pixels;
}

/** How much of the wave covers a point: a small dot at the lower left, two arcs that leave it to the upper right. */
function wave(across: number, down: number, size: number): number {
  const right = across - 0.32;
  const up = 0.68 - down;
  const far = Math.hypot(right, up);
  if (far < 0.16) return edge((0.1 - far) * size);
  if (right < 0 || up < 0) return 0;
  return Math.max(...[0.26, 0.44].map((radius) => edge((0.045 - Math.abs(far - radius)) * size)));
}

/** Soft step over one pixel. */
const edge = (pixels: number): number => Math.min(1, Math.max(0, pixels + 0.5));

function blend(from: Colour, to: Colour, share: number): Colour {
  const mix = (a: number, b: number) => Math.round(a + (b - a) * share);
  return { red: mix(from.red, to.red), green: mix(from.green, to.green), blue: mix(from.blue, to.blue) };
}
