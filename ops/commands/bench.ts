// `tapline bench`: figures of this machine, each as a ratio to a yardstick that runs beside it, or in its own unit.
import type { BusFigures } from '../bench/bus.ts';
import type { FillFigures, FillOf } from '../bench/fill.ts';
import type { JudgementFigures } from '../bench/judgement.ts';
import type { ListenerFigures } from '../bench/listener.ts';
import type { MemoryFigures } from '../bench/memory.ts';
import type { PeerOf, PeersFigures } from '../bench/peers.ts';
import type { ReadyFigures } from '../bench/ready.ts';
import type { ReplayFigures } from '../bench/replay.ts';
import type { TapFigures } from '../bench/tap.ts';

interface Figures {
  bus: BusFigures;
  tap: TapFigures;
  fill: FillFigures;
  peers: PeersFigures;
  ready: ReadyFigures;
  memory: MemoryFigures;
  replay: ReplayFigures;
  listener: ListenerFigures;
  judgement: JudgementFigures;
}
type Key = keyof Figures;

const BENCHES: { readonly [K in Key]: (progress: (text: string) => void) => Promise<Figures[K]> } = {
  bus: async (progress) => (await import('../bench/bus.ts')).benchBus(progress),
  tap: async (progress) => (await import('../bench/tap.ts')).benchTap(progress),
  fill: async (progress) => (await import('../bench/fill.ts')).benchFill(progress),
  peers: async (progress) => (await import('../bench/peers.ts')).benchPeers(progress),
  ready: async (progress) => (await import('../bench/ready.ts')).benchReady(progress),
  memory: async (progress) => (await import('../bench/memory.ts')).benchMemory(progress),
  replay: async (progress) => (await import('../bench/replay.ts')).benchReplay(progress),
  listener: async (progress) => (await import('../bench/listener.ts')).benchListener(progress),
  judgement: async (progress) => (await import('../bench/judgement.ts')).benchJudgement(progress),
};
const KEYS = Object.keys(BENCHES) as Key[];

/** Exit code 0; 2 for an unknown key. `--json` ends with one line that holds every figure. */
export async function bench({ json, only }: { json: boolean; only?: string }, print: (line: string) => void): Promise<number> {
  const wanted = only === undefined ? KEYS : only.split(',').map((key) => key.trim());
  const unknown = wanted.find((key) => !(KEYS as string[]).includes(key));
  if (unknown !== undefined) {
    process.stderr.write(`There is no figure "${unknown}". Known: ${KEYS.join(', ')}.\n`);
    return 2;
  }
  const figures: Partial<Record<Key, unknown>> = {};
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  for (const key of KEYS) {
    if (!wanted.includes(key)) continue;
    const figure = await BENCHES[key](progress);
    figures[key] = figure;
    if (!json) for (const line of SENTENCES[key](figure as never)) print(line);
  }
  if (json) print(JSON.stringify(figures, rounded));
  return 0;
}

