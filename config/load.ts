// The only reader of the environment: finds the settings file, fills in defaults and paths, and freezes the result.
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isFault, readJsonc } from './jsonc.ts';
import type { JsoncFault } from './jsonc.ts';
import type { ConfigProblem } from './problem.ts';
import { SettingsSchema } from './schema.ts';
import type { Settings } from './schema.ts';
import { shaped } from './shape.ts';

/** Ours, derived from the wording of 7.8. */
export const SETTINGS_MISSING = 'The settings file is missing. Contact your administrator.';
export const SETTINGS_BROKEN = 'Configuration error in the settings file. Contact your administrator.';

const PRODUCT_DIRECTORY = dirname(import.meta.dirname);

/** Settings with every path absolute, and what the environment tells. Frozen all through. */
export interface Config extends Omit<Settings, 'machine' | 'session' | 'applications' | 'logging'> {
  /** The settings file that was read; null: defaults alone. */
  readonly file: string | null;
  /** TAPLINE_HOME; `.tapline` beside the product if not set. */
  readonly home: string;
  readonly machine: { readonly directory: string };
  readonly session: { readonly directory: string };
  readonly applications: {
    readonly file: string;
    /** A file that takes the place of `file` from the moment on at which there is one; null: none may. */
    readonly overruledBy: string | null;
  };
  readonly logging: { readonly file: string };
  readonly environment: {
    /** Name of the user who runs this process. */
    readonly user: string;
    /** X display, as `:0`. */
    readonly display: string | null;
    /** D-Bus address of the user's session bus. */
    readonly sessionBus: string | null;
  };
}

export interface LoadOptions {
  /** Settings file; else TAPLINE_CONFIG, else `config.json` in the home directory if there is one, else defaults. */
  readonly path?: string | undefined;
  /** For tests and children; the environment of the process if left out. */
  readonly env?: Environment;
}
type Environment = Readonly<Record<string, string | undefined>>;

/** Reads everything once, at start. */
export function loadConfig({ path, env = process.env }: LoadOptions = {}): Config | ConfigProblem {
  const home = homeOf(env);
  const file = settingsFile(home, path ?? env['TAPLINE_CONFIG']);
  const settings = settingsOf(file);
  if (!('value' in settings)) return { ...settings, message: settings.problem === 'missing' ? SETTINGS_MISSING : SETTINGS_BROKEN };
  return frozen(completed(settings.value, { file, home, env }));
}

/** Defaults alone: enough to tell a person that the settings cannot be used. */
export function defaultConfig(env: Environment = process.env): Config {
  return frozen(completed(SettingsSchema.parse({}), { file: null, home: homeOf(env), env }));
}

const homeOf = (env: Environment): string => resolve(env['TAPLINE_HOME'] || join(PRODUCT_DIRECTORY, '.tapline'));

function settingsFile(home: string, named: string | undefined): string | null {
  if (named) return resolve(named);
  const usual = join(home, 'config.json');
  return existsSync(usual) ? usual : null;
}

function settingsOf(file: string | null): { readonly value: Settings } | JsoncFault {
  if (file === null) return { value: SettingsSchema.parse({}) };
  const read = readJsonc(file);
  return isFault(read) ? read : shaped(read, SettingsSchema);
}

interface Surroundings {
  readonly file: string | null;
  readonly home: string;
  readonly env: Environment;
}

function completed(settings: Settings, { file, home, env }: Surroundings): Config {
  const user = env['USER'] || env['USERNAME'] || userInfo().username;
  const base = file === null ? home : dirname(file);
  const at = (given: string | null, usual: string) => (given === null ? usual : resolve(base, given));
  const beside = (name: string) => (existsSync(join(base, name)) ? join(base, name) : join(import.meta.dirname, name));
  const { nes, machine, session, applications, logging } = settings;
  return {
    ...settings,
    nes: {
      ...nes,
      caFile: nes.caFile === null ? null : resolve(base, nes.caFile),
      login: nes.login === null ? null : { ...nes.login, passwordFile: resolve(base, nes.login.passwordFile) },
    },
    file,
    home,
    machine: { directory: at(machine.directory, join(home, 'machine')) },
    session: { directory: at(session.directory, join(home, `session-${user.replace(/[^\w.-]/g, '_')}`)) },
    applications: rulesIn(base, applications.file),
    logging: { file: at(logging.file, beside('logging.json')) },
    environment: { user, display: env['DISPLAY'] || null, sessionBus: env['DBUS_SESSION_BUS_ADDRESS'] || null },
  };
}

/** The file that comes with the product holds only until somebody puts one beside the settings. */
function rulesIn(base: string, given: string | null): Config['applications'] {
  const own = resolve(base, given ?? 'appsettings.json');
  return given !== null || existsSync(own) ? { file: own, overruledBy: null } : { file: join(import.meta.dirname, 'appsettings.json'), overruledBy: own };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
