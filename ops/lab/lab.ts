// The whole lab: a NES, a Nymi Agent, a desktop with something to sign in to, and a settings file that points to them.
// Nothing of it pretends to be secure; all of it speaks over real sockets.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/schema.ts';
import { serveDesktop, type DesktopServer } from '../../platform/virtual/server.ts';
import { startDesktop, type LabDesktop } from './desktop.ts';
import { startNes, type Nes } from './nes/server.ts';
import { startNymiAgent, type NymiAgent } from './nymi-agent/server.ts';
import { startPages, type Pages } from './pages/server.ts';
import type { LabPeople } from './people.ts';

/** The lab's machines, by what the configuration calls them. */
export interface Lab {
  readonly dir: string;
  readonly nes: Nes;
  readonly agent: NymiAgent;
  /** One of the two is there. */
  readonly virtual: DesktopServer | null;
  readonly x11: LabDesktop | null;
  readonly pages: Pages;
  /** Settings for actors that work with this lab. */
  readonly settingsFile: string;
  /** Environment for processes on the lab's desktop. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export type LabSettings = { readonly [K in keyof Settings]?: Settings[K] extends object ? Partial<Settings[K]> : Settings[K] };

export interface LabOptions {
  /** Everything that the lab writes lies below it. */
  readonly dir: string;
  readonly desktop: 'virtual' | 'x11';
  readonly settings?: LabSettings;
  /** Who works there; those of the lab if not given. */
  readonly people?: LabPeople;
  /** As of `DesktopOptions`. */
  readonly windowManager?: boolean;
}

/** Starts the lab. Whatever was started is stopped again if a part fails. */
export async function startLab({ dir, desktop, settings = {}, people, windowManager = false }: LabOptions): Promise<Lab> {
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  const opened = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const part = await opening;
    closers.push(() => part.close());
    return part;
  };
  try {
    const nes = await opened(startNes({ dir: join(dir, 'nes'), ...(people === undefined ? {} : { people }) }));
    const agent = await opened(startNymiAgent({ people: nes.people.all }));
    const pages = await opened(startPages());
    const virtual = desktop === 'virtual' ? await opened(serveDesktop()) : null;
    const x11 = desktop === 'x11' ? await opened(startDesktop({ dir, windowManager })) : null;
    const settingsFile = join(dir, 'config.json');
    writeFileSync(settingsFile, JSON.stringify(settingsFor({ nes, agent, virtual, dir }, settings), null, 2));
    return { dir, nes, agent, pages, virtual, x11, settingsFile, environment: x11?.environment ?? {}, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function settingsFor({ nes, agent, virtual, dir }: Pick<Lab, 'nes' | 'agent' | 'virtual' | 'dir'>, more: LabSettings): object {
  return {
    ...more,
    nes: { url: nes.url, caFile: nes.caFile, login: { kind: 'basic', user: nes.user, passwordFile: nes.passwordFile }, ...more.nes },
    agent: { url: agent.url, endpointId: '127.0.0.1', ...more.agent },
    desktop: virtual === null ? { kind: 'x11' } : { kind: 'virtual', endpoint: virtual.endpoint },
    machine: { directory: join(dir, 'machine'), ...more.machine },
    session: { directory: join(dir, 'session'), ...more.session },
  };
}
