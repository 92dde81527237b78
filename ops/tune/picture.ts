// A tuning as one page without anything from elsewhere: lost against let through, a point for each combination, and the table.
import type { Swept } from './sweep.ts';
import { HEADS, isOnFront, lostShare, lostText, remarkOf, throughShare, throughText, type Tuned } from './told.ts';

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 70;
const BOTTOM = 390;
const TOP = 24;
const RIGHT = 730;
const NAME_WIDTH = 48;
const NAME_HEIGHT = 13;
/** A share below which only 0 is of interest. */
const SMALLEST = 0.0005;

export interface Picture {
  readonly swept: readonly Swept[];
  readonly all: readonly Tuned[];
  readonly files: readonly string[];
  /** Where the labels come from. */
  readonly labels: string;
}

export function pageOf({ swept, all, files, labels }: Picture): string {
  const names = swept.map(({ name }) => name).join(', ');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tuning of ${escaped(names)}</title><style>${STYLE}</style></head><body><main>
<h1>Tuning of ${escaped(names)}</h1>
<p>${files.length === 1 ? 'One recording' : `${files.length} recordings`}: ${escaped(files.join(', '))}. What was meant: ${escaped(labels)}.</p>
${chart(swept, all)}
<p>Nearer to the lower left corner is better. Filled points: no other combination is better in both. The ring marks the numbers as recorded.</p>
${table(swept, all)}
</main></body></html>
`;
}

const STYLE = [
  ':root{color-scheme:light dark;--ink:#1d2733;--soft:#6b7785;--line:#d5dbe2;--front:#0b6bcb;--back:#fff}',
  '@media (prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9aa6b2;--line:#3a444f;--front:#5eb0ff;--back:#14191f}}',
  'body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);margin:2rem}main{max-width:60rem;margin:auto}h1{font-size:1.4rem}',
  'svg{width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}.axis{stroke:var(--line)}.way{stroke:var(--soft);fill:none}',
  '.point{fill:var(--back);stroke:var(--front);stroke-width:1.5}.front{fill:var(--front)}.recorded{fill:none;stroke:var(--ink);stroke-width:1.5}',
  'table{border-collapse:collapse}th,td{text-align:right;padding:.2rem .8rem;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:500}td:last-child{text-align:left;color:var(--soft)}',
].join('\n');

interface Point {
  readonly tuned: Tuned;
  readonly x: number;
  readonly y: number;
}

function chart(swept: readonly Swept[], all: readonly Tuned[]): string {
  const x = scale(Math.max(...all.map(lostShare)), LEFT, RIGHT);
  const y = scale(Math.max(...all.map(throughShare)), BOTTOM, TOP);
  const points = all.map((tuned): Point => ({ tuned, x: x.at(lostShare(tuned)), y: y.at(throughShare(tuned)) }));
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Spurious taps let through against meant taps lost">`,
    ...x.ticks.map((share) => line(x.at(share), TOP, x.at(share), BOTTOM) + text(x.at(share), BOTTOM + 18, 'middle', percent(share))),
    ...y.ticks.map((share) => line(LEFT, y.at(share), RIGHT, y.at(share)) + text(LEFT - 8, y.at(share) + 4, 'end', percent(share))),
    text((LEFT + RIGHT) / 2, HEIGHT - 8, 'middle', HEADS[0]) + text(LEFT, TOP - 10, 'start', HEADS[1]),
    swept.length === 1 ? `<polyline class="way" points="${points.map((point) => `${fixed(point.x)},${fixed(point.y)}`).join(' ')}"/>` : '',
    ...points.map((point) => spot(point, swept, all)),
    ...namesOf(points),
    '</svg>',
  ].join('\n');
}

const line = (x1: number, y1: number, x2: number, y2: number): string => `<line class="axis" x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"/>`;
const text = (x: number, y: number, anchor: string, words: string): string => `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;

function spot({ tuned, x, y }: Point, swept: readonly Swept[], all: readonly Tuned[]): string {
  const what = swept.map(({ name }, column) => `${name}=${tuned.values[column]}`).join(', ');
  const title = `<title>${escaped(`${what}: lost ${lostText(tuned)}, let through ${throughText(tuned)}`)}</title>`;
  const ring = tuned.isRecorded ? `<circle class="recorded" cx="${fixed(x)}" cy="${fixed(y)}" r="9"/>` : '';
  return `${ring}<circle class="point${isOnFront(tuned, all) ? ' front' : ''}" cx="${fixed(x)}" cy="${fixed(y)}" r="5">${title}</circle>`;
}

/** Values beside the points; one that would lie over another is left to the table. */
function namesOf(points: readonly Point[]): readonly string[] {
  const named: Point[] = [];
  for (const point of points.toSorted((one, other) => Number(other.tuned.isRecorded) - Number(one.tuned.isRecorded))) {
    if (!named.some(({ x, y }) => Math.abs(x - point.x) < NAME_WIDTH && Math.abs(y - point.y) < NAME_HEIGHT)) named.push(point);
  }
  return named.map(({ tuned, x, y }) => text(x + 12, y + 4, 'start', tuned.values.join(' ')));
}

interface Scale {
  readonly at: (share: number) => number;
  readonly ticks: readonly number[];
}

/** Decades, down to the smallest that is of interest, and then to 0: one in a thousand matters as one in ten does. */
function scale(largest: number, from: number, to: number): Scale {
  const ticks = [0, ...[0.001, 0.01, 0.1, 1].filter((_, at, all) => at === 0 || (all[at - 1] ?? 0) < largest)];
  const log = (share: number): number => Math.log10(1 + share / SMALLEST);
  return { at: (share) => from + ((to - from) * log(share)) / log(ticks.at(-1)!), ticks };
}

function table(swept: readonly Swept[], all: readonly Tuned[]): string {
  const head = [...swept.map(({ name }) => name), ...HEADS, ''].map((text) => `<th>${escaped(text)}</th>`).join('');
  const rows = all.map((tuned) => [...tuned.values.map(String), lostText(tuned), throughText(tuned), remarkOf(tuned, all)].map((text) => `<td>${escaped(text)}</td>`).join(''));
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${rows.map((row) => `<tr>${row}</tr>`).join('\n')}\n</tbody></table>`;
}

const fixed = (value: number): string => value.toFixed(1);
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
