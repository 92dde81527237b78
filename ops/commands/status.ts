// `npm run status`: what runs, and whether it is ready, which pm2 alone cannot tell.
import type { Zone } from '../../contracts/actors.ts';
import type { AppStatus } from '../../supervisor/fleet.ts';
import { Exit } from '../exit.ts';
import { gaveUp } from '../failure.ts';
import { fleetOf } from '../fleet-of.ts';
import { findLab } from '../lab/control.ts';
import type { Paint, Terminal } from '../terminal.ts';

export interface StatusOptions {
  readonly json: boolean;
  readonly zone?: Zone | undefined;
}

const MEGABYTE = 1_000_000;

/** 0: every actor is ready, 1: not. */
export async function status({ json, zone }: StatusOptions, terminal: Terminal): Promise<Exit> {
  try {
    const fleet = fleetOf(zone, terminal.progress);
    const apps = await fleet.status();
    const isReady = apps.every(({ ready }) => ready);
    if (json) terminal.print(JSON.stringify({ ready: isReady, home: fleet.config.home, apps }));
    else {
      table(apps, terminal.paint).forEach(terminal.print);
      if (apps.every(({ state }) => state === 'absent')) terminal.note(nothingRuns(fleet.config.home));
      else if (!isReady) terminal.note(`What an actor says of itself is below ${fleet.config.machine.directory}/logs and ${fleet.config.session.directory}/logs.`);
    }
    return isReady ? Exit.ok : Exit.failed;
  } catch (error) {
    return gaveUp(error, terminal, 'Check the files with `npm run tapline -- config check`.');
  }
}

function nothingRuns(home: string): string {
  const lab = findLab(home);
  return lab === null ? 'Nothing runs. Start with `npm start`, or play with `npm run lab`.' : `A lab runs; look at its actors with: TAPLINE_HOME=${lab.dir} npm run status`;
}

const COLUMNS: readonly { readonly title: string; readonly cell: (app: AppStatus) => string; readonly alignRight?: boolean }[] = [
  { title: 'actor', cell: ({ name }) => name },
  { title: 'zone', cell: ({ zone }) => zone },
  { title: 'pid', cell: ({ pid }) => String(pid ?? '-'), alignRight: true },
  { title: 'state', cell: ({ state }) => state },
  { title: 'ready', cell: ({ ready }) => (ready ? 'yes' : 'no') },
  { title: 'restarts', cell: ({ restarts }) => String(restarts), alignRight: true },
  { title: 'up', cell: ({ uptimeMs }) => since(uptimeMs), alignRight: true },
  { title: 'memory', cell: ({ memoryBytes }) => (memoryBytes === 0 ? '-' : `${Math.round(memoryBytes / MEGABYTE)} MB`), alignRight: true },
];

function table(apps: readonly AppStatus[], paint: Paint): string[] {
  const cells = [COLUMNS.map(({ title }) => title), ...apps.map((app) => COLUMNS.map(({ cell }) => cell(app)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const padded = (text: string, column: number): string => (COLUMNS[column]!.alignRight ? text.padStart(widths[column]!) : text.padEnd(widths[column]!));
  const lines = cells.map((row) => row.map(padded).join('  ').trimEnd());
  return lines.map((line, row) => (row === 0 ? paint('dim', line) : paint(colourOf(apps[row - 1]!), line)));
}

function colourOf({ ready, state }: AppStatus): Parameters<Paint>[0] {
  if (ready) return 'green';
  return state === 'absent' || state === 'stopped' ? 'dim' : 'red';
}

function since(ms: number): string {
  if (ms === 0) return '-';
  const seconds = Math.floor(ms / 1000);
  const units = [[86_400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']] as const;
  const [size, unit] = units.find(([unitSeconds]) => seconds >= unitSeconds) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}
