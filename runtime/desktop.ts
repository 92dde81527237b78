// Which desktop the configuration means.
import type { Config } from '../config/load.ts';

/** Address for `platformFor`; `auto` is the X display of the environment, or else the virtual desktop that is configured. */
export function desktopAddress({ desktop, environment }: Pick<Config, 'desktop' | 'environment'>) {
  const virtual = desktop.kind === 'virtual' || (desktop.kind === 'auto' && environment.display === null);
  return {
    kind: virtual ? ('virtual' as const) : ('x11' as const),
    display: environment.display ?? undefined,
    sessionBus: environment.sessionBus ?? undefined,
    endpoint: desktop.endpoint ?? undefined,
  };
}
