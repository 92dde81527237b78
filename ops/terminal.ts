// How a command speaks: results on stdout, progress on stderr, colour and redrawn lines only where a person looks.
import { styleText } from 'node:util';

export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

export interface Terminal {
  /** One line of result. */
  readonly print: (line: string) => void;
  /** What takes long; on a terminal the line is overwritten by the next one, `null` clears it. */
  readonly progress: (text: string | null) => void;
  /** One line for a person that is no result. */
  readonly note: (line: string) => void;
  /** Paints for stdout; leaves text alone where there is no terminal, or NO_COLOR is set. */
  readonly paint: Paint;
  /** As `paint`, for stderr. */
  readonly paintNote: Paint;
  /** Stdout is a terminal. */
  readonly isInteractive: boolean;
  /** A person reads what is printed, on either stream. */
  readonly isWatched: boolean;
  /** Columns of stdout; 80 where there is no terminal. */
  readonly columns: number;
}

const CLEAR_LINE = '\r\u001b[2K';
const COLUMNS = 80;

export function systemTerminal(): Terminal {
  const { stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on('error', quietIfNobodyReads);
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write(CLEAR_LINE);
    shown = false;
  };
  const paintNote = painter(stderr);
  return {
    print: (line) => {
      clear();
      stdout.write(`${line}\n`);
    },
    note: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    progress: (text) => {
      clear();
      if (text === null) return;
      const line = paintNote('dim', `· ${text}`);
      stderr.write(stderr.isTTY ? line : `${line}\n`);
      shown = stderr.isTTY;
    },
    paint: painter(stdout),
    paintNote,
    isInteractive: stdout.isTTY ?? false,
    isWatched: stdout.isTTY || stderr.isTTY || false,
    columns: stdout.isTTY ? stdout.columns : COLUMNS,
  };
}

const painter = (stream: NodeJS.WriteStream): Paint => (format, text) => styleText(format, text, { stream });

/** `tapline status | head -1` is no error. */
function quietIfNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
