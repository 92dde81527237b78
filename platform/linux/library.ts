// Shared libraries of the system: one that is missing is told of by its name, and by that of its package.
import * as koffi from 'koffi';
import { MissingLibraryError } from '../port.ts';

/** Debian packages of what the adapter cannot do without, by file. */
export const LIBRARY_PACKAGES: Readonly<Record<string, string>> = {
  'libX11.so.6': 'libx11-6', 'libX11-xcb.so.1': 'libx11-xcb1', 'libxcb.so.1': 'libxcb1', 'libXext.so.6': 'libxext6', 'libXtst.so.6': 'libxtst6',
};

/** Throws `MissingLibraryError`. */
export function library(file: string): koffi.LibraryHandle {
  try {
    return koffi.load(file);
  } catch {
    throw new MissingLibraryError(file, LIBRARY_PACKAGES[file]);
  }
}
