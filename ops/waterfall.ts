// A tap as bars on one time line: which stage took how long, where it waited, and when it was over.
import type { StageMs } from './lab/taps.ts';
import type { Paint } from './terminal.ts';

export interface Bar {
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: 'work' | 'wait' | 'refused';
}

export interface WaterfallStyle {
  /** Unicode blocks instead of `#` and `.`. */
  readonly blocks: boolean;
  /** Columns for the bars. */
  readonly columns: number;
  /** Milliseconds that the whole width stands for, so that several taps compare. */
  readonly scaleMs: number;
  readonly paint: Paint;
}

/** The stages of a tap that were reached, as bars in time. `refused`: it ended by a refusal after the last of them. */
export function barsOf({ accept, resolve, credential, inject, total }: StageMs, refused: boolean): Bar[] {
  const bars: Bar[] = [];
  let reachedMs = 0;
  const add = (label: string, toMs: number | null, kind: Bar['kind'] = 'work'): void => {
    if (toMs === null) return;
    bars.push({ label, fromMs: reachedMs, toMs: Math.max(reachedMs, toMs), kind });
    reachedMs = Math.max(reachedMs, toMs);
  };
  add('accept', accept);
  add('resolve', resolve);
  add('credential', credential);
  // Until no other band can have been meant.
  add('wait', inject, 'wait');
  add(refused ? 'refuse' : 'inject', total, refused ? 'refused' : 'work');
  return bars;
}

/** One line a bar: label, bar, milliseconds. */
export function waterfall(bars: readonly Bar[], style: WaterfallStyle): string[] {
  return bars.map((bar) => {
    const { paint } = style;
    const took = `${(bar.toMs - bar.fromMs).toFixed(1)} ms`.padStart(LABEL_COLUMNS);
    return `${paint('dim', bar.label.padEnd(LABEL_COLUMNS))} ${drawn(bar, style)} ${paint('dim', took)}`;
  });
}

const LABEL_COLUMNS = 10;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
const COLOURS = { work: 'cyan', wait: 'gray', refused: 'yellow' } as const;

function drawn({ fromMs, toMs, kind }: Bar, { blocks, columns, scaleMs, paint }: WaterfallStyle): string {
  const at = (ms: number): number => Math.min(columns, (ms / scaleMs) * columns);
  const from = Math.min(columns - 1, Math.floor(at(fromMs)));
  const width = Math.max(at(toMs) - from, 1 / 8);
  const bar = blocks ? filled(width, kind) : (kind === 'wait' ? '.' : '#').repeat(Math.max(1, Math.round(width)));
  return ' '.repeat(from) + paint(COLOURS[kind], bar) + ' '.repeat(Math.max(0, columns - from - bar.length));
}

function filled(width: number, kind: Bar['kind']): string {
  if (kind === 'wait') return '░'.repeat(Math.max(1, Math.round(width)));
  const whole = Math.floor(width);
  return '█'.repeat(whole) + (EIGHTHS[Math.floor((width - whole) * 8)] ?? '') || EIGHTHS[1];
}
