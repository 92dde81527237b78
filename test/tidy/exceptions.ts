// What may break a rule of tidy, and why. One that nothing needs any more fails the test.

export interface Exception {
  readonly rule: string;
  readonly path: string;
  readonly why: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  { rule: 'only config/load.ts reads the environment for settings', path: 'supervisor/fleet.ts', why: 'hands the environment on to pm2, and reads no setting from it' },
  { rule: 'only config/load.ts reads the environment for settings', path: 'supervisor/ecosystem.ts', why: 'hands the environment on to pm2, and reads no setting from it' },
  { rule: 'only the platform names an operating system', path: 'supervisor/environment.ts', why: 'which variables lead to the desktop differs; they are handed on, not read' },
  { rule: 'only the platform names an operating system', path: 'supervisor/topology.ts', why: 'pm2 stops a process by a message on Windows, by a signal elsewhere' },
  { rule: 'only the platform names an operating system', path: 'supervisor/ready.ts', why: 'whether a process is defunct can be read on Linux alone' },
  { rule: 'only the platform names an operating system', path: 'supervisor/checks.ts', why: 'only where sockets are files has their path a bound' },
  { rule: 'a pure file is not asynchronous', path: 'insight/replay.ts', why: 'takes entries as fast as they are read; what it yields depends on them alone' },
];
