// Which Debian packages a real desktop needs: what the lab runs on it, and what only tests open there.
import { existsSync } from 'node:fs';
import { LIBRARY_PACKAGES } from '../../../platform/linux/library.ts';
import { findProgram } from './processes.ts';

const LIBRARY_FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];
const PYTHON_FOLDER = '/usr/lib/python3/dist-packages';

type Need = readonly [name: string, present: () => boolean];

const DESKTOP: readonly Need[] = [
  ['xvfb', () => process.platform !== 'linux' || program('Xvfb')],
  ['dbus', () => program('dbus-daemon')],
  ['at-spi2-core', () => existsSync('/usr/share/dbus-1/services/org.a11y.Bus.service')],
  ['chromium', () => program('chromium')],
  ...Object.entries(LIBRARY_PACKAGES).map(([file, name]): Need => [name, () => library(file)]),
];

const TOOLKITS: readonly Need[] = [
  ['firefox-esr', () => program('firefox-esr')],
  ['python3-gi', () => existsSync(`${PYTHON_FOLDER}/gi`)],
  ['gir1.2-gtk-3.0', () => library('girepository-1.0/Gtk-3.0.typelib')],
  ['gir1.2-gtk-4.0', () => library('girepository-1.0/Gtk-4.0.typelib')],
  ['ibus-gtk3', () => library('gtk-3.0/3.0.0/immodules/im-ibus.so')],
  ['ibus-hangul', () => existsSync('/usr/share/ibus/component/hangul.xml')],
  ['python3-pyqt5', () => existsSync(`${PYTHON_FOLDER}/PyQt5`)],
];

/** Debian packages that a real desktop with Chromium needs and this machine lacks. */
export const desktopMissing = (): string[] => missingOf(DESKTOP);

/** Debian packages that Firefox and the native dialogs need beside it and this machine lacks. */
export const toolkitsMissing = (): string[] => missingOf(TOOLKITS);

const missingOf = (needs: readonly Need[]): string[] => needs.filter(([, present]) => !present()).map(([name]) => name);

const program = (name: string): boolean => findProgram(name) !== null;

const library = (name: string): boolean => LIBRARY_FOLDERS.some((folder) => existsSync(`${folder}/${name}`));