const SENTENCES: { readonly [K in Key]: (figures: Figures[K]) => string[] } = {
  bus: ({ ratioP50, oursUsP50, bareUsP50 }) => [
    `bus     one request and reply ${oursUsP50.toFixed(0)} µs, bare sockets ${bareUsP50.toFixed(0)} µs: ${ratioP50.toFixed(2)} times at p50 (at most 1.5)`,
  ],
  tap: ({ bareMsP50, leastMsP50, compact, ...separate }) => [
    ...tapLines('tap     a process an actor', separate),
    ...tapLines('        a process a zone', compact),
    `        the same ways between bare sockets ${bareMsP50.toFixed(1)} ms, with what the libraries do ${leastMsP50.toFixed(1)} ms: ` +
      `${(separate.ownMsP50 / leastMsP50).toFixed(2)} and ${(compact.ownMsP50 / leastMsP50).toFixed(2)} times that`,
  ],
  fill: ({ missing, ...places }) => [
    'fill    from the commit of a tap to its verified fill, on a real desktop',
    ...Object.entries(places).flatMap(([place, figures]) => (figures === null ? [] : fillLines(place, figures))),
    ...(places.chromium === null ? [] : [`        the same keys alone, one by one into that Chromium, ${places.chromium.msBareP50.toFixed(1)} ms: ${
      (places.chromium.msP50 / places.chromium.msBareP50).toFixed(2)} times that`]),
    ...toInstall(missing),
  ],
  peers: ({ missing, ours, xdotool, keepassxc }) => [
    ...peer('peers', 'ours, from the commit of the tap', ours),
    ...(ours === null ? [] : [`        until the tap has ended as a verified fill ${ours.msVerified.toFixed(0)} ms${
      Object.keys(ours.notFilled).length === 0 ? '' : `; not filled: ${JSON.stringify(ours.notFilled)}`}`]),
    ...peer('', 'xdotool type --delay 0', xdotool),
    ...peer('', 'KeePassXC, its default delays', keepassxc),
    ...peer('', 'KeePassXC, without delays', keepassxc?.fastest ?? null),
    ...toInstall(missing),
  ],
  ready: ({ ms, bareMs, ratio }) => [
    `ready   ${ms.toFixed(0)} ms from start to all ready, bare processes ${bareMs.toFixed(0)} ms: ${ratio.toFixed(2)} times (at most 1.5)`,
  ],
  memory: ({ separate, compact }) => [
    `memory  a process an actor: ${Object.entries(separate).map(([actor, mb]) => `${actor} ${mb}`).join(', ')} MB`,
    `        a process a zone: ${Object.entries(compact).map(([zone, mb]) => `${zone} ${mb}`).join(', ')} MB (session: median of 20, at most 50)`,
  ],
  replay: ({ eventsPerSecond, ratioToRead, peakMB, peakMBOfATenth, rawEvents, fileMB }) => [
    `replay  ${eventsPerSecond.toFixed(0)} raw events a second, ${ratioToRead.toFixed(2)} times merely reading the file (at most 3)`,
    `        peak of memory ${peakMB.toFixed(0)} MB with ${rawEvents} events in ${fileMB.toFixed(0)} MB, ${peakMBOfATenth.toFixed(0)} MB with a tenth of them`,
  ],
  listener: ({ msP50, msP99, taps }) => [
    `listener  ${msP50.toFixed(3)} ms at p50, ${msP99.toFixed(3)} ms at p99 from the Agent's frame to tap.accepted, of ${taps} taps`,
  ],
  judgement: (figures) => Object.entries(figures).map(([kind, { meantLost, meant, spuriousAccepted, spurious, events }]) =>
    `${kind === 'normal' ? 'judgement' : '         '}  ${kind.padEnd(10)}  lost ${meantLost} of ${meant} meant, let through ${spuriousAccepted} of ${spurious} spurious, in ${events} raw events`),
};

function tapLines(head: string, { ownMsP50, ownMsP99, taps, filled, notFilled, stagesMsP50 }: TapFigures['compact']): string[] {
  return [
    `${head.padEnd(27)} ${ownMsP50.toFixed(1)} ms of our own at p50 (at most 8), ${ownMsP99.toFixed(1)} ms at p99 (at most 25); ` +
      filledOf({ taps, filled, notFilled }),
    `        ends of stages at p50: ${Object.entries(stagesMsP50).map(([stage, ms]) => `${stage} ${ms.toFixed(1)}`).join(', ')} ms`,
  ];
}

const filledOf = ({ taps, filled, notFilled }: Pick<FillOf, 'taps' | 'filled' | 'notFilled'>): string =>
  `${filled} of ${taps} taps filled${filled < taps ? ` (${JSON.stringify(notFilled)})` : ''}`;

/** Bounds at p50 and at p95. */
const FILL_MS: Readonly<Record<string, readonly [string, string]>> = { chromium: [' (at most 60)', ' (at most 120)'], gtk3: [' (at most 50)', ''], qt5: [' (at most 30)', ''] };

function fillLines(place: string, { msP50, msP95, msToBeginP50, taps, filled, notFilled }: FillOf): string[] {
  const [most, mostP95] = FILL_MS[place] ?? ['', ''];
  return [
    `        ${place.padEnd(8)}  ${msP50.toFixed(1)} ms at p50${most}, ${msP95.toFixed(1)} ms at p95${mostP95}, of which ${msToBeginP50.toFixed(1)} ms ` +
      `until the injector begins; ${filledOf({ taps, filled, notFilled })}`,
  ];
}

const peer = (head: string, name: string, figures: PeerOf | null): string[] =>
  figures === null ? [] : [
    `${head.padEnd(8)}${name.padEnd(33)} ${figures.ms.toFixed(0).padStart(5)} ms until the last character is in the page (median; ${figures.runsRight} of ${figures.runs} right); ` +
      `beyond ASCII ${figures.rightOf1000} of 1,000 characters right, ${figures.textsRight} of ${figures.texts} passwords whole, ${figures.textsEmpty} untouched`,
  ];

const toInstall = (packages: readonly string[]): string[] =>
  packages.length === 0 ? [] : [`        for the rest: apt-get install -y -q --no-install-recommends ${packages.join(' ')}`];

const rounded = (_key: string, value: unknown): unknown => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
