// The Linux desktop: X11 for windows and keys, AT-SPI for what is inside of them.
import type { Platform } from '../index.ts';
import { openAct } from './act.ts';
import { openAccessibility } from './atspi.ts';
import { openInputMethods } from './input-method.ts';
import { openLook } from './look.ts';
import { NoDisplayError } from './x-keyboard.ts';
import { X11 } from './x11.ts';
import type { DesktopAddress } from '../index.ts';
import type { Accessibility } from './atspi.ts';

/** `look` and `act` throw `NoDisplayError` or `BusError` where the desktop cannot be reached, `MissingLibraryError` where a library is missing. */
export const platform: Platform = {
  look: async (address) => openLook(...(await connect(address))),
  act: async (address, trace) => {
    const [x11, a11y] = await connect(address);
    return openAct(x11, a11y, await openInputMethods(x11, address.sessionBus ?? ''), trace);
  },
  show: async (address, options) => (await import('./show.ts')).openShow(address, options),
};

async function connect(address: DesktopAddress): Promise<[X11, Accessibility]> {
  if (address.display === undefined || address.sessionBus === undefined) {
    throw new NoDisplayError('the address of an X11 desktop needs a display and a session bus');
  }
  const x11 = new X11(address.display);
  try {
    return [x11, await openAccessibility(address.sessionBus)];
  } catch (error) {
    x11.close();
    throw error;
  }
}
