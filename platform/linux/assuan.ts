// The line protocol of pinentry, on bytes: a password passes through here and must never become a string.

/** Assuan allows lines of 1,000 bytes. */
export const LINE_MAX = 1_000;
/** Longest password that a form may give, in bytes. */
export const PIN_MAX = 1_024;

/** One command line. `text` may hold anything; line ends and percent signs are escaped. */
export function command(name: string, text = ''): string {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return `${escaped === '' ? name : `${name} ${escaped}`}\n`;
}

/**
 * Cuts a stream of bytes into lines. Each line is lent to `line` for the length of the call and then overwritten, and so
 * are the chunks that come in. Answers false for a line that is too long; nothing is read after that.
 */
export class Lines {
  readonly #buffer = new Uint8Array(LINE_MAX + 1);
  #length = 0;
  #broken = false;

  push(chunk: Uint8Array, line: (bytes: Uint8Array) => void): boolean {
    for (const byte of chunk) {
      if (this.#broken) break;
      if (byte === LF) {
        line(this.#buffer.subarray(0, this.#length));
        this.wipe();
      } else if (this.#length === this.#buffer.length) {
        this.#broken = true;
      } else {
        this.#buffer[this.#length++] = byte;
      }
    }
    chunk.fill(0);
    return !this.#broken;
  }

  wipe(): void {
    this.#buffer.fill(0);
    this.#length = 0;
  }
}

/** Gathers the password from `D` lines. */
export class Pin {
  readonly #bytes = new Uint8Array(PIN_MAX);
  #length = 0;
  #overflown = false;

  /** Takes the part of a `D` line after `D `, percent-escaped. */
  add(escaped: Uint8Array): void {
    for (let at = 0; at < escaped.length; at++) {
      const high = escaped[at] === PERCENT ? digit(escaped[at + 1]) : -1;
      const low = high < 0 ? -1 : digit(escaped[at + 2]);
      if (this.#length === PIN_MAX) this.#overflown = true;
      else this.#bytes[this.#length++] = low < 0 ? (escaped[at] ?? 0) : high * 16 + low;
      if (low >= 0) at += 2;
    }
  }

  /** A copy that the caller owns; null if it was longer than `PIN_MAX`. */
  take(): Uint8Array<ArrayBuffer> | null {
    const taken = this.#overflown ? null : this.#bytes.slice(0, this.#length);
    this.wipe();
    return taken;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
    this.#overflown = false;
  }
}

const LF = 0x0a;
const PERCENT = 0x25;

/** Value of a hexadecimal digit in ASCII, -1 for anything else. */
function digit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte & ~0x20;
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x41 + 10 : -1;
}
