// Writes the X server's picture of the screen as a PNG file, with nothing but zlib.
import { crc32, deflateSync } from 'node:zlib';
import type { Picture } from '../../../platform/linux/x11.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const EIGHT_BIT_RGB = [8, 2, 0, 0, 0];

/** Encodes a picture as an 8-bit RGB PNG. */
export function encodePng(picture: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(picture.width, 0);
  header.writeUInt32BE(picture.height, 4);
  header.set(EIGHT_BIT_RGB, 8);
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(scanlines(picture))), chunk('IEND', Buffer.alloc(0))]);
}

// Each line begins with its filter, none.
function scanlines({ width, height, bytesPerLine, bytes }: Picture): Buffer {
  const lines = Buffer.alloc(height * (1 + width * 3));
  let to = 0;
  for (let y = 0; y < height; y++) {
    to++;
    for (let x = 0, from = y * bytesPerLine; x < width; x++, from += 4) {
      lines[to++] = bytes[from + 2] ?? 0;
      lines[to++] = bytes[from + 1] ?? 0;
      lines[to++] = bytes[from] ?? 0;
    }
  }
  return lines;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.byteLength + 8);
  frame.writeUInt32BE(data.byteLength, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), frame.byteLength - 4);
  return frame;
}
