// What actors see of the environment: names of files, of the user and of the desktop. pm2 shows and stores it all, so that
// nothing secret may be among it, and nothing comes along that is not listed here.

const ANYWHERE = ['PATH', 'HOME', 'USER', 'LANG', 'TAPLINE_HOME', 'TAPLINE_CONFIG', 'NODE_COMPILE_CACHE'] as const;
const LINUX = ['DISPLAY', 'XAUTHORITY', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'] as const;
const WINDOWS = ['SystemRoot', 'USERNAME', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'TEMP'] as const;

export const PASSED: readonly string[] = [...ANYWHERE, ...(process.platform === 'win32' ? WINDOWS : LINUX)];

/** Values of the passed names; the first source that has one counts. */
export function passed(...sources: readonly Readonly<Record<string, string | undefined>>[]): Record<string, string> {
  const valueOf = (name: string): string | undefined => sources.find((source) => source[name])?.[name];
  return Object.fromEntries(PASSED.flatMap((name) => {
    const value = valueOf(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
