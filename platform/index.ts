// The one place that names an operating system: picks the adapter that the configuration asks for.
import type { Act, Look, Show, ShowOptions, Trace } from './port.ts';

export const DesktopKind = { x11: 'x11', virtual: 'virtual' } as const;
export type DesktopKind = (typeof DesktopKind)[keyof typeof DesktopKind];

/** Where the desktop is. `x11` needs `display` and the session bus; `virtual` needs `endpoint`. */
export interface DesktopAddress {
  readonly kind: DesktopKind;
  /** X display, as `:0`. */
  readonly display?: string | undefined;
  /** D-Bus address of the user's session bus. */
  readonly sessionBus?: string | undefined;
  /** WebSocket URL of a virtual desktop. */
  readonly endpoint?: string | undefined;
}

export interface Platform {
  look(address: DesktopAddress): Promise<Look>;
  act(address: DesktopAddress, trace: Trace): Promise<Act>;
  show(address: DesktopAddress, options?: ShowOptions): Promise<Show>;
}

const ADAPTERS: Record<DesktopKind, () => Promise<{ platform: Platform }>> = {
  x11: () => import('./linux/platform.ts'),
  virtual: () => import('./virtual/platform.ts'),
};

export { callerUid } from './linux/caller.ts';

/** Loads the adapter of that kind; its native libraries are loaded by the first call of `look`, `act` or `show`. */
export async function platformFor(address: DesktopAddress): Promise<Platform> {
  const { platform } = await ADAPTERS[address.kind]();
  return platform;
}
