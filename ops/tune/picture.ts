// A tuning as one page without anything from elsewhere: lost against let through, a point for each combination, and the table.
import type { Swept } from './sweep.ts';
import { HEADS, isOnFront, lostShare, lostText, remarkOf, throughShare, throughText, type Tuned } from './told.ts';

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 70;
const BOTTOM = 390;
const TOP = 24;
const RIGHT = 730;
/** Points of a small grid have their values beside them; more would lie over each other. */
const NAMED_MAX = 24;

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
  'svg{width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}.axis{stroke:var(--line)}.way{stroke:var(--line);fill:none}',
  '.point{fill:var(--back);stroke:var(--front);stroke-width:1.5}.front{fill:var(--front)}.recorded{fill:none;stroke:var(--ink);stroke-width:1.5}',
  'table{border-collapse:collapse}th,td{text-align:right;padding:.2rem .8rem;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:500}td:last-child{text-align:left;color:var(--soft)}',
].join('\n');

function chart(swept: readonly Swept[], all: readonly Tuned[]): string {
  const scaleX = scale(all.map(lostShare), LEFT, RIGHT);
  const scaleY = scale(all.map(throughShare), BOTTOM, TOP);
  const at = (tuned: Tuned): readonly [number, number] => [scaleX.at(lostShare(tuned)), scaleY.at(throughShare(tuned))];
  const way = swept.length === 1 ? `<polyline class="way" points="${all.map((tuned) => at(tuned).map(fixed).join(',')).join(' ')}"/>` : '';
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Spurious taps let through against meant taps lost">`,
    ...scaleX.ticks.map((share) => `<line class="axis" x1="${fixed(scaleX.at(share))}" x2="${fixed(scaleX.at(share))}" y1="${TOP}" y2="${BOTTOM}"/><text x="${fixed(scaleX.at(share))}" y="${BOTTOM + 18}" text-anchor="middle">${percent(share)}</text>`),
    ...scaleY.ticks.map((share) => `<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${fixed(scaleY.at(share))}" y2="${fixed(scaleY.at(share))}"/><text x="${LEFT - 8}" y="${fixed(scaleY.at(share) + 4)}" text-anchor="end">${percent(share)}</text>`),
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${HEADS[0]}</text><text x="${LEFT}" y="${TOP - 10}">${HEADS[1]}</text>`,
    way,
    ...all.map((tuned) => point(tuned, at(tuned), { swept, all })),
    '</svg>',
  ].join('\n');
}

function point(tuned: Tuned, [x, y]: readonly [number, number], { swept, all }: Pick<Picture, 'swept' | 'all'>): string {
  const what = swept.map(({ name }, column) => `${name}=${tuned.values[column]}`).join(', ');
  const title = `<title>${escaped(`${what}: lost ${lostText(tuned)}, let through ${throughText(tuned)}`)}</title>`;
  const ring = tuned.isRecorded ? `<circle class="recorded" cx="${fixed(x)}" cy="${fixed(y)}" r="9"/>` : '';
  const name = all.length <= NAMED_MAX ? `<text x="${fixed(x + 8)}" y="${fixed(y - 7)}">${tuned.values.join(' ')}</text>` : '';
  return `${ring}<circle class="point${isOnFront(tuned, all) ? ' front' : ''}" cx="${fixed(x)}" cy="${fixed(y)}" r="5">${title}</circle>${name}`;
}

interface Scale {
  readonly at: (share: number) => number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number above the largest share, in four steps. */
function scale(shares: readonly number[], from: number, to: number): Scale {
  const largest = Math.max(...shares, 0.0001);
  const unit = 10 ** Math.floor(Math.log10(largest));
  const top = unit * ([1, 2, 4, 10].find((times) => unit * times >= largest) ?? 10);
  return { at: (share) => from + ((to - from) * share) / top, ticks: [0, 1, 2, 3, 4].map((step) => (top * step) / 4) };
}

function table(swept: readonly Swept[], all: readonly Tuned[]): string {
  const head = [...swept.map(({ name }) => name), ...HEADS, ''].map((text) => `<th>${escaped(text)}</th>`).join('');
  const rows = all.map((tuned) => [...tuned.values.map(String), lostText(tuned), throughText(tuned), remarkOf(tuned, all)].map((text) => `<td>${escaped(text)}</td>`).join(''));
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${rows.map((row) => `<tr>${row}</tr>`).join('\n')}\n</tbody></table>`;
}

const fixed = (value: number): string => value.toFixed(1);
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
