/** How commands end: exit codes, and the two endings that are not failures of the work itself. @module */

/** What the process answers; scripts may rely on it. */
export const ExitCode = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  NOT_ADDRESSED: 3,
  NOT_VERIFIED: 4,
  /** 128 + SIGINT, as shells report it. */
  INTERRUPTED: 130,
} as const;

/** One of {@link ExitCode}. */
export type ExitStatus = (typeof ExitCode)[keyof typeof ExitCode];

/** The command line itself is wrong; the message names the argument. Ends with `USAGE`. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** The user asked to stop. Ends with `INTERRUPTED`. */
export class InterruptedError extends Error {
  override readonly name: string = 'InterruptedError';

  constructor() {
    super('interrupted');
  }
}
