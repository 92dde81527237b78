// What a command's exit code tells a script.

export const Exit = {
  ok: 0,
  /** It did not work; stderr says why. */
  failed: 1,
  /** Wrong words on the command line. */
  usage: 2,
  /** It runs already. */
  alreadyRunning: 3,
  /** The configuration cannot be used, or lacks something. */
  configuration: 4,
  /** Ctrl-C, after everything was stopped. */
  interrupted: 130,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];
